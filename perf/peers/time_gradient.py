"""Seconds and memory of one solver iteration in PyTorch: the best of several ways to run it.

    python perf/peers/time_gradient.py (--model FILE | --random L,K,h) [--threads 2] [--precision fp32] [--json PATH]

An iteration is the value and the gradient of the objective for a whole batch, weights frozen:
    analysis    1/2 |A x - y|^2 + lambda/2 |f(x)|^2        forward and its VJP
    synthesis   1/2 |A g(z) - y|^2 + lambda/2 |z|^2        inverse and its VJP
Each variant (how bfloat16 is reached, memory layout, form of the networks, allocator, compiled or not) runs in a fresh
process. All variants of a method must agree in value and gradient norm. The best is the one with the least median.
"""

import argparse
import pathlib
import re

import variants

PRECISIONS = {"fp32": ["fp32"], "bf16": ["bf16-autocast", "bf16-weights"]}


def architecture(text: str) -> list[int]:
    if not re.fullmatch(r"[1-9]\d*,[1-9]\d*,[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text}: expected L,K,h, such as 4,32,512")
    return [int(part) for part in text.split(",")]


def choices(arguments: argparse.Namespace) -> dict[str, list]:
    return {
        "precision": PRECISIONS[arguments.precision],
        "layout": ["nchw", "channels_last"],
        "network": ["convolution", "taps", "products"],
        "compile": [False, True] if arguments.compile else [False],
    }


if __name__ == "__main__":
    parser = variants.parser_for(__doc__)
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--model", metavar="FILE")
    model.add_argument("--random", type=architecture, metavar="L,K,h")
    parser.add_argument("--compile", action="store_true", help="also try torch.compile")
    arguments = parser.parse_args()
    child = pathlib.Path(__file__).with_name("gradient_variant.py")
    framework = variants.Framework("PyTorch", child, choices, allocators=("retain", "default"))
    variants.main(framework, arguments, {"model": arguments.model, "random": arguments.random})
