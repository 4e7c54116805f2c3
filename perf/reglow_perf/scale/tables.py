"""The tables of `scale`, in Markdown."""

import dataclasses
import statistics

from reglow_perf import watch
from reglow_perf.scale import prediction
from reglow_perf.scale.prediction import Cluster, Machine

TITLES = {
    "denoise": "denoising",
    "deblur": "deblurring, uniform 5x5",
    "deblur-window": "deblurring of a window, uniform 5x5",
    "superres-x2": "super-resolution by 2",
    "inpaint-random": "inpainting, 60 % missing",
    "inpaint-hole": "inpainting, hole of 20x20",
    "compressive": "compressive sensing, 1024 numbers",
}
JOBS = {"faces": 1_000_000, "photos": 10_000}
NODES = (1, 4, 16, 64, 256)
# What the division of a large job is shown on.
EXAMPLE = ("faces", "deblur", 64)
ROUNDS = (1, 4)


def table(head: tuple[str, ...], rows: list[list[str]]) -> str:
    lines = [f"| {' | '.join(head)} |", "|" + "---|" * len(head)]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def digits(value: float, count: int = 3) -> str:
    """So many digits that say something, without exponent: 1234567 is 1,230,000."""
    if value == 0:
        return "0"
    rounded = float(f"{value:.{count}g}")
    decimals = max(0, count - len(str(int(abs(rounded)))) if abs(rounded) >= 1 else count + leading_zeros(rounded))
    return f"{rounded:,.{decimals}f}"


def leading_zeros(value: float) -> int:
    return -int(f"{value:e}".split("e")[1]) - 1


def duration(seconds: float) -> str:
    for size, name in ((86400 * 3, "days"), (3600 * 2, "h"), (120, "min")):
        if seconds >= size:
            unit = {"days": 86400, "h": 3600, "min": 60}[name]
            return f"{digits(seconds / unit, 2)} {name}"
    return f"{digits(seconds, 2)} s"


def span(values: list[float], count: int = 3) -> str:
    """Minimum and median."""
    return f"{digits(min(values), count)}, {digits(statistics.median(values), count)}"


def doubts(report: dict) -> str:
    busy = [run for load in report["loads"] for run in [*load["runs"], *load.get("together", [])] if not watch.is_quiet(run)]
    if not busy:
        return "The machine was quiet."
    others = 100 * max(run["others"] for run in busy)
    return (
        f"In {len(busy)} runs it was not quiet: others took up to {others:.0f} % of its processors. Processor times are somewhat too long "
        "then, and the comparison of threads with processes is in doubt."
    )


def measured(report: dict) -> str:
    header, machine = report["header"], Machine.of(report)
    lines = [
        f"{header['date']}: {header['processor']}, {header['processors']} processors, {header['isa']}; runs of each problem: "
        f"{header['repeats']}. {doubts(report)}",
        "",
    ]
    rows = []
    for load in report["loads"]:
        work, evaluations = prediction.work(load), load["evaluations"]
        sizes = load["bytes"]
        rows.append(
            [
                f"{load['size'][1]}x{load['size'][0]}, {TITLES[load['problem']]}",
                str(load["images"]),
                f"{statistics.fmean(evaluations):.0f} ({min(evaluations)} to {max(evaluations)}, {100 * prediction.spread(load):.0f} %)",
                digits(1000 * min(work) / statistics.fmean(evaluations)),
                span(work),
                digits(3600 / min(work)),
                f"{load['psnr']:.2f}" if load["psnr"] is not None else "",
                f"{digits(2 * sizes['input'] / 1000)}, {digits((sizes['output'] + sizes['record']) / 1000)}",
                f"{max(each['memory'] for run in load['runs'] for each in run['processes']) / 1e6:.0f}",
            ]
        )
    head = (
        "",
        "images",
        "evaluations (range, deviation)",
        "ms each",
        "seconds an image",
        "images an hour",
        "PSNR",
        "kB read, written",
        "MB",
    )
    lines += [table(head, rows), "Around the solves:", "", table(("", ""), around(report, machine))]
    return "\n".join(lines)


