"""What `reglow restore` does before the first evaluation of a solve, and how long it takes, by part.

    python -m reglow_perf start                       # 64x64, 60 % of the pixels missing: half a minute
    python -m reglow_perf start --problem deblur --prior faces64-bootstrap --threads 1

Each row is the least and the median of some calls. The process and its arguments are timed by a call that ends at its missing input,
so with the end of a process, too; the other parts come from the profile of whole calls (--profile).
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile
import time

from reglow_perf import engine
from reglow_perf.files import ROOT

FACE = ROOT / "Examples/astronaut-face-64.png"
PROCESS, LOADING = "process and arguments", "loading the prior"
REST, START = "reading, planning, posing", "passes before the first evaluation"
# What the solver's phases before its first evaluation are called in a profile, and that in which the prior is loaded.
START_PHASE, LOADING_PHASE = "start", "loading the prior"


def parts(events: list[dict]) -> dict[str, float]:
    """Milliseconds of each part, by the events of a profile, whose clock begins when the arguments are known."""

    def of(name: str) -> list[dict]:
        found = [event for event in events if event["name"] == name]
        if not found:
            raise SystemExit(f"the profile has no phase {name!r}")
        return found

    loading, starts = of(LOADING_PHASE)[0]["dur"], of(START_PHASE)
    start = sum(event["dur"] for event in starts)
    end = max(event["ts"] + event["dur"] for event in starts)
    return {LOADING: loading / 1e3, REST: (end - start - loading) / 1e3, START: start / 1e3}


def table(samples: list[dict[str, float]]) -> str:
    """A line for each part, and for their sum."""
    rows = [*samples[0], "all"]
    values = {row: [sum(sample.values()) if row == "all" else sample[row] for sample in samples] for row in rows}
    head = f"{'ms':36}{'min':>8}{'median':>8}"
    return "\n".join([head, *(f"{row:36}{min(values[row]):8.1f}{statistics.median(values[row]):8.1f}" for row in rows)])


def milliseconds(call: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return (time.perf_counter() - began) * 1e3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--problem", choices=engine.PROBLEMS, default="inpaint-random")
    parser.add_argument("--prior", default="faces64")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--runs", type=int, default=10)
    arguments = parser.parse_args()
    operator = engine.PROBLEMS[arguments.problem]
    threads = [] if arguments.threads is None else ["--threads", str(arguments.threads)]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        measurement, profile = folder / "y.npy", folder / "profile.json"
        engine.run("degrade", str(FACE), *operator, "--output", str(measurement), "--quiet")
        options = [*operator, "--noise", "0.01", "--prior", arguments.prior, "--max-evaluations", "1", "--quiet", *threads]
        samples = []
        for _ in range(arguments.runs):
            # A prior that is named would be loaded before the input is found missing.
            missing = [str(engine.REGLOW), "restore", str(folder / "none.npy"), *operator, "--quiet", "--output", str(folder / "x.npy")]
            process = milliseconds(missing)
            engine.run("restore", str(measurement), *options, "--output", str(folder / "x.npy"), "--profile", str(profile))
            samples.append({PROCESS: process, **parts(json.loads(profile.read_text())["traceEvents"])})
    print(table(samples))


if __name__ == "__main__":
    main()
