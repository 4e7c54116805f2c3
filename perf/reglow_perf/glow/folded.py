"""Levels in the folded form of a model file: actnorm is part of the 1x1 convolution, output scales are part of the network.

All weights are frozen: a solver differentiates in the image or in the latent, never in the weights.
"""

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F

from reglow_perf.glow import coupling, random_model
from reglow_perf.glow.architecture import Architecture, read
from reglow_perf.glow.model import Glow
from reglow_perf.glow.networks import NETWORKS


class InvertibleConvolution(nn.Module):
    """u = M x + m at every pixel, with M (C, C), m (C), and its inverse x = M^-1 u - M^-1 m."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, dtype: torch.dtype):
        super().__init__()
        weight, bias = weight.double(), bias.double()
        inverse = torch.linalg.inv(weight)
        self.log_abs_determinant = torch.linalg.slogdet(weight).logabsdet.item()
        channels = len(bias)
        self.register_buffer("weight", weight.reshape(channels, channels, 1, 1).to(dtype))
        self.register_buffer("bias", bias.to(dtype))
        self.register_buffer("inverse_weight", inverse.reshape(channels, channels, 1, 1).to(dtype))
        self.register_buffer("inverse_bias", -(inverse @ bias).to(dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, self.bias)

    def inverse(self, u: torch.Tensor) -> torch.Tensor:
        return F.conv2d(u, self.inverse_weight, self.inverse_bias)


class FoldedStep(nn.Module):
    """1x1 convolution, then additive or affine coupling."""

    def __init__(self, convolution: InvertibleConvolution, network: nn.Module, affine: bool):
        super().__init__()
        self.convolution, self.network, self.affine = convolution, network, affine

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | float]:
        """x -> (x', log|det| of the step; a number where it does not depend on x, else (N))."""
        conditioning, transformed = self.convolution(x).chunk(2, dim=1)
        log_determinant = x.shape[2] * x.shape[3] * self.convolution.log_abs_determinant
        output = self.network(conditioning)
        if self.affine:
            transformed, change = coupling.forward(transformed, output)
            log_determinant = log_determinant + change
        else:
            transformed = transformed + output
        return torch.cat((conditioning, transformed), dim=1), log_determinant

    def inverse(self, x: torch.Tensor) -> torch.Tensor:
        conditioning, transformed = x.chunk(2, dim=1)
        output = self.network(conditioning)
        transformed = coupling.inverse(transformed, output) if self.affine else transformed - output
        return self.convolution.inverse(torch.cat((conditioning, transformed), dim=1))


class FoldedLevel(nn.Module):
    """The steps between a squeeze and a split."""

    def __init__(self, steps: list[FoldedStep]):
        super().__init__()
        self.steps = nn.ModuleList(steps)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | float]:
        log_determinant = 0.0
        for step in self.steps:
            x, change = step(x)
            log_determinant = log_determinant + change
        return x, log_determinant

    def inverse(self, x: torch.Tensor) -> torch.Tensor:
        for step in reversed(self.steps):
            x = step.inverse(x)
        return x


def glow(
    architecture: Architecture,
    tensors: dict[str, torch.Tensor],
    dtype: torch.dtype = torch.float32,
    channels_last: bool = False,
    network: str = "convolution",
) -> Glow:
    """A model of `tensors`, which have the names of the model format.

    `channels_last` sets the memory format of the flow state and of the weights, `network` is a name of `NETWORKS`; neither changes
    what is computed.
    """
    memory_format = torch.channels_last if channels_last else torch.contiguous_format

    def step(name: str) -> FoldedStep:
        layers = []
        for index in range(3):
            weight = tensors[f"{name}.net.{index}.weight"].to(dtype)
            weight = weight.reshape(*weight.shape[:2], *(weight.shape[2:] or (1, 1)))
            bias = tensors[f"{name}.net.{index}.bias"].to(dtype)
            layers.append((weight.contiguous(memory_format=memory_format), bias))
        mixing = tensors[f"{name}.invconv.weight"], tensors[f"{name}.invconv.bias"]
        return FoldedStep(InvertibleConvolution(*mixing, dtype), NETWORKS[network](layers), architecture.affine)

    levels = [
        FoldedLevel([step(f"levels.{level}.steps.{index}") for index in range(count)]) for level, count in enumerate(architecture.steps)
    ]
    return Glow(architecture, levels, memory_format).requires_grad_(False)


def networks_in(model: Glow, dtype: torch.dtype) -> Glow:
    """Keeps the flow state as it is and moves the coupling networks to another type, such as bfloat16."""
    for module in model.modules():
        if isinstance(module, FoldedStep):
            module.network.to(dtype)
    return model


def tensors_of(path: str) -> tuple[Architecture, dict[str, torch.Tensor]]:
    """The architecture and the float32 tensors of a model file."""
    with safe_open(path, framework="pt") as file:
        architecture = read(file.metadata(), path)
        # A copy of each tensor, so that the file's mapping does not count as memory twice.
        names = file.keys()
        return architecture, {name: file.get_tensor(name).float().clone() for name in names}


def load(path: str, **options) -> Glow:
    """The model of a file. `options` are those of `glow`."""
    return glow(*tensors_of(path), **options)


def random(levels: int, steps: int, hidden: int, **options) -> Glow:
    """The model that `random_model.write` would write. `options` are those of `glow`."""
    tensors = {
        name: torch.frombuffer(numbers, dtype=torch.float32).reshape(shape)
        for name, shape, numbers in random_model.tensors(levels, steps, hidden)
    }
    return glow(Architecture((steps,) * levels, hidden), tensors, **options)
