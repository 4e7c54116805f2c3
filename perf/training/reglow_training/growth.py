"""A flow that begins with the density of a smaller model."""

import torch

from reglow_perf.glow import folded, folding, trained
from reglow_perf.glow.architecture import Architecture
from reglow_perf.glow.model import Glow
from reglow_training.rows import Rows


@torch.no_grad()
def grown(path: str, steps: int, hidden: int, generator: torch.Generator) -> Glow:
    """Takes over the function of an additive model file: new steps come in pairs that undo each other, new hidden channels have no
    outputs yet, and what is new is drawn as for a new flow."""
    known, tensors = folded.tensors_of(path)
    if known.affine:
        raise SystemExit(f"{path}: not an additive model")
    model = trained.glow(Architecture((steps,) * known.levels, hidden, image_channels=known.image_channels), Rows())
    for index, (level, former) in enumerate(zip(model.levels, known.steps)):
        if former > steps or (steps - former) % 2 or known.hidden > hidden:
            raise SystemExit(f"{path}: level {index} cannot grow to {steps} steps of width {hidden}")
        level.weight0.normal_(0, 0.05, generator=generator)
        level.weight1.normal_(0, 0.05, generator=generator)
        for step in range(former):
            folding.unfold(level, step, tensors, f"levels.{index}.steps.{step}")
        for step in range(former, steps, 2):
            normal = torch.randn(level.channels, level.channels, generator=generator, dtype=torch.float64)
            rotation = torch.linalg.qr(normal)[0]
            level.set_mixing(step, rotation)
            level.set_mixing(step + 1, rotation.t())
    return model
