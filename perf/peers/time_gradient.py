"""Seconds and memory of one solver iteration in PyTorch: the best of several ways to run it.

    python perf/peers/time_gradient.py (--model FILE | --random L,K,h) [--threads 2] [--precision fp32] [--json PATH]

An iteration is the value and the gradient of the objective for a whole batch, weights frozen:
    analysis    1/2 |A x - y|^2 + lambda/2 |f(x)|^2        forward and its VJP
    synthesis   1/2 |A g(z) - y|^2 + lambda/2 |z|^2        inverse and its VJP
Each variant (memory layout, form of the networks, allocator, how bfloat16 is reached, compiled or not) runs in a fresh
process. All variants of a method must agree in value and gradient norm. The best is the one with the least median.
"""

import argparse
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys

CHILD = pathlib.Path(__file__).with_name("gradient_variant.py")
LAYOUTS = ["nchw", "channels_last"]
NETWORKS = ["convolution", "taps"]
METHODS = ["analysis", "synthesis"]
PRECISIONS = {"fp32": ["fp32"], "bf16": ["bf16-autocast", "bf16-weights"]}
# glibc gives freed blocks back to the system and asks for them again, page by page; `retain` keeps them.
ALLOCATORS = {
    "default": {},
    "retain": {"MALLOC_MMAP_THRESHOLD_": str(1 << 32), "MALLOC_TRIM_THRESHOLD_": str(1 << 34)},
}
# The largest relative difference between variants; they round in different orders, and bfloat16 has 8 bits.
AGREEMENT = {"fp32": 1e-3, "bf16": 5e-2}


def size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text}: expected HxW, such as 64x64")
    return int(match[1]), int(match[2])


def architecture(text: str) -> list[int]:
    if not re.fullmatch(r"[1-9]\d*,[1-9]\d*,[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text}: expected L,K,h, such as 4,32,512")
    return [int(part) for part in text.split(",")]


def positive(text: str) -> int:
    if not re.fullmatch(r"[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text}: expected a whole number above 0")
    return int(text)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--model", metavar="FILE")
    model.add_argument("--random", type=architecture, metavar="L,K,h")
    parser.add_argument("--size", type=size, default=(64, 64), metavar="HxW")
    parser.add_argument("--batch", type=positive, default=1)
    parser.add_argument("--threads", type=positive, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--precision", choices=list(PRECISIONS), default="fp32")
    parser.add_argument("--layout", choices=[*LAYOUTS, "both"], default="both")
    parser.add_argument("--network", choices=[*NETWORKS, "both"], default="both", help="form of the last convolution")
    parser.add_argument("--method", choices=[*METHODS, "both"], default="both")
    parser.add_argument("--operator", choices=["deblur", "identity"], default="deblur", help="A")
    parser.add_argument("--compile", action="store_true", help="also try torch.compile")
    parser.add_argument("--compile-limit", type=float, default=900, help="seconds for a compiled variant in all")
    parser.add_argument("--repeats", type=positive, default=20, help="at most, per variant, after the warm-up")
    parser.add_argument("--seconds", type=float, default=15, help="of repeats per variant, about")
    parser.add_argument("--json", default="-", metavar="PATH", help="- is standard output (default)")
    return parser.parse_args()


def run(settings: dict, limit: float | None) -> dict:
    """The measurement, or {"failed": reason}."""
    environment = os.environ | ALLOCATORS[settings["allocator"]] | {"OMP_NUM_THREADS": str(settings["threads"])}
    try:
        child = subprocess.run(
            [sys.executable, "-W", "ignore", str(CHILD), json.dumps(settings)],
            env=environment, capture_output=True, text=True, timeout=limit)
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


def variants_of(arguments: argparse.Namespace) -> list[dict]:
    names = ["compile", "precision", "layout", "network", "allocator"]
    choices = itertools.product(
        [False, True] if arguments.compile else [False],
        PRECISIONS[arguments.precision],
        LAYOUTS if arguments.layout == "both" else [arguments.layout],
        NETWORKS if arguments.network == "both" else [arguments.network],
        ALLOCATORS)
    return [dict(zip(names, choice)) for choice in choices]


def line(method: str, result: dict) -> str:
    name = f"{method} {result['precision']} {result['layout']} {result['network']} allocator {result['allocator']}"
    name += " compiled" if result["compile"] else ""
    if "failed" in result:
        return f"{name}: failed, {result['failed']}"
    peak, increase = (result[key] / 2**20 for key in ("peak_memory_bytes", "peak_memory_increase_bytes"))
    return (f"{name}: min {result['min']:.4f} s, median {result['median']:.4f} s, "
            f"peak {peak:.0f} MiB ({increase:.0f} MiB over the import)")


def main() -> None:
    arguments = parse_arguments()
    height, width = arguments.size
    common = {"height": height, "width": width} | {
        key: getattr(arguments, key) for key in ("model", "random", "batch", "threads", "operator", "repeats", "seconds")}
    report = {"settings": common | {"precision": arguments.precision}}
    for method in METHODS if arguments.method == "both" else [arguments.method]:
        results = []
        for variant in variants_of(arguments):
            limit = arguments.compile_limit if variant["compile"] else None
            results.append(variant | run(common | variant | {"method": method}, limit))
            print(line(method, results[-1]), file=sys.stderr, flush=True)
        done = [result for result in results if "failed" not in result]
        if not done:
            sys.exit(f"{method}: every variant failed")
        check_agreement(done, AGREEMENT[arguments.precision])
        report[method] = {
            "best": min(done, key=lambda result: result["median"]),
            "least_peak_memory_bytes": min(result["peak_memory_bytes"] for result in done),
            "least_peak_memory_increase_bytes": min(result["peak_memory_increase_bytes"] for result in done),
            "variants": results,
        }
    text = json.dumps(report, indent=1) + "\n"
    if arguments.json == "-":
        print(text, end="")
    else:
        pathlib.Path(arguments.json).write_text(text)


if __name__ == "__main__":
    main()
