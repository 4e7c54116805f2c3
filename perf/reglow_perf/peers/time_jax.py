"""Seconds and memory of one solver iteration in JAX, compiled for the CPU: the best of several ways to write it down.

    python -m reglow_perf time-jax --model FILE [--threads 2] [--precision fp32] [--json PATH]

The iteration, its numbers and the options are those of `time-pytorch`. Each variant (memory layout, form of the networks) runs
in a fresh process, and must give the golden vectors in float32 before it is timed. bf16 stores weights and hidden values of the
networks in bfloat16; the flow state is float32. Compilation is not timed, but its memory counts in the process's peak.
"""

import argparse

from reglow_perf.peers import variants


def choices(arguments: argparse.Namespace) -> dict[str, list]:
    return {"precision": [arguments.precision], "layout": ["nchw", "nhwc"], "network": ["convolution", "taps"]}


def main() -> None:
    parser = variants.parser_for(__doc__)
    parser.add_argument("--model", metavar="FILE", required=True)
    arguments = parser.parse_args()
    framework = variants.Framework("JAX", "reglow_perf.peers.jax_variant", choices, allocators=("retain",))
    variants.report(framework, arguments, {"model": arguments.model})