def around(report: dict, machine: Machine) -> list[list[str]]:
    each = report["around"]
    rest = (each["all"]["short"]["processor"] - each["one"]["short"]["processor"]) / (each["images"] - 1)
    writing = {name: span([1000 * each for each in times], 2) for name, times in report["writing"].items()}
    entries = report["list"]["entries"]
    rows = [
        ["a start that finds all done: wall time", f"{span([each['seconds'] for each in report['start']], 2)} s"],
        [f"each entry of a list of {entries:,}: to read it", f"{digits(1e6 * machine.listing, 2)} us, {digits(machine.memory, 2)} bytes"],
        ["to divide it, in the first of its processes", f"{digits(1e6 * machine.dividing, 2)} us"],
        ["each face of `--merge`: its record, and the hashes of output and input", f"{digits(1000 * machine.checking, 2)} ms"],
        ["each face of a run of `--max-evaluations 1`: all but its solve, and one evaluation", f"{digits(1000 * rest, 2)} ms"],
        ["to write a face, and its record: two fsyncs and a rename each", f"{writing['output']} and {writing['record']} ms"],
    ]
    for load in report["loads"]:
        if "together" in load:
            apart, together = prediction.together(load)
            count = len(load["runs"][0]["processes"])
            memory = max(run["processes"][0]["memory"] for run in load["together"]) / 1e6
            rows.append(
                [
                    f"{load['images']} {load['kind']}, {TITLES[load['problem']]}: {count} processes of one thread, one of {count}",
                    f"{digits(apart)} s, {digits(together)} s ({memory:.0f} MB)",
                ]
            )
    return rows


def planned(report: dict, cluster: Cluster) -> str:
    machine = Machine.of(report)
    lines = [
        f"Nodes of {cluster.cores} cores, each as fast as those above, {shard_words(cluster)}; a shared storage that makes or renames "
        f"{cluster.names:,.0f} files a second and moves {cluster.bandwidth / 1e9:g} GB/s; a queue that takes "
        f"{cluster.task_seconds:g} s for each task. {thread_words(machine, report['header']['processors'])}",
        "",
    ]
    for kind, images in JOBS.items():
        loads = [load for load in report["loads"] if load["kind"] == kind]
        if not loads:
            continue
        height, width = loads[0]["size"]
        lines += [f"{images:,} {kind} of {width}x{height}:", "", jobs_table(loads, machine, images, cluster)]
    found = [load for load in report["loads"] if (load["kind"], load["problem"]) == EXAMPLE[:2]]
    if found:
        lines += [
            f"{JOBS[EXAMPLE[0]]:,} {EXAMPLE[0]}, {TITLES[EXAMPLE[1]]}, on {EXAMPLE[2]} nodes, divided in several ways:",
            "",
            division_table(found[0], machine, JOBS[EXAMPLE[0]], cluster),
            f"Once for the whole job: dividing it, {duration(machine.dividing * JOBS[EXAMPLE[0]])}, which the storage may make many times "
            f"longer; and `--merge`, {duration(machine.checking * JOBS[EXAMPLE[0]])} of processor time, and the reading of every input, "
            "output and record.",
            "",
        ]
    return "\n".join(lines)


def thread_words(machine: Machine, processors: int) -> str:
    known = " and ".join(f"{100 * share:.1f} % ({kind})" for kind, share in machine.serial.items())
    if not known:
        return "Threads of a process are taken to share all of its work: no quiet run has compared them with processes."
    return f"Threads of a process share all of its work but {known}, measured with {processors} and by Amdahl's law with more."


def shard_words(cluster: Cluster) -> str:
    if cluster.threads >= cluster.cores:
        return "one shard a node"
    return f"a shard for each {'core' if cluster.threads == 1 else f'{cluster.threads} cores'}"


def jobs_table(loads: list[dict], machine: Machine, images: int, cluster: Cluster) -> str:
    rows = []
    for load in loads:
        cells = []
        for nodes in NODES:
            found = prediction.predict(load, machine, images, dataclasses.replace(cluster, nodes=nodes))
            cells.append(duration(found.wall) + ("*" if found.limit == "storage" else ""))
        hours = images * min(prediction.work(load)) / 3600
        rows.append([TITLES[load["problem"]], digits(hours), *cells, digits(prediction.storage_limit(load, cluster), 2)])
    head = ("", "core hours", *(f"{nodes} node{'s' if nodes > 1 else ''}" for nodes in NODES), "storage is full with")
    return table(head, rows) + ("\n\\* as long as the storage takes.\n" if any("*" in cell for row in rows for cell in row) else "")


def division_table(load: dict, machine: Machine, images: int, cluster: Cluster) -> str:
    rows = []
    for threads in sorted({cluster.cores, min(4, cluster.cores), 1}, reverse=True):
        for rounds in ROUNDS:
            found = prediction.predict(
                load, machine, images, dataclasses.replace(cluster, nodes=EXAMPLE[2], threads=threads, rounds=rounds)
            )
            parts = (found.solving, found.starting, found.queue, found.uneven, found.storage, found.wall)
            rows.append([str(threads), f"{found.shards:,}", f"{found.images:,}", *map(duration, parts)])
    head = ("threads of a shard", "shards", "images of each", "solving", "starts", "queue", "uneven", "storage alone", "wall time")
    return table(head, rows)
