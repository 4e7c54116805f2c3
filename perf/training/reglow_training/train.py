"""Trains faces on a GPU from a smaller model: what `reglow train --from` does on a CPU, for flows of the paper's size.

    perf/python -m reglow_training faces64/train --validation faces64/val --init Models/faces64.safetensors \\
        --steps-per-level 32 --hidden 512 --seconds 300 --output paper-size.safetensors

All images have the size of the crops. The learning rate falls along half a cosine until the seconds are over. Prints a line of JSON for
each measurement, and in the end writes the averaged weights as a model file, with those of the networks in float16. Without --output
it only times steps.
"""

import argparse
import json
import pathlib
import time

import torch
from safetensors.torch import save_file

from reglow_perf.glow import folding
from reglow_perf.glow.model import Glow
from reglow_training import images as training_images
from reglow_training.growth import grown
from reglow_training.optimization import Optimization, learning_rate

NOISE_BITS = 5


class Training:
    """Batches of images that all have the size of a crop, and the likelihood of what is held out."""

    def __init__(self, model: Glow, images: torch.Tensor, options: argparse.Namespace):
        self.model, self.images, self.options = model, images, options
        self.chosen = torch.zeros(options.batch, dtype=torch.int64, device="cuda")
        self.order = torch.empty(0, dtype=torch.int64, device="cuda")
        self.optimization = Optimization(model, options.clip, options.average)
        self.captured_step = self.optimization.captured(self._loss)

    def _loss(self) -> tuple[torch.Tensor, torch.Tensor]:
        x = training_images.batch(self.images, self.chosen, self.options.chroma_detail, NOISE_BITS)
        loss = self.model.bits_per_dimension(x).mean()
        return loss, loss

    def step(self, rate: float) -> None:
        if len(self.order) < self.options.batch:
            self.order = torch.cat((self.order, torch.randperm(len(self.images), device="cuda")))
        self.chosen.copy_(self.order[: self.options.batch])
        self.order = self.order[self.options.batch :]
        self.captured_step(rate)

    def validation_bits(self, images: torch.Tensor) -> float:
        def measure() -> float:
            bits = [self.model.bits_per_dimension(training_images.dequantized(part.float(), NOISE_BITS)) for part in images.split(100)]
            return NOISE_BITS + torch.cat(bits).mean().item()

        return self.optimization.with_average(measure)


def run(options: argparse.Namespace, images: torch.Tensor, held_out: torch.Tensor) -> None:
    torch.manual_seed(options.seed)
    model = grown(options.init, options.steps_per_level, options.hidden, torch.Generator().manual_seed(options.seed))
    began = time.monotonic()
    training = Training(model.cuda(), images.cuda(), options)
    held_out = held_out.cuda()
    print(
        json.dumps(
            {
                "steps": options.steps_per_level,
                "hidden": options.hidden,
                "batch": options.batch,
                "learning_rate": options.learning_rate,
                "validation": training.validation_bits(held_out),
                "capture_s": round(time.monotonic() - began, 1),
            }
        ),
        flush=True,
    )
    step, reported, began, last = 0, 0, time.monotonic(), 0.0
    while True:
        torch.cuda.synchronize()
        seconds = time.monotonic() - began
        is_over = seconds >= options.seconds
        if is_over or seconds - last >= options.report_every:
            loss, norm, skipped = training.optimization.means()
            print(
                json.dumps(
                    {
                        "step": step,
                        "seconds": round(seconds, 1),
                        "images_per_second": round((step - reported) * options.batch / (seconds - last)),
                        "training": NOISE_BITS + loss,
                        "norm": norm,
                        "skipped": skipped,
                        "validation": training.validation_bits(held_out),
                    }
                ),
                flush=True,
            )
            reported, last = step, seconds
        if is_over:
            break
        for _ in range(10):
            step += 1
            training.step(learning_rate(options.learning_rate, options.warm_up, step, seconds / options.seconds))
    if options.output:
        bits = training.validation_bits(held_out)
        texts = model.architecture.metadata() | {
            "name": options.output.stem,
            "license": options.license,
            "training_data": f"{len(images)} images of {images.shape[2]}x{images.shape[3]}, noise of {NOISE_BITS} bits",
            "training": f"{step} steps of {options.batch} images each, seed {options.seed}",
            "bits_per_dimension": f"{bits:.3f} at {NOISE_BITS} bits (validation)",
        }
        save_file(training.optimization.with_average(lambda: folding.fold(model, torch.float16)), options.output, texts)
    print(f"memory {torch.cuda.max_memory_allocated() / 1e9:.1f} GB", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m reglow_training", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=pathlib.Path, help="a folder of JPEG files of one size")
    parser.add_argument("--validation", type=pathlib.Path, required=True, help="a folder of PNG files")
    parser.add_argument("--init", required=True, help="an additive model")
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--steps-per-level", type=int, default=32)
    parser.add_argument("--hidden", type=int, default=512)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--learning-rate", type=float, default=5e-4)
    parser.add_argument("--warm-up", type=int, default=300)
    parser.add_argument("--clip", type=float, default=10)
    parser.add_argument("--average", type=float, default=0.999)
    parser.add_argument("--clean-jpeg", type=int, default=95)
    parser.add_argument("--chroma-detail", type=float, default=0.05)
    parser.add_argument("--report-every", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--license", default="not told", help="terms of use, for the model's card")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        parser.error("PyTorch finds no GPU")
    torch.backends.cudnn.allow_tf32 = False
    images = training_images.cleaned(options.folder, options.clean_jpeg)
    print(f"{len(images)} images", flush=True)
    run(options, images, training_images.held_out(options.validation))
