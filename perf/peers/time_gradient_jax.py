"""Seconds and memory of one solver iteration in JAX, compiled for the CPU: the best of several ways to write it down.

    python perf/peers/time_gradient_jax.py --model FILE [--threads 2] [--precision fp32] [--json PATH]

The iteration, its numbers and the options are those of time_gradient.py. Each variant (memory layout, form of the networks) runs
in a fresh process, and must give the golden vectors in float32 before it is timed. bf16 stores weights and hidden values of the
networks in bfloat16; the flow state is float32. Compilation is not timed, but its memory counts in the process's peak.
"""

import argparse
import pathlib

import variants


def choices(arguments: argparse.Namespace) -> dict[str, list]:
    return {
        "precision": [arguments.precision],
        "layout": ["nchw", "nhwc"],
        "network": ["convolution", "taps"],
    }


if __name__ == "__main__":
    parser = variants.parser_for(__doc__)
    parser.add_argument("--model", metavar="FILE", required=True)
    arguments = parser.parse_args()
    child = pathlib.Path(__file__).with_name("gradient_variant_jax.py")
    framework = variants.Framework("JAX", child, choices, allocators=("retain",))
    variants.main(framework, arguments, {"model": arguments.model})
