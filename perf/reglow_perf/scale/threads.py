"""What more threads would make of one evaluation: measures one and two threads, and works out the rest.

    python -m reglow_perf threads measure --output threads.json     # 3 minutes on two quiet cores
    python -m reglow_perf threads plan threads.json                 # 2 to 64 threads

An evaluation on p threads is taken to last

    T(p) = T(1) share(p) crowding + meetings(p) meeting(p)

where share(p) is what part of the work the busiest thread has: levels have whole vectors of pixels, and small levels fewer than threads.
meetings(p) counts the phases of both passes, at the end of which all threads wait for one another; it follows from the code. What a meeting
costs and what two threads take from each other are measured, on the smallest and on a large size; all other sizes are predicted, and the
error is printed.

Beyond two threads two things are assumed, and can be set: what a meeting costs for each further thread, which writes the same cache line,
and what memory bandwidth there is.
"""

import argparse
import datetime
import json
import math
import pathlib
import subprocess

from reglow_perf.files import PERF, ROOT, read_json, write
from reglow_perf.results.markdown import publish

DOCUMENT = PERF / "docs/threads.md"
SIZES = [(64, 64), (128, 128), (192, 192), (256, 256), (256, 384), (512, 768), (1024, 1024)]
SMALL, LARGE = (64, 64), (512, 768)
PLANNED = [(64, 64), (512, 768), (4000, 6000)]
COUNTS = [1, 2, 8, 32, 64]
PANEL_PIXELS = 64
STRIP_BYTES = 384 << 10


class Levels:
    """The levels of an additive Glow: pixels, channels and steps of each, and the arithmetic of a pixel."""

    def __init__(self, architecture: dict, size: tuple[int, int], lanes: int):
        self.lanes, self.hidden = lanes, architecture["hidden"]
        affine = architecture["coupling"] == "affine"
        self.levels = []
        for level, steps in enumerate(architecture["steps"]):
            height, width = size[0] >> (level + 1), size[1] >> (level + 1)
            channels = architecture["image_channels"] * 4 << level
            outputs = channels if affine else channels // 2
            work = 9 * channels // 2 * self.hidden + self.hidden**2 + 9 * outputs * self.hidden + channels**2
            self.levels.append((height, width, channels, outputs, steps, work))

    def vectors(self, height: int, width: int) -> int:
        return math.ceil(height * width / self.lanes)

    def share(self, threads: int) -> float:
        """The part of the arithmetic that the busiest thread has."""
        total = busiest = 0.0
        for height, width, _, _, steps, work in self.levels:
            vectors = self.vectors(height, width)
            total += steps * work * vectors
            busiest += steps * work * math.ceil(vectors / threads)
        return busiest / total

    def meetings(self, threads: int) -> int:
        """The phases of an evaluation: two passes."""
        count = 0
        for height, width, channels, outputs, steps, _ in self.levels:
            strips = self.strips(height, width, 9 * max(outputs, channels // 2), threads)
            count += 3 + steps * (2 if strips == 1 else strips + 1)
        return 2 * (count + 1)

    def strips(self, height: int, width: int, planes: int, threads: int) -> int:
        """Into how many strips the taps of a level are cut: see TapStrips."""
        vectors, grain = self.vectors(height, width), PANEL_PIXELS // self.lanes * threads
        fitting = threads * STRIP_BYTES // (4 * 8 * math.ceil(planes / 8) * self.lanes)
        length = math.ceil(max(fitting, 8 * math.ceil((width + 1) / self.lanes)) / grain) * grain
        return 1 if vectors <= 2 * length else math.ceil(vectors / length)

    def bytes(self) -> float:
        """What goes to memory and comes back where no level fits a cache: the state at each step, and the bits of the relus."""
        return 2.0 * sum(
            steps * height * width * (3 * 4 * channels + 2 * self.hidden / 8) for height, width, channels, _, steps, _ in self.levels
        )


class Model:
    """What is known of a machine, and the time of an evaluation that follows."""

    def __init__(self, measured: dict, arrival: float, bandwidth: float):
        self.architecture, self.lanes = measured["architecture"], measured["lanes"]
        self.arrival, self.bandwidth = arrival, bandwidth
        self.seconds = {(row["height"], row["width"], row["threads"]): row["seconds"] for row in measured["rows"]}
        self.crowding, self.meeting = 1.0, 0.0
        # Each of the two is found where it counts most, with the other as it is then known.
        for _ in range(8):
            one, two = self.seconds[(*LARGE, 1)], self.seconds[(*LARGE, 2)]
            levels = self.levels(LARGE)
            self.crowding = (two - levels.meetings(2) * self.meeting) / (one * levels.share(2))
            one, two = self.seconds[(*SMALL, 1)], self.seconds[(*SMALL, 2)]
            levels = self.levels(SMALL)
            self.meeting = max(0.0, (two - one * levels.share(2) * self.crowding) / levels.meetings(2))

    def levels(self, size: tuple[int, int]) -> Levels:
        return Levels(self.architecture, size, self.lanes)

    def alone(self, size: tuple[int, int]) -> float:
        """An evaluation on one thread: measured, or that of the largest measured size, by its pixels."""
        if (*size, 1) in self.seconds:
            return self.seconds[(*size, 1)]
        height, width, _ = max((key for key in self.seconds if key[2] == 1), key=lambda key: key[0] * key[1])
        return self.seconds[height, width, 1] * size[0] * size[1] / (height * width)

    def predicted(self, size: tuple[int, int], threads: int) -> float:
        levels, alone = self.levels(size), self.alone(size)
        if threads == 1:
            return alone
        meeting = self.meeting + self.arrival * (threads - 2)
        computed = alone * levels.share(threads) * self.crowding + levels.meetings(threads) * meeting
        return max(computed, levels.bytes() / self.bandwidth)


def checks(model: Model) -> list[list[str]]:
    rows = []
    for height, width, threads in sorted(model.seconds):
        if threads == 2:
            measured, predicted = model.seconds[height, width, 2], model.predicted((height, width), 2)
            meetings = model.levels((height, width)).meetings(2)
            error = f"{100 * (predicted / measured - 1):+.1f} %"
            alone = model.seconds[height, width, 1]
            rows.append(
                [f"{width}x{height}", f"{1e3 * alone:.2f}", f"{1e3 * measured:.2f}", f"{1e3 * predicted:.2f}", error, str(meetings)]
            )
    return rows


def plans(model: Model) -> list[list[str]]:
    rows = []
    for size in PLANNED:
        times = [model.predicted(size, threads) for threads in COUNTS]
        cells = [f"{1e3 * time:.3g} ({times[0] / time:.1f})" for time in times]
        rows.append([f"{size[1]}x{size[0]}", *cells, f"{model.levels(size).bytes() / 1e6:.3g}"])
    return rows


def table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rows])


