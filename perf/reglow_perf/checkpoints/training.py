"""A brief training of a family's model by maximum likelihood, in PyTorch, with the noise of n bits that the families train with."""

import pathlib

import numpy as np
import torch
from PIL import Image

from reglow_perf.checkpoints.family import Family

BITS = 5


def read_images(files: list[pathlib.Path]) -> torch.Tensor:
    """(N, 3, H, W), bytes."""
    arrays = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    return torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2).contiguous()


def dequantized(images: torch.Tensor, generator: torch.Generator, bits: int = BITS) -> torch.Tensor:
    """floor(byte / 2^(8-n)) / 2^n + U(0, 2^-n) - 1/2."""
    levels = 1 << bits
    noise = torch.rand(images.shape, generator=generator)
    return ((images // (256 // levels)).float() + noise) / levels - 0.5


def train(model: Family, images: torch.Tensor, steps: int, batch: int, rate: float, generator: torch.Generator) -> list[float]:
    """Adam on all that the family trains; the bits per dimension of every batch. `model` holds float32 tensors, which are changed."""
    parameters = [tensor.requires_grad_() for tensor in model.trainable()]
    optimizer = torch.optim.Adam(parameters, lr=rate)
    bits = []
    for _ in range(steps):
        chosen = images[torch.randint(len(images), (batch,), generator=generator)]
        loss = model.bits_per_dimension(dequantized(chosen, generator)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        optimizer.step()
        bits.append(loss.item() + BITS)
    for tensor in parameters:
        tensor.requires_grad_(False)
    return bits
