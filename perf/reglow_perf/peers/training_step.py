"""A few training steps of a small Glow in PyTorch, in double precision: numbers that the engine's trainer is held against.

    python -m reglow_perf training-step --output Tests/GlowTrainingTests/Fixtures

Writes `additive.safetensors` and `affine.safetensors`: parameters before, the batches, and for each step the loss in bits per
dimension, the norm of the gradient before clipping, and the parameters after it. Autograd, `clip_grad_norm_` and
`torch.optim.Adam` are PyTorch's own. The parameter vector is laid out step by step, as `TrainingTensor` says in the engine.
"""

import argparse
import pathlib

import torch
from safetensors.torch import save_file

from reglow_perf.glow import trained
from reglow_perf.glow.architecture import Architecture

LEVELS, STEPS, HIDDEN, IMAGE_CHANNELS, SIDE, IMAGES = 2, 2, 10, 1, 8, 4
TRAINING_STEPS = 3
LEARNING_RATE, EPSILON, CLIP = 0.01, 1e-4, 0.5


def fixture(affine: bool, seed: int) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    architecture = Architecture((STEPS,) * LEVELS, HIDDEN, affine, IMAGE_CHANNELS)
    model = trained.random(architecture, generator, torch.float64)
    tensors = {
        "permutation": torch.cat([level.permutation.argmax(1).flatten().float() for level in model.levels]),
        "signs": torch.cat([level.signs.flatten().float() for level in model.levels]),
        "parameters": trained.vector(model).float(),
    }
    optimizer = torch.optim.Adam(model.parameters(), lr=LEARNING_RATE, eps=EPSILON)
    for number in range(1, TRAINING_STEPS + 1):
        batch = (torch.rand(IMAGES, IMAGE_CHANNELS, SIDE, SIDE, generator=generator) - 0.5).float()
        optimizer.zero_grad()
        loss = model.bits_per_dimension(batch.double()).mean()
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimizer.step()
        tensors |= {
            f"batch.{number}": batch,
            f"loss.{number}": loss.detach().reshape(1),
            f"norm.{number}": norm.detach().reshape(1),
            f"parameters.{number}": trained.vector(model),
        }
    return tensors


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="a folder")
    arguments = parser.parse_args()
    sizes = {
        "levels": LEVELS,
        "steps": STEPS,
        "hidden": HIDDEN,
        "images": IMAGES,
        "side": SIDE,
        "learning_rate": LEARNING_RATE,
        "epsilon": EPSILON,
        "clip": CLIP,
        "training_steps": TRAINING_STEPS,
    }
    for affine, name in enumerate(("additive", "affine")):
        path = arguments.output / f"{name}.safetensors"
        save_file(fixture(bool(affine), seed=1 + affine), path, {key: str(value) for key, value in sizes.items()})
