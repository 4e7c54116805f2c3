"""Seconds until Reglow's image is as good as that of PyTorch's L-BFGS in the end: same model, objective, measurements and machine.

    python -m reglow_perf race FACES... --model FILE --output FOLDER

On each problem and image Reglow (--solver auto, with and without --precision auto and --self-ensemble) and L-BFGS in both
parametrizations, one after the other; then Reglow, in each of its ways, on all images in one call. FOLDER gets results.json (all curves
of PSNR against seconds), table.md and the measurements. Every solve is saved as soon as it is there; the same call again goes on where
it stopped, and one with further images at the end goes on with those. Wants a quiet machine, and says how many solves had less. Build
Reglow first: swift build -c release.
"""

import argparse
import hashlib
import json
import os
import pathlib
import statistics
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from reglow_perf import engine, watch
from reglow_perf.files import image_files, read_json, write
from reglow_perf.peers import variants
from reglow_perf.quality import images, problems, quality_times, timed_peer

OPTIONS = {
    "reglow": [],
    quality_times.MIXED: ["--precision", "auto"],
    quality_times.ENSEMBLE: ["--self-ensemble"],
    quality_times.MIXED_ENSEMBLE: ["--precision", "auto", "--self-ensemble"],
}


def together(solver: str) -> str:
    """The name of its results on all images in one call."""
    return f"{solver}, together"


def solve_with_engine(calls: engine.Engine, problem: str, names: list[str], options: list[str]) -> list[dict]:
    """In one call. Seconds count from when the solver is called, with the model loaded, for all images on one clock.

    With a self-ensemble the image is that of the first solve until the second begins, then its mean with the iterates of the second.
    """
    traces, report = calls.restore(problem, names, "--solver", "auto", *options)
    found = []
    for name, result in zip(names, report["results"]):
        points = [
            [round(float(row["seconds"]), 4), int(row["evaluation"]), float(row["objective"]), round(float(row["psnr"]), 4)]
            for row in traces[name]
        ]
        found.append({"image": name, "evaluations": result["evaluations"], "stop": result["stop"], "points": points})
    return found


class Record:
    """What was solved, kept in results.json of `folder` after every solve.

    `settings` are what it depends on, `images` the digests of the images by name, in their order, which the noise depends on: a
    saved record may have fewer of them. What the solves of PyTorch do not depend on is the binary of Reglow: with another one theirs stay.
    """

    def __init__(self, folder: pathlib.Path, settings: dict, images: dict[str, str]):
        self.file, self.settings, self.images = folder / "results.json", settings, images
        self.results = []
        if self.file.exists():
            saved = read_json(self.file)
            others = saved["settings"] | {"reglow": settings["reglow"]} != settings
            if others or list(images.items())[: len(saved["images"])] != list(saved["images"].items()):
                raise SystemExit(f"{self.file} holds results of other settings or images: choose another output")
            self.results = saved["results"]
            if saved["settings"] != settings:
                self.results = [each for each in self.results if each["solver"] in quality_times.PEERS]
                print(f"{self.file}: of another binary, of which the {len(self.results)} solves of PyTorch stay", file=sys.stderr)

    def of(self, problem: str, solver: str) -> dict[str, dict]:
        """The results by image."""
        return {each["image"]: each for each in self.results if (each["problem"], each["solver"]) == (problem, solver)}

    def measure(self, problem: str, solver: str, names: list[str], work: Callable[[], list[dict]]) -> None:
        """Runs `work`, which solves these images, unless that is done."""
        if all(name in self.of(problem, solver) for name in names):
            return
        watched = watch.Watch()
        found = work()
        seen = watched.report()
        # Those of fewer images in one call give way.
        self.results = [
            each for each in self.results if (each["problem"], each["solver"]) != (problem, solver) or each["image"] not in names
        ]
        self.results += [{"problem": problem, "solver": solver, "watch": seen} | each for each in found]
        self.save([])
        psnr = statistics.fmean(each["points"][-1][3] for each in found)
        busy = "" if watch.is_quiet(seen) else ", the machine is BUSY"
        words = names[0] if len(names) == 1 else f"{len(names)} images"
        print(f"{problem}, {words}, {solver}: {psnr:.2f} dB, {seen['seconds']:.1f} s{busy}", file=sys.stderr, flush=True)

    def curves(self, problem: str, solver: str) -> quality_times.Curves:
        """PSNR against seconds."""
        return {name: [(point[0], point[3]) for point in each["points"]] for name, each in self.of(problem, solver).items()}

    def row(self, problem: str) -> dict:
        curves = {solver: self.curves(problem, solver) for solver in (*quality_times.ENGINE, *quality_times.PEERS)}
        return quality_times.row(problem, curves, {solver: self.curves(problem, together(solver)) for solver in quality_times.ENGINE})

    def busy(self) -> int:
        return sum(not watch.is_quiet(each["watch"]) for each in self.results)

    def save(self, summary: list[dict]) -> None:
        report = {"settings": self.settings, "images": self.images, "summary": summary, "results": self.results}
        write(self.file, json.dumps(report) + "\n")


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files of one size, or folders of them")
    parser.add_argument("--model", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path, metavar="FOLDER")
    parser.add_argument("--problems", nargs="+", choices=problems.NAMES, default=problems.NAMES)
    parser.add_argument("--noise", type=float, default=0.01, help="sigma (default: %(default)s)")
    parser.add_argument("--weight", type=float, help="lambda (default: sigma^2, at least that of rounding to 8 bits)")
    parser.add_argument("--seed", type=int, default=0, help="of noise and mask")
    parser.add_argument("--evaluations", type=variants.positive, default=800, help="of the peer, at most (default: %(default)s)")
    parser.add_argument("--iterations", type=variants.positive, default=300, help="of Reglow, at most (default: %(default)s)")
    parser.add_argument("--threads", type=variants.positive, default=len(os.sched_getaffinity(0)))
    arguments = parser.parse_args()
    if arguments.weight is None:
        arguments.weight = max(arguments.noise**2, 1 / (12 * 255**2))
    return arguments


