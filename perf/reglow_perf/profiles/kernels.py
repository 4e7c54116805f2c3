"""Prints the time by kernel of folded stacks, with the names of names.tsv, and keeps the stacks of iterations.

    python -m reglow_perf kernels STACKS --unit ns|cycles|instructions --iterations OUTPUT

OUTPUT gets the folded stacks that belong to solver iterations, from the iteration inwards.
"""

import argparse
import pathlib
import re
from collections import Counter

NAMES = pathlib.Path(__file__).with_name("names.tsv")
UNITS = {"ns": (1e-9, "CPU s"), "cycles": (1e-9, "Gcycles"), "instructions": (1e-9, "Ginstr.")}


class Names:
    """The table of names.tsv."""

    def __init__(self, path):
        self.rules = {"outside": [], "iteration": [], "kernel": []}
        with open(path, encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                line = line.rstrip("\n")
                if not line or line.startswith("#"):
                    continue
                fields = line.split("\t") + [""]
                if len(fields) not in (4, 5) or fields[0] not in self.rules:
                    raise SystemExit(f"{path}:{number}: not KIND, NAME, FUNCTION, CALLER")
                self.rules[fields[0]].append((fields[1], re.compile(fields[2]), re.compile(fields[3])))

    def iteration(self, frames):
        """Index of the outermost frame of an iteration; None where there is none."""
        if self.outside(frames) != "start and setup":
            return None
        for index, frame in enumerate(frames):
            if any(function.search(frame) for _, function, _ in self.rules["iteration"]):
                return index
        return None

    def outside(self, frames):
        for name, function, _ in self.rules["outside"]:
            if any(function.search(frame) for frame in frames):
                return name
        return "start and setup"

    def kernel(self, frames):
        """Name of a stack of an iteration, `frames` from the outermost in."""
        for index in range(len(frames) - 1, -1, -1):
            for name, function, caller in self.rules["kernel"]:
                if function.search(frames[index]) and (not caller.pattern or any(caller.search(frame) for frame in frames[:index])):
                    return name
        return "other"


def read_stacks(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            stack, _, weight = line.rstrip("\n").rpartition(" ")
            yield stack.split(";"), int(weight)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stacks")
    parser.add_argument("--unit", choices=UNITS, required=True)
    parser.add_argument("--iterations", metavar="OUTPUT", required=True)
    arguments = parser.parse_args()

    names = Names(NAMES)
    inside, outside, kept = Counter(), Counter(), Counter()
    for (thread, *frames), weight in read_stacks(arguments.stacks):
        start = names.iteration(frames)
        if start is None:
            outside[names.outside(frames)] += weight
        else:
            inside[names.kernel(frames)] += weight
            kept[";".join([thread] + frames[start:])] += weight
    total = sum(inside.values())
    if not total:
        raise SystemExit(f"kernels: no stack of {arguments.stacks} belongs to a solver iteration")
    with open(arguments.iterations, "w", encoding="utf-8") as output:
        for stack, weight in sorted(kept.items()):
            print(stack, weight, file=output)

    scale, unit = UNITS[arguments.unit]
    print(f"{'share':>8}  {unit:>8}  within solver iterations")
    for name, weight in inside.most_common():
        print(f"{100 * weight / total:6.1f} %  {weight * scale:8.3f}  {name}")
    print(f"{'':8}  {total * scale:8.3f}  in all")
    for name, weight in outside.most_common():
        print(f"{'':8}  {weight * scale:8.3f}  not counted: {name}")
