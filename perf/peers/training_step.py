"""A few training steps of a small Glow in PyTorch, in double precision: numbers that the engine's trainer is held against.

    python perf/peers/training_step.py --output Tests/GlowTrainingTests/Fixtures

Writes `additive.safetensors` and `affine.safetensors`: parameters before, the batches, and for each step the loss in bits per
dimension, the norm of the gradient before clipping, and the parameters after it. Autograd, `clip_grad_norm_` and
`torch.optim.Adam` are PyTorch's own. The parameter vector is laid out step by step, as `TrainingTensor` says in the engine.
"""

import argparse
import pathlib

import torch
from safetensors.torch import save_file

from glow_training import Step, bits_per_dimension, random_levels, trained

LEVELS, STEPS, HIDDEN, IMAGE_CHANNELS, SIDE, IMAGES = 2, 2, 10, 1, 8, 4
TRAINING_STEPS = 3
LEARNING_RATE, EPSILON, CLIP = 0.01, 1e-4, 0.5


def vector(levels: list[list[Step]]) -> torch.Tensor:
    return torch.cat([tensor.detach().flatten() for tensor in trained(levels)])


def write(path: pathlib.Path, affine: bool, seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    levels = random_levels(LEVELS, STEPS, HIDDEN, IMAGE_CHANNELS, affine, generator, torch.float64)
    fixture = {
        "permutation": torch.cat([step.permutation.float() for steps in levels for step in steps]),
        "signs": torch.cat([step.signs.float() for steps in levels for step in steps]),
        "parameters": vector(levels).float(),
    }
    optimizer = torch.optim.Adam(trained(levels), lr=LEARNING_RATE, eps=EPSILON)
    for number in range(1, TRAINING_STEPS + 1):
        batch = (torch.rand(IMAGES, IMAGE_CHANNELS, SIDE, SIDE, generator=generator) - 0.5).float()
        optimizer.zero_grad()
        loss = bits_per_dimension(levels, batch.double(), affine)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(trained(levels), CLIP)
        optimizer.step()
        fixture |= {
            f"batch.{number}": batch,
            f"loss.{number}": loss.detach().reshape(1),
            f"norm.{number}": norm.detach().reshape(1),
            f"parameters.{number}": vector(levels),
        }
    sizes = {"levels": LEVELS, "steps": STEPS, "hidden": HIDDEN, "images": IMAGES, "side": SIDE, "learning_rate": LEARNING_RATE,
             "epsilon": EPSILON, "clip": CLIP, "training_steps": TRAINING_STEPS}
    save_file(fixture, path, {key: str(value) for key, value in sizes.items()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="a folder")
    arguments = parser.parse_args()
    for affine in (False, True):
        write(arguments.output / f"{'affine' if affine else 'additive'}.safetensors", affine, seed=1 + affine)


if __name__ == "__main__":
    main()
