"""What a machine takes for `reglow batch`: the work of each problem, and all that stands around it."""

import datetime
import hashlib
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from reglow_perf import watch
from reglow_perf.files import ROOT
from reglow_perf.scale import processes, workload
from reglow_perf.scale.workload import Load

# The loads on which one process with all threads is compared with as many processes of one thread.
COMPARED = ("faces deblur", "photos denoise")
STARTS = 7
AROUND = 200
MOST_SHARDS = 65_535
ALONE = ["--threads", "1"]
FEW = [*ALONE, "--max-evaluations", "1"]


def header(reglow: pathlib.Path, settings: dict) -> dict:
    said = subprocess.run([str(reglow), "info", "--json", "-"], capture_output=True, text=True, check=True)
    known = json.loads(said.stdout)
    return {
        "date": datetime.date.today().isoformat(),
        "binary": hashlib.sha256(reglow.read_bytes()).hexdigest()[:16],
        "processor": known["cpu"],
        "isa": known["isa"],
        "processors": len(os.sched_getaffinity(0)),
        **settings,
    }


class Measuring:
    """Works in `folder`, with as many processes at once as there are processors, of one thread each, unless it says otherwise."""

    def __init__(self, reglow: pathlib.Path, folder: pathlib.Path, repeats: int):
        self.reglow, self.folder, self.repeats = reglow, folder, repeats
        self.processors = len(os.sched_getaffinity(0))

    def batch(self, load: Load, jobs: pathlib.Path, output: str, *options: str) -> list[str]:
        return ["batch", str(jobs), "--output", str(jobs.parent / output), *load.options(), *options, "--quiet"]

    def processes(self, load: Load, jobs: pathlib.Path, output: str) -> list[list[str]]:
        """A call for each processor: shards of one folder."""
        count = min(self.processors, load.images)
        return [self.batch(load, jobs, output, *ALONE, "--shard", f"{index + 1}/{count}") for index in range(count)]

    def watched(self, calls: list[list[str]]) -> dict:
        watched = watch.Watch()
        usages = processes.run_at_once(self.reglow, calls)
        report = watched.report()
        return {"processes": [usage.json() for usage in usages], "others": round(report["others"], 3), "stolen": round(report["stolen"], 3)}

    def load(self, load: Load, truths: list[pathlib.Path]) -> dict:
        """The work of a problem: `repeats` runs, after a short one that warms up."""
        jobs = workload.write_list(load, truths, self.reglow, self.folder / load.key.replace(" ", "-"))
        processes.run(self.reglow, *self.batch(load, jobs, "short", *FEW))
        found = {"kind": load.kind, "problem": load.problem, "images": load.images, "runs": []}
        together = []
        for repeat in range(self.repeats):
            found["runs"].append(self.watched(self.processes(load, jobs, f"apart{repeat}")))
            if load.key in COMPARED:
                whole = self.batch(load, jobs, f"together{repeat}", "--threads", str(self.processors))
                together.append(self.watched([whole]))
        if together:
            found["together"] = together
        return found | records(jobs.parent / "apart0", jobs.parent)

    def start(self, face: pathlib.Path) -> list[dict]:
        """Processes that find all done, on a list of one image: from their start to their end."""
        load = Load("faces", "denoise", 1)
        jobs = workload.write_list(load, [face], self.reglow, self.folder / "start")
        call = self.batch(load, jobs, "out", *ALONE)
        processes.run(self.reglow, *call)
        return [processes.run(self.reglow, *call).json() for _ in range(STARTS)]

    def listing(self, face: pathlib.Path, entries: int) -> dict:
        """A few images of a long list: what the first process takes, which divides the list, and what each later one."""
        load = Load("faces", "denoise", 1)
        jobs = workload.write_list(load, [face], self.reglow, self.folder / "list")
        lengthen(jobs, entries)
        shards = min(entries, MOST_SHARDS)
        calls = [self.batch(load, jobs, "out", *FEW, "--shard", f"{index + 1}/{shards}") for index in range(4)]
        first, *later = [processes.run(self.reglow, *call).json() for call in calls]
        return {"entries": entries, "bytes": jobs.stat().st_size, "first": first, "later": later}

    def around(self, face: pathlib.Path, images: int) -> dict:
        """All of a face but its solve, which is one evaluation here, and `--merge`, which looks at each again: of one, and of many."""
        load = Load("faces", "deblur", 1)
        found = {"images": images}
        for count in (1, images):
            jobs = workload.write_list(load, [face], self.reglow, self.folder / f"around-{count}")
            lengthen(jobs, count)
            short = processes.run(self.reglow, *self.batch(load, jobs, "out", *FEW))
            merges = [processes.run(self.reglow, "batch", "--merge", str(jobs.parent / "out"), "--quiet") for _ in range(3)]
            found["one" if count == 1 else "all"] = {"short": short.json(), "merges": [merge.json() for merge in merges]}
        return found

    def writing(self, length: int, count: int = 50) -> list[float]:
        """Seconds for a file of `length` bytes that survives a power cut: written, synchronized, renamed, its folder synchronized."""
        folder = self.folder / "writing"
        folder.mkdir(exist_ok=True)
        data = os.urandom(length)
        return sorted(timed(lambda index=index: write_durably(folder, f"{index}", data)) for index in range(count))


