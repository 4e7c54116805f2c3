"""Seconds of one training step in PyTorch: loss, gradient, clipping and Adam, for a batch of 64x64 images.

    python -m reglow_perf time-training --threads 2 --json training.json

Each way is timed in turn: NCHW and channels-last, float32 and bfloat16 by autocast. The engine's figures for the same sizes are
the benchmarks called GlowTraining. Run it on a quiet machine.
"""

import argparse
import json
import statistics
import time

import torch

from reglow_perf.glow import trained
from reglow_perf.glow.architecture import Architecture


def seconds(arguments: argparse.Namespace, channels_last: bool, bf16: bool) -> list[float]:
    generator = torch.Generator().manual_seed(1)
    architecture = Architecture((arguments.steps,) * arguments.levels, arguments.hidden, arguments.affine)
    model = trained.random(architecture, generator, torch.float32)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    batch = torch.rand(arguments.images, 3, arguments.side, arguments.side, generator=generator) - 0.5
    if channels_last:
        batch = batch.to(memory_format=torch.channels_last)
    samples = []
    for _ in range(arguments.repeats + 1):
        began = time.perf_counter()
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bf16):
            loss = model.bits_per_dimension(batch).mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 10)
        optimizer.step()
        samples.append(time.perf_counter() - began)
    # The first step also allocates.
    return samples[1:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--images", type=int, default=32)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--affine", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", help="a file for the result, too")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)

    report = {}
    for bf16 in (False, True):
        for channels_last in (False, True):
            samples = seconds(arguments, channels_last, bf16)
            name = f"{'bf16 autocast' if bf16 else 'fp32'}, {'channels-last' if channels_last else 'NCHW'}"
            report[name] = {"min": min(samples), "median": statistics.median(samples), "images_per_second": arguments.images / min(samples)}
            print(f"{name}: {min(samples):.3f} s, {arguments.images / min(samples):.1f} images/s", flush=True)
    if arguments.json:
        with open(arguments.json, "w") as file:
            json.dump({"torch": torch.__version__, "threads": arguments.threads, "variants": report}, file, indent=2)
