"""Glow in PyTorch: the walk through the levels, whatever the steps of a level are.

`folded.py` has the levels of a model file, with frozen weights: the peer that solvers are timed with. `trained.py` has those whose
tensors are trained.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

from reglow_perf.glow.architecture import Architecture


class Glow(nn.Module):
    """f: images (N, channels, H, W) -> latents (N, n), with n = channels * H * W, and g = f^-1 where the levels have an inverse.

    A level maps (N, C, H, W) to the same shape and log|det|: (N), or one number where it does not depend on the image. H and W must be
    multiples of 2^levels. `memory_format` is that of the flow state; it changes no result.
    """

    def __init__(self, architecture: Architecture, levels: list[nn.Module], memory_format: torch.memory_format = torch.contiguous_format):
        super().__init__()
        self.architecture, self.memory_format = architecture, memory_format
        self.levels = nn.ModuleList(levels)

    def parts(self, images: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """The part of the latent that each level sends out, finest level first, and log|det dz/dx| (N)."""
        x = images.contiguous(memory_format=self.memory_format)
        sent = []
        log_determinant = x.new_zeros(len(x))
        for index, level in enumerate(self.levels):
            x, change = level(F.pixel_unshuffle(x, 2))
            log_determinant = log_determinant + change
            if index < len(self.levels) - 1:
                x, part = x.chunk(2, dim=1)
                sent.append(part)
        return [*sent, x], log_determinant

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """images -> (latents (N, n), log|det dz/dx| (N))."""
        parts, log_determinant = self.parts(images)
        return torch.cat([part.flatten(1) for part in parts], dim=1), log_determinant

    def bits_per_dimension(self, images: torch.Tensor) -> torch.Tensor:
        """-log2 of the density of each image, over n: a negative number for images, which a density may give."""
        parts, log_determinant = self.parts(images)
        n = images[0].numel()
        energy = sum(part.square().sum(dim=(1, 2, 3)) for part in parts)
        nats = energy / 2 + n / 2 * math.log(2 * math.pi) - log_determinant
        return nats / (n * math.log(2))

    def inverse(self, latents: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """latents (N, n) -> images (N, channels, height, width)."""
        shapes = self.architecture.latent_shapes(height, width)
        parts = latents.split([math.prod(shape) for shape in shapes], dim=1)
        x = None
        for level, part, shape in zip(reversed(self.levels), reversed(parts), reversed(shapes)):
            latent = part.reshape(-1, *shape)
            x = latent if x is None else torch.cat((x, latent), dim=1)
            x = level.inverse(x.contiguous(memory_format=self.memory_format))
            x = F.pixel_shuffle(x, 2)
        return x