def measure(arguments: argparse.Namespace) -> None:
    def reglow(*options: str) -> dict:
        said = subprocess.run([str(arguments.reglow), *options, "--json", "-"], capture_output=True, text=True, check=True)
        return json.loads(said.stdout)

    rows = []
    for height, width in SIZES:
        repeats = max(8, min(200, 64 * 64 * 400 // (height * width)))
        for threads in (1, 2):
            options = ["--prior", arguments.prior, "--size", f"{height}x{width}", "--threads", str(threads), "--repeats", str(repeats)]
            said = reglow("bench", *options)
            rows.append({"height": height, "width": width, "threads": threads, "seconds": said["analysis"]["min"]})
            print(f"{width}x{height}, {threads} threads: {1e3 * rows[-1]['seconds']:.2f} ms", flush=True)
    machine = reglow("info")
    lanes = {"portable": 8, "avx2": 8}.get(machine["isa"], 16)
    measured = {
        "date": datetime.date.today().isoformat(),
        "processor": machine["cpu"],
        "isa": machine["isa"],
        "lanes": lanes,
        "prior": arguments.prior,
        "architecture": reglow("info", arguments.prior)["architecture"],
        "rows": rows,
    }
    write(arguments.output, json.dumps(measured, indent=1) + "\n")


def plan(arguments: argparse.Namespace) -> None:
    measured = read_json(arguments.measured)
    model = Model(measured, arguments.arrival * 1e-6, arguments.bandwidth * 1e9)
    said = (
        f"{measured['date']}: {measured['processor']}, {measured['isa']}, {measured['prior']} in fp32. A meeting of two threads takes "
        f"{1e6 * model.meeting:.1f} us, and two threads at work take each other {100 * (model.crowding - 1):.1f} %."
    )
    first = table(["size", "one thread, ms", "two, ms", "predicted, ms", "error", "meetings"], checks(model))
    head = ["size", *[f"{count} threads" if count > 1 else "1 thread" for count in COUNTS], "MB from memory"]
    second = table(head, plans(model))
    for name, text in (("measured", f"{said}\n\n{first}"), ("planned", second)):
        print(text, end="\n\n")
        if arguments.publish:
            publish(DOCUMENT, text, name)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m reglow_perf threads", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="times one evaluation of several sizes on one and on two threads")
    measuring.add_argument("--reglow", type=pathlib.Path, default=ROOT / ".build/release/reglow", help="(default: .build/release/reglow)")
    measuring.add_argument("--prior", default="photos", help="(default: %(default)s)")
    measuring.add_argument("--output", type=pathlib.Path, required=True, metavar="FILE.json")
    planning = commands.add_parser("plan", help="the error of the model, and what it says of more threads")
    planning.add_argument("measured", type=pathlib.Path)
    planning.add_argument(
        "--arrival", type=float, default=0.1, help="microseconds of a meeting for each further thread (default: %(default)s)"
    )
    planning.add_argument("--bandwidth", type=float, default=200, help="of the machine's memory, GB/s (default: %(default)s)")
    planning.add_argument("--publish", action="store_true", help="write the tables into perf/docs/threads.md")
    arguments = parser.parse_args()
    {"measure": measure, "plan": plan}[arguments.command](arguments)


if __name__ == "__main__":
    main()