def lengthen(jobs: pathlib.Path, entries: int) -> None:
    """Makes a list of one entry one of so many, all of the same input."""
    entry = json.loads(jobs.read_text())
    jobs.write_text("".join(json.dumps({**entry, "output": f"{index:07}.png"}) + "\n" for index in range(entries)))


def timed(work: Callable[[], None]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def write_durably(folder: pathlib.Path, name: str, data: bytes) -> None:
    with open(folder / f".{name}", "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(folder / f".{name}", folder / name)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def records(output: pathlib.Path, inputs: pathlib.Path) -> dict:
    """What the records beside the outputs say, and how large the files are."""
    files = sorted(output.glob("*.png.json"))
    known = [json.loads(file.read_text()) for file in files]
    cut = [file.name for file, record in zip(files, known) if record["status"] != "done" or not record["complete"]]
    if cut:
        print(f"{output.parent.name}: {len(cut)} of {len(known)} images are not solved to the end", file=sys.stderr)
    qualities = [record["psnr"] for record in known if record.get("psnr") is not None]
    return {
        "size": known[0]["size"],
        "evaluations": [record["evaluations"] for record in known],
        "psnr": round(statistics.fmean(qualities), 2) if qualities else None,
        "bytes": {
            "input": round(statistics.fmean(record["input_bytes"] for record in known)),
            "output": round(statistics.fmean(record["output_bytes"] for record in known)),
            "record": round(statistics.fmean(file.stat().st_size for file in files)),
        },
    }


def measure(
    reglow: pathlib.Path, folder: pathlib.Path, loads: list[Load], truths: dict, entries: int, repeats: int, settings: dict
) -> dict:
    """All of it. `truths` maps the kinds to their images, faces at least."""
    measuring = Measuring(reglow, folder, repeats)
    report = {"header": header(reglow, settings), "start": measuring.start(truths["faces"][0])}
    report["list"] = measuring.listing(truths["faces"][0], entries)
    report["around"] = measuring.around(truths["faces"][0], AROUND)
    report["loads"] = []
    for load in loads:
        print(f"{load.key}: {load.images} images ...", file=sys.stderr, flush=True)
        report["loads"].append(measuring.load(load, truths[load.kind]))
    sizes = report["loads"][0]["bytes"]
    report["writing"] = {name: [round(each, 6) for each in measuring.writing(sizes[name])] for name in ("output", "record")}
    return report


def default_truths(reglow: pathlib.Path, folder: pathlib.Path) -> dict[str, list[pathlib.Path]]:
    """The pictures of the repository."""
    return {
        "faces": [ROOT / "Examples/astronaut-face-64.png"],
        "photos": [workload.write_photograph(ROOT / "Examples/astronaut-512.png", reglow, folder)],
    }