def digest(path: pathlib.Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def settings_of(arguments: argparse.Namespace) -> dict:
    return {name: getattr(arguments, name) for name in ("noise", "weight", "seed", "evaluations", "iterations", "threads")} | {
        "model": digest(pathlib.Path(arguments.model)),
        "reglow": digest(engine.REGLOW),
        "peer": f"torch {torch.__version__}, LBFGS, strong_wolfe, history 10, tolerances 0, fp32",
        "points": ["seconds", "evaluation", "objective", "PSNR of the image clipped to [0, 1]"],
    }


class Race:
    """All solvers on the measurements in the folder of the record."""

    def __init__(self, arguments: argparse.Namespace, files: list[pathlib.Path], record: Record):
        self.arguments, self.record = arguments, record
        self.truths = {file.stem: images.read(file) for file in files}
        self.peers: dict[str, timed_peer.Peer] = {}
        self.calls = engine.Engine(
            arguments.output,
            files,
            arguments.noise,
            arguments.seed,
            [
                "--prior",
                arguments.model,
                "--lambda",
                str(arguments.weight),
                "--max-evaluations",
                str(arguments.iterations),
                "--threads",
                str(arguments.threads),
            ],
        )

    def run(self, problem: str) -> None:
        names = list(self.truths)
        self.calls.measure(problem)
        for name in names:
            for solver, options in OPTIONS.items():
                work = partial(solve_with_engine, self.calls, problem, [name], options)
                self.record.measure(problem, solver, [name], work)
            for method in quality_times.PEERS:
                self.record.measure(problem, method, [name], partial(self.solve_with_peer, method, problem, name))
        for solver, options in OPTIONS.items():
            work = partial(solve_with_engine, self.calls, problem, names, options)
            self.record.measure(problem, together(solver), names, work)

    def solve_with_peer(self, method: str, problem: str, name: str) -> list[dict]:
        truth = self.truths[name]
        measurement = problems.read(self.arguments.output, problem, torch.from_numpy(truth.astype(np.float32))[None], name)
        if method not in self.peers:
            self.peers[method] = timed_peer.Peer(self.arguments.model, method, measurement, self.arguments.weight)
        return [{"image": name} | self.peers[method].solve(measurement, self.arguments.evaluations, truth)]


def main() -> None:
    arguments = parse_arguments()
    timed_peer.keep_freed_memory()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    files = image_files(arguments.images)
    arguments.output.mkdir(parents=True, exist_ok=True)
    record = Record(arguments.output, settings_of(arguments), {file.stem: digest(file) for file in files})
    race = Race(arguments, files, record)
    for problem in arguments.problems:
        race.run(problem)
    rows = [record.row(problem) for problem in arguments.problems]
    record.save(rows)
    table = quality_times.table(rows)
    write(arguments.output / "table.md", table)
    print(table, end="")
    print(f"{record.busy()} of {len(record.results)} solves had no quiet machine", file=sys.stderr)
