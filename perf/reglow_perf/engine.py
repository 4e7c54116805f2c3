"""Calls of `reglow` on the five problems of the paper and denoising: measurements of known images, and solves with their traces."""

import json
import os
import pathlib
import subprocess
import sys

from reglow_perf import steps
from reglow_perf.files import ROOT

REGLOW = ROOT / ".build/release/reglow"
PROBLEMS = {
    "deblur": ["--problem", "deblur", "--point-spread", "uniform:5", "--border", "periodic"],
    "superres-x2": ["--problem", "superres", "--scale", "2"],
    "superres-x4": ["--problem", "superres", "--scale", "4"],
    "inpaint-random": ["--problem", "inpaint", "--missing", "0.6"],
    "inpaint-hole": ["--problem", "inpaint", "--hole", "20"],
}
ALL_PROBLEMS = {**PROBLEMS, "denoise": ["--problem", "denoise"]}
# Not the paper's: an image of whose surroundings nothing is known.
WINDOW = {"deblur-window": ["--problem", "deblur", "--point-spread", "uniform:5", "--border", "unknown"]}
OPERATORS = {**ALL_PROBLEMS, **WINDOW}


def run(*arguments: str) -> None:
    """Ends the program with the last words of a call that fails."""
    # The settings of a peer's allocator are not the engine's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MALLOC_")}
    child = subprocess.run([str(REGLOW), *arguments], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if child.returncode != 0:
        lines = child.stderr.strip().splitlines() or [f"exit code {child.returncode}"]
        sys.exit(f"reglow {arguments[0]}: " + next((line for line in lines if line.startswith("Error: ")), lines[-1]))


class Engine:
    """Works in `folder`: truths in truth/, measurements in PROBLEM/NAME.npy, with masks in PROBLEM/NAME.mask.png.

    Image i is measured with noise of the seed plus i. All have the mask of the first, so that one call can restore them.
    """

    def __init__(self, folder: pathlib.Path, files: list[pathlib.Path], noise: float, seed: int, options: list[str]):
        self.folder, self.files, self.noise, self.seed, self.options = folder, files, noise, seed, options
        self.truths = folder / "truth"
        self.truths.mkdir(parents=True, exist_ok=True)
        for file in files:
            link = self.truths / file.name
            link.unlink(missing_ok=True)
            link.symlink_to(file.resolve())

    def measurement(self, problem: str, name: str) -> pathlib.Path:
        return self.folder / problem / f"{name}.npy"

    def mask(self, problem: str, name: str) -> pathlib.Path:
        return self.folder / problem / f"{name}.mask.png"

    def measure(self, problem: str) -> None:
        """Writes the measurement of every image."""
        (self.folder / problem).mkdir(exist_ok=True)
        operator = OPERATORS[problem]
        for index, file in enumerate(self.files):
            mask = self.mask(problem, file.stem)
            masks = ["--mask-output", str(mask)] if "inpaint" in operator else []
            output = str(self.measurement(problem, file.stem))
            noise = ["--noise", str(self.noise), "--seed", str(self.seed + index)]
            run("degrade", str(file), *operator, *noise, *masks, "--output", output, "--quiet")
            if masks:
                operator = ["--problem", "inpaint", "--mask", str(mask)]

    def restore(self, problem: str, names: list[str], *options: str) -> tuple[dict[str, list[dict[str, str]]], dict]:
        """The rows of the trace of each of the names, and the report."""
        results = self.folder / "restored"
        results.mkdir(exist_ok=True)
        mask = self.mask(problem, names[0])
        operator = ["--problem", "inpaint", "--mask", str(mask)] if mask.exists() else OPERATORS[problem]
        inputs = {str(self.measurement(problem, name)): name for name in names}
        trace, report = results / "trace.csv", results / "report.json"
        run(
            "restore",
            *inputs,
            *operator,
            "--noise",
            str(self.noise),
            *self.options,
            *options,
            "--truth",
            str(self.truths),
            "--output",
            f"{results}/",
            "--trace",
            str(trace),
            "--json",
            str(report),
            "--quiet",
        )
        traces = {inputs[path]: rows for path, rows in steps.read_traces(trace).items()}
        return traces, json.loads(report.read_text())
