"""Writes folded stacks as a profile in the format of speedscope, which draws them as a flame graph.

    python -m reglow_perf speedscope STACKS --title TEXT --unit ns|cycles|instructions --output OUTPUT.speedscope.json

Each kind of thread is a profile of its own, with what it does from the outermost function in. https://www.speedscope.app opens the file
in a browser and uploads nothing; so does `npx speedscope OUTPUT.speedscope.json`, without the site.
"""

import argparse
import json
import pathlib
import sys

from reglow_perf.files import write
from reglow_perf.profiles.kernels import UNITS, read_stacks

SCHEMA = "https://www.speedscope.app/file-format-schema.json"
# The format has no name for numbers that are not time.
UNIT_NAMES = {"ns": "nanoseconds"}


def profile(stacks: list[tuple[list[str], int]], title: str, unit: str) -> dict:
    """`stacks` are frames from the outermost in, the first of which is the thread, and their weight."""
    frames: dict[str, int] = {}
    threads: dict[str, dict] = {}
    for (thread, *functions), weight in stacks:
        numbers = [frames.setdefault(function, len(frames)) for function in functions]
        found = threads.setdefault(
            thread,
            {
                "type": "sampled",
                "name": f"{title}: {thread}",
                "unit": UNIT_NAMES.get(unit, "none"),
                "startValue": 0,
                "endValue": 0,
                "samples": [],
                "weights": [],
            },
        )
        found["samples"].append(numbers)
        found["weights"].append(weight)
        found["endValue"] += weight
    return {
        "$schema": SCHEMA,
        "name": title,
        "exporter": "reglow_perf",
        "shared": {"frames": [{"name": name} for name in frames]},
        "profiles": list(threads.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stacks", type=pathlib.Path)
    parser.add_argument("--title", default="profile")
    parser.add_argument("--unit", choices=UNITS, required=True)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    stacks = list(read_stacks(arguments.stacks))
    if not stacks:
        sys.exit(f"speedscope: {arguments.stacks} holds no stack")
    write(arguments.output, json.dumps(profile(stacks, arguments.title, arguments.unit)) + "\n")
