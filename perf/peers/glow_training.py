"""Glow as it is trained, in PyTorch: the parametrization of the engine's `TrainingTensor`, differentiated by autograd."""

import dataclasses
import math

import torch
from torch.nn import functional as F


@dataclasses.dataclass
class Step:
    """The tensors of a flow step, in the order of the engine's parameter vector, and the fixed parts of its 1x1 convolution."""

    trained: list[torch.Tensor]
    permutation: torch.Tensor
    signs: torch.Tensor

    @staticmethod
    def random(channels: int, hidden: int, affine: bool, generator: torch.Generator, dtype: torch.dtype) -> "Step":
        def normal(size: float, *shape: int) -> torch.Tensor:
            # Single precision holds what a fixture stores.
            return (size * torch.randn(*shape, generator=generator, dtype=torch.float64)).float().to(dtype).requires_grad_()

        half, outputs = channels // 2, channels if affine else channels // 2
        gain = (2 / hidden) ** 0.5
        return Step(
            trained=[
                normal(0.2, channels), normal(0.2, channels), normal(0.3 / channels**0.5, channels, channels),
                normal((2 / (9 * half)) ** 0.5, half * 9, hidden), normal(0.2, hidden), normal(gain, hidden, hidden),
                normal(0.2, hidden), normal(gain / 10, outputs * 9, hidden), normal(0.2, outputs), normal(0.2, outputs),
            ],
            permutation=torch.randperm(channels, generator=generator),
            signs=torch.randint(0, 2, (channels,), generator=generator).to(dtype) * 2 - 1,
        )

    def forward(self, x: torch.Tensor, affine: bool) -> tuple[torch.Tensor, torch.Tensor]:
        bias, log_scale, factors, weight0, bias0, weight1, bias1, weight2, bias2, log_scale2 = self.trained
        channels, hidden = len(bias), len(bias0)
        half, outputs = channels // 2, len(bias2)
        lower = torch.tril(factors, -1) + torch.eye(channels, dtype=x.dtype)
        upper = torch.triu(factors, 1) + torch.diag(self.signs * torch.exp(torch.diagonal(factors)))
        # Outside of autocast: M is float32 in the engine too.
        with torch.autocast("cpu", enabled=False):
            product = lower @ upper
            weight = torch.zeros_like(product).index_copy(0, self.permutation, product)
            mixing = weight * torch.exp(log_scale)
            u = F.conv2d(x, mixing.view(channels, channels, 1, 1), mixing @ bias)
        pixels = x.shape[2] * x.shape[3]
        log_determinant = pixels * (log_scale.sum() + torch.diagonal(factors).sum()).expand(len(x))

        a, b = u[:, :half], u[:, half:]
        h = F.relu(F.conv2d(a, weight0.view(half, 3, 3, hidden).permute(3, 0, 1, 2), bias0, padding=1))
        h = F.relu(F.conv2d(h, weight1.t().reshape(hidden, hidden, 1, 1), bias1))
        h = F.conv2d(h, weight2.view(outputs, 3, 3, hidden).permute(0, 3, 1, 2), bias2, padding=1)
        h = h.to(x.dtype) * torch.exp(3 * log_scale2).view(1, -1, 1, 1)
        if affine:
            shift, raw = h[:, :half], h[:, half:]
            log_s = F.logsigmoid(raw + 2)
            b = (b + shift) * torch.exp(log_s)
            log_determinant = log_determinant + log_s.sum((1, 2, 3))
        else:
            b = b + h
        return torch.cat([a, b], 1), log_determinant


def random_levels(
    levels: int, steps: int, hidden: int, image_channels: int, affine: bool, generator: torch.Generator, dtype: torch.dtype
) -> list[list[Step]]:
    return [
        [Step.random(image_channels << (level + 2), hidden, affine, generator, dtype) for _ in range(steps)]
        for level in range(levels)
    ]


def trained(levels: list[list[Step]]) -> list[torch.Tensor]:
    return [tensor for steps in levels for step in steps for tensor in step.trained]


def bits_per_dimension(levels: list[list[Step]], x: torch.Tensor, affine: bool) -> torch.Tensor:
    n = x[0].numel()
    energy, log_determinant = torch.zeros(len(x), dtype=x.dtype), torch.zeros(len(x), dtype=x.dtype)
    for index, steps in enumerate(levels):
        x = F.pixel_unshuffle(x, 2)
        for step in steps:
            x, change = step.forward(x, affine)
            log_determinant = log_determinant + change
        if index + 1 < len(levels):
            x, sent = x.chunk(2, 1)
            energy = energy + sent.square().sum((1, 2, 3))
    energy = energy + x.square().sum((1, 2, 3))
    nats = energy / 2 + n / 2 * math.log(2 * math.pi) - log_determinant
    return nats.mean() / (n * math.log(2))
