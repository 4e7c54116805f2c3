"""What a measured machine lets expect of a cluster of such machines: arithmetic, nothing that was tried.

Work is counted in processor time: neighbours disturb it less than wall time, and with one thread for each process both are nearly the same.
"""

import dataclasses
import math
import statistics

from reglow_perf import watch

# Of each image: two files are made and renamed, and its input is read twice, for its hash and to be solved.
NAMES = 4
READINGS = 2
KINDS = ("faces", "photos")


@dataclasses.dataclass(frozen=True)
class Cluster:
    """`threads` are those of a shard, so that a node works on cores / threads of them at once; `rounds` is how many it does in turn.

    `names` is how many files the shared storage can make or rename in a second, `bandwidth` its bytes in a second, `task_seconds` what the
    queue takes to start a task, one after another.
    """

    nodes: int = 1
    cores: int = 16
    threads: int = 16
    rounds: int = 1
    names: float = 2000
    bandwidth: float = 1e9
    task_seconds: float = 0.2

    @property
    def at_once(self) -> int:
        return self.nodes * max(1, self.cores // self.threads)

    @property
    def shards(self) -> int:
        return self.at_once * self.rounds


def work(load: dict) -> list[float]:
    """Processor seconds for each image, of each run."""
    return [sum(each["processor"] for each in run["processes"]) / load["images"] for run in load["runs"]]


def least(usages: list[dict], name: str = "processor") -> float:
    return min(usage[name] for usage in usages)


def spread(load: dict) -> float:
    """Standard deviation of the evaluations over their mean."""
    return statistics.pstdev(load["evaluations"]) / statistics.fmean(load["evaluations"])


@dataclasses.dataclass(frozen=True)
class Machine:
    """What does not belong to one problem, in processor seconds.

    `start` is that of a process. For each entry of the list, `listing` is to read it, `dividing` to divide it, in the first process, and
    `checking` to look at it again at the end; `entry` are its bytes in the list, `memory` those in each process. `serial` is, for each kind
    of image, the part of the work that the threads of a process do not share; a kind that is missing was not compared on a quiet machine.
    """

    start: float
    listing: float
    dividing: float
    checking: float
    entry: float
    memory: float
    serial: dict[str, float]

    @staticmethod
    def of(report: dict) -> "Machine":
        known, entries, around = report["list"], report["list"]["entries"], report["around"]
        start, later = least(report["start"]), least(known["later"])
        checking = least(around["all"]["merges"]) - least(around["one"]["merges"])
        return Machine(
            start=start,
            listing=max(0.0, later - start) / entries,
            dividing=max(0.0, known["first"]["processor"] - later) / entries,
            checking=max(0.0, checking) / (around["images"] - 1),
            entry=known["bytes"] / entries,
            memory=max(0, least(known["later"], "memory") - around["one"]["short"]["memory"]) / entries,
            serial={kind: share for kind in KINDS if (share := serial_share(report, kind)) is not None},
        )

    def efficiency(self, kind: str, threads: int) -> float:
        """Of the threads of one process, by Amdahl's law; 1 where nothing is known."""
        return 1 / (1 + self.serial.get(kind, 0) * (threads - 1))


def together(load: dict) -> tuple[float, float]:
    """Wall time of all processors: as many processes of one thread, and one process of as many threads. The least of the runs."""
    apart = min(max(each["seconds"] for each in run["processes"]) for run in load["runs"])
    return apart, min(run["processes"][0]["seconds"] for run in load["together"])


def serial_share(report: dict, kind: str) -> float | None:
    """The part of the work that the threads of a process do not share, from its loss against processes of one thread each.

    None where there were no quiet runs of both.
    """
    for load in report["loads"]:
        runs = {name: [run for run in load.get(name, []) if watch.is_quiet(run)] for name in ("runs", "together")}
        if load["kind"] == kind and all(runs.values()):
            count = len(load["runs"][0]["processes"])
            apart, whole = together(load | runs)
            return max(0.0, whole / apart - 1) / max(1, count - 1)
    return None


@dataclasses.dataclass(frozen=True)
class Prediction:
    """Seconds. `wall` is the largest of what the nodes, the storage and the queue need; `limit` says whose it is."""

    shards: int
    images: int
    solving: float
    starting: float
    dividing: float
    queue: float
    uneven: float
    storage: float

    @property
    def nodes(self) -> float:
        return self.dividing + self.queue + self.starting + self.solving + self.uneven

    @property
    def wall(self) -> float:
        return max(self.nodes, self.storage)

    @property
    def limit(self) -> str:
        return "storage" if self.storage > self.nodes else "nodes"


def storage_seconds(load: dict, images: int, cluster: Cluster, entry: float = 0) -> float:
    """What the shared storage needs for all images: the longer of its names and its bytes.

    Each shard reads the whole list, `entry` bytes for each image.
    """
    return images * max(NAMES / cluster.names, (bytes_of(load) + cluster.shards * entry) / cluster.bandwidth)


def bytes_of(load: dict) -> float:
    """Read and written for each image."""
    return READINGS * load["bytes"]["input"] + load["bytes"]["output"] + load["bytes"]["record"]


def unevenness(load: dict, images: int, shards: int) -> float:
    """What the last of `shards` of `images` each takes more than their mean, as a part of it.

    The expected largest of normal numbers, by Blom's formula.
    """
    if shards == 1:
        return 0.0
    highest = statistics.NormalDist().inv_cdf((shards - 0.375) / (shards + 0.25))
    return highest * spread(load) / math.sqrt(images)


def predict(load: dict, machine: Machine, images: int, cluster: Cluster) -> Prediction:
    each = math.ceil(images / cluster.shards)
    threads = min(cluster.threads, cluster.cores)
    shard = each * min(work(load)) / (threads * machine.efficiency(load["kind"], threads))
    start = machine.start + machine.listing * images
    rounds = cluster.rounds
    return Prediction(
        shards=cluster.shards,
        images=each,
        solving=shard * rounds,
        starting=start * rounds,
        dividing=machine.dividing * images if cluster.shards > 1 else 0,
        # The last of the first round waits for all tasks before it; those of later rounds only where the queue is slower than the nodes.
        queue=max(cluster.task_seconds * cluster.at_once, cluster.task_seconds * cluster.shards - (rounds - 1) * (shard + start)),
        # A node that is late takes fewer shards of the later rounds: what is left is that of one.
        uneven=shard * unevenness(load, each, cluster.shards),
        storage=storage_seconds(load, images, cluster, machine.entry),
    )


def storage_limit(load: dict, cluster: Cluster) -> float:
    """So many nodes, each with one process for each core, give the shared storage as much as it can take."""
    return min(work(load)) / (cluster.cores * storage_seconds(load, 1, cluster))
