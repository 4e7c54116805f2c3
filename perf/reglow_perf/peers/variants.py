"""Runs the ways to compute a gradient one by one, each in a fresh process, and reports the best: for `time-pytorch` and `time-jax`."""

import argparse
import dataclasses
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable

from reglow_perf.peers.agreement import AGREEMENT

METHODS = ["analysis", "synthesis"]
OPERATORS = ["deblur", "identity"]
# glibc gives freed blocks back to the system and asks for them again, page by page; `retain` keeps them.
ALLOCATORS = {"retain": {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34)}, "default": {}}


@dataclasses.dataclass(frozen=True)
class Framework:
    """`child` is a module that times one variant and prints JSON; `choices` are the values of each setting that makes a variant.

    Every variant is timed with the first of `allocators`, and the best one with the others too.
    """

    name: str
    child: str
    choices: Callable[[argparse.Namespace], dict[str, list]]
    allocators: tuple[str, ...]


def size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text}: expected HxW, such as 64x64")
    return int(match[1]), int(match[2])


def positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number above 0")
    return int(text)


def parser_for(description: str) -> argparse.ArgumentParser:
    """The options that do not depend on the framework, but for the model's."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=size, default=(64, 64), metavar="HxW")
    parser.add_argument("--batch", type=positive, default=1)
    parser.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--precision", choices=list(AGREEMENT), default="fp32")
    parser.add_argument("--method", choices=[*METHODS, "both"], default="both")
    parser.add_argument("--operator", choices=OPERATORS, default="deblur", help="A")
    parser.add_argument("--repeats", type=positive, default=20, help="at most, per variant, after the warm-up")
    parser.add_argument("--seconds", type=float, default=15, help="of repeats per variant, about")
    parser.add_argument("--limit", type=float, default=900, help="seconds for a variant in all, compilation included")
    parser.add_argument("--variant", action="append", metavar="NAME", help="only this one, by its name in the report; repeatable")
    parser.add_argument("--json", default="-", metavar="PATH", help="- is standard output (default)")
    return parser


def name(variant: dict) -> str:
    words = (("compiled" if value else "") if key == "compile" else value for key, value in variant.items())
    return " ".join(word for word in words if word)


def every(choices: dict[str, list]) -> list[dict]:
    return [dict(zip(choices, values)) for values in itertools.product(*choices.values())]


def named(names: list[str], choices: dict[str, list]) -> list[dict]:
    """The variants of these names, with any allocator."""
    known = {name(variant): variant for variant in every(choices | {"allocator": list(ALLOCATORS)})}
    unknown = [each for each in names if each not in known]
    if unknown:
        raise SystemExit(f"--variant {unknown[0]}: the variants are {', '.join(known)}")
    return [known[each] for each in names]


def run(framework: Framework, settings: dict, limit: float) -> dict:
    """The measurement, or {"failed": reason}."""
    environment = os.environ | ALLOCATORS[settings["allocator"]] | {"OMP_NUM_THREADS": str(settings["threads"])}
    try:
        child = subprocess.run(
            [sys.executable, "-W", "ignore", "-m", framework.child, json.dumps(settings)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return {"failed": f"not done after {limit:g} s"}
    if child.returncode != 0:
        return {"failed": (child.stderr.strip().splitlines() or [f"exit {child.returncode}"])[-1]}
    return json.loads(child.stdout.splitlines()[-1])


def check_agreement(results: list[dict], tolerance: float) -> None:
    for key in ("objective", "gradient_norm"):
        values = [result[key] for result in results]
        if not max(values) - min(values) <= tolerance * max(abs(value) for value in values):  # NaN fails
            sys.exit(f"the variants disagree in {key}: {values}")


def line(method: str, variant: dict, result: dict) -> str:
    start = f"{method}, {name(variant)}: "
    if "failed" in result:
        return f"{start}failed, {result['failed']}"
    peak, increase = (result[key] / 2**20 for key in ("peak_memory_bytes", "peak_memory_increase_bytes"))
    return f"{start}min {result['min']:.4f} s, median {result['median']:.4f} s, peak {peak:.0f} MiB ({increase:.0f} MiB over the import)"


def time_method(framework: Framework, method: str, common: dict, arguments: argparse.Namespace) -> dict:
    """The variants asked for, or all; ends the program when none runs or two disagree."""
    done, failed = [], []

    def attempt(variant: dict) -> None:
        best = min((result["min"] for result in done), default=None)
        result = run(framework, common | variant | {"method": method, "best": best}, arguments.limit)
        print(f"{framework.name} {line(method, variant, result)}", file=sys.stderr, flush=True)
        (failed if "failed" in result else done).append({"name": name(variant), "variant": variant} | result)

    def fastest() -> dict:
        return min(done, key=lambda result: result["median"])

    choices = framework.choices(arguments)
    first, *others = framework.allocators
    for variant in named(arguments.variant, choices) if arguments.variant else every(choices | {"allocator": [first]}):
        attempt(variant)
    if done and not arguments.variant:
        best = fastest()["variant"]
        for allocator in others:
            attempt(best | {"allocator": allocator})
    if not done:
        sys.exit(f"{method}: every variant failed; the first said: {failed[0]['failed']}")
    check_agreement(done, AGREEMENT[arguments.precision])
    return {
        "best": fastest(),
        "least_peak_memory_bytes": min(result["peak_memory_bytes"] for result in done),
        "least_peak_memory_increase_bytes": min(result["peak_memory_increase_bytes"] for result in done),
        "variants": sorted(done, key=lambda result: result["median"]) + failed,
    }


def report(framework: Framework, arguments: argparse.Namespace, model: dict) -> None:
    """Measures and writes the report. `model` is what the child needs to make the model."""
    height, width = arguments.size
    settings = {key: getattr(arguments, key) for key in ("batch", "threads", "operator", "repeats", "seconds")}
    settings = model | {"height": height, "width": width} | settings
    found = {"framework": framework.name, "settings": settings | {"precision": arguments.precision}}
    for method in METHODS if arguments.method == "both" else [arguments.method]:
        found[method] = time_method(framework, method, settings, arguments)
    text = json.dumps(found, indent=1) + "\n"
    if arguments.json == "-":
        print(text, end="")
    else:
        pathlib.Path(arguments.json).write_text(text)
