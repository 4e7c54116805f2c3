"""Seconds and memory of one solver iteration in PyTorch: the best of several ways to run it.

    python -m reglow_perf time-pytorch (--model FILE | --random L,K,h) [--threads 2] [--precision fp32] [--json PATH]

An iteration is the value and the gradient of the objective for a whole batch, weights frozen:
    analysis    1/2 |A x - y|^2 + lambda/2 |f(x)|^2        forward and its VJP
    synthesis   1/2 |A g(z) - y|^2 + lambda/2 |z|^2        inverse and its VJP
Each variant (how bfloat16 is reached, memory layout, form of the networks, allocator, compiled or not) runs in a fresh
process. All variants of a method must agree in value and gradient norm. The best is the one with the least median.
"""

import argparse

from reglow_perf.glow import random_model
from reglow_perf.peers import variants

PRECISIONS = {"fp32": ["fp32"], "bf16": ["bf16-autocast", "bf16-weights"]}


def choices(arguments: argparse.Namespace) -> dict[str, list]:
    return {
        "precision": PRECISIONS[arguments.precision],
        "layout": ["nchw", "channels_last"],
        "network": ["convolution", "taps", "products"],
        "compile": [False, True] if arguments.compile else [False],
    }


def main() -> None:
    parser = variants.parser_for(__doc__)
    model = parser.add_mutually_exclusive_group(required=True)
    model.add_argument("--model", metavar="FILE")
    model.add_argument("--random", type=random_model.sizes, metavar="L,K,h")
    parser.add_argument("--compile", action="store_true", help="also try torch.compile")
    arguments = parser.parse_args()
    child = "reglow_perf.peers.pytorch_variant"
    framework = variants.Framework("PyTorch", child, choices, allocators=("retain", "default"))
    variants.report(framework, arguments, {"model": arguments.model, "random": arguments.random})
