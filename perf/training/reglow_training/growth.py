"""A flow that begins with the density of a smaller model."""

import math

import torch

from reglow_perf.glow import folded, folding, trained
from reglow_perf.glow.architecture import Architecture
from reglow_perf.glow.model import Glow
from reglow_training.rows import Rows

# What an affine coupling whose network puts out nothing does to the transformed half.
RESTING_SCALE = 1 / (1 + math.exp(-2))


@torch.no_grad()
def grown(path: str, steps: int, hidden: int, generator: torch.Generator, levels: int | None = None) -> Glow:
    """Takes over the function of a model file: new steps come in pairs that undo each other, new hidden channels have no outputs yet,
    and what is new is drawn as for a new flow. New levels are below the others; they keep the density too."""
    known, tensors = folded.tensors_of(path)
    levels = levels or known.levels
    model = trained.glow(Architecture((steps,) * levels, hidden, known.affine, known.image_channels), Rows())
    for index, level in enumerate(model.levels):
        former = known.steps[index] if index < known.levels else 0
        if former > steps or (steps - former) % 2 or known.hidden > hidden or known.levels > levels:
            raise SystemExit(f"{path}: level {index} cannot grow to {steps} steps of width {hidden}")
        level.weight0.normal_(0, 0.05, generator=generator)
        level.weight1.normal_(0, 0.05, generator=generator)
        for step in range(former):
            folding.unfold(level, step, tensors, f"levels.{index}.steps.{step}")
        rest = torch.ones(level.channels, dtype=torch.float64)
        if known.affine:
            rest[level.half :] = 1 / RESTING_SCALE
        for step in range(former, steps, 2):
            normal = torch.randn(level.channels, level.channels, generator=generator, dtype=torch.float64)
            rotation = torch.linalg.qr(normal)[0]
            level.set_mixing(step, rest.unsqueeze(1) * rotation)
            level.set_mixing(step + 1, rest.unsqueeze(1) * rotation.t())
    return model
