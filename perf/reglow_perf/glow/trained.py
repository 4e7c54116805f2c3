"""Levels as they are trained: the parametrization of the engine's `TrainingTensor`, differentiated by autograd.

The tensors of a level's K steps are stacked, so that an optimizer, the mixing matrices and casts run a few large kernels in place of
many small ones. How the flow state lies in memory and what computes the networks is the business of a form: `Planes` here, for any
device and type; the training on a GPU has its own.
"""

from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional as F

from reglow_perf.glow import coupling
from reglow_perf.glow.architecture import Architecture
from reglow_perf.glow.model import Glow


class Planes:
    """Flow state (N, C, H, W); networks of PyTorch's convolutions."""

    def enter(self, x: torch.Tensor) -> torch.Tensor:
        return x

    def leave(self, x: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        return x

    def per_channel(self, vectors: torch.Tensor) -> torch.Tensor:
        """(K, C) -> K factors of a state."""
        return vectors.unsqueeze(2).unsqueeze(3)

    def mix(self, matrix: torch.Tensor, bias: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, matrix.unsqueeze(2).unsqueeze(3), bias)

    def networks(self, level: "TrainedLevel", size: torch.Size) -> list[Callable[[torch.Tensor], torch.Tensor]]:
        """For each step a function (N, C/2, H, W) -> (N, O, H, W), which is not scaled yet, in the type of the state."""
        tensors = (level.weight0, level.bias0, level.weight1, level.bias1, level.weight2, level.bias2)

        def network(weight0, bias0, weight1, bias1, weight2, bias2):
            half, hidden, outputs = level.half, len(bias0), len(bias2)
            first = weight0.view(half, 3, 3, hidden).permute(3, 0, 1, 2)
            middle = weight1.t().reshape(hidden, hidden, 1, 1)
            last = weight2.view(outputs, 3, 3, hidden).permute(0, 3, 1, 2)

            def apply(conditioning: torch.Tensor) -> torch.Tensor:
                h = F.relu(F.conv2d(conditioning, first, bias0, padding=1))
                h = F.relu(F.conv2d(h, middle, bias1))
                return F.conv2d(h, last, bias2, padding=1).to(conditioning.dtype)

            return apply

        return [network(*step) for step in zip(*(tensor.unbind() for tensor in tensors))]

    def couplings(
        self, level: "TrainedLevel", shape: torch.Size
    ) -> list[Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor | float]]]:
        """For each step the coupling of states, which come in as (N, C, H, W): u -> (x, log|det|)."""

        def coupled(network, scale):
            def apply(u: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | float]:
                conditioning, transformed = u.chunk(2, dim=1)
                output = network(conditioning)
                if level.affine:
                    transformed, change = coupling.forward(transformed, output * scale)
                else:
                    transformed, change = torch.addcmul(transformed, output, scale), 0.0
                return torch.cat((conditioning, transformed), dim=1), change

            return apply

        scales = self.per_channel((3 * level.log_scale2).exp()).unbind()
        return [coupled(*step) for step in zip(self.networks(level, shape[2:]), scales)]


class TrainedLevel(nn.Module):
    """K flow steps of C channels with networks of width h, in the order of the engine's parameter vector.

    u = M x + m at every pixel, with M = P L U diag(exp(actnorm_log_scale)) and m = M actnorm_bias; L and U share `factors`, whose
    diagonal is the logarithm of that of U, up to `signs`. The output of a network is scaled by exp(3 log_scale2). A level that is new
    has no meaning before its tensors are set.
    """

    def __init__(self, steps: int, channels: int, hidden: int, affine: bool = False, form: Planes | None = None):
        super().__init__()
        half, outputs = channels // 2, channels if affine else channels // 2
        self.channels, self.half, self.affine, self.form = channels, half, affine, form or Planes()

        def zeros(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(steps, *shape))

        self.actnorm_bias, self.actnorm_log_scale = zeros(channels), zeros(channels)
        self.factors = zeros(channels, channels)
        self.weight0, self.bias0 = zeros(9 * half, hidden), zeros(hidden)
        self.weight1, self.bias1 = zeros(hidden, hidden), zeros(hidden)
        self.weight2, self.bias2, self.log_scale2 = zeros(9 * outputs, hidden), zeros(outputs), zeros(outputs)
        self.register_buffer("permutation", torch.zeros(steps, channels, channels))
        self.register_buffer("signs", torch.ones(steps, channels))

    def mixing(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """M (K, C, C), m (K, C) and the sum of log|det M| over the steps."""
        diagonal = torch.diagonal(self.factors, dim1=1, dim2=2)
        identity = torch.eye(self.channels, dtype=self.factors.dtype, device=self.factors.device)
        lower = torch.tril(self.factors, -1) + identity
        upper = torch.triu(self.factors, 1) + torch.diag_embed(self.signs * diagonal.exp())
        mixing = (self.permutation @ (lower @ upper)) * self.actnorm_log_scale.exp().unsqueeze(1)
        bias = (mixing @ self.actnorm_bias.unsqueeze(2)).squeeze(2)
        return mixing, bias, self.actnorm_log_scale.sum() + diagonal.sum()

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, C, H, W) -> (N, C, H, W) and log|det|, one number with additive coupling, else (N)."""
        shape = x.shape
        # M is float32 under autocast too, as it is in the engine.
        exact = torch.autocast(x.device.type, enabled=False)
        with exact:
            mixing, bias, log_determinant = self.mixing()
        log_determinant = shape[2] * shape[3] * log_determinant
        couplings = self.form.couplings(self, shape)
        x = self.form.enter(x)
        for matrix, vector, couple in zip(mixing.unbind(), bias.unbind(), couplings):
            with exact:
                u = self.form.mix(matrix, vector, x)
            x, change = couple(u)
            log_determinant = log_determinant + change
        return self.form.leave(x, shape), log_determinant

    @torch.no_grad()
    def set_mixing(self, step: int, matrix: torch.Tensor) -> None:
        """Takes M of a step apart, in double precision."""
        permutation, lower, upper = torch.linalg.lu(matrix.double())
        diagonal = torch.diagonal(upper)
        self.factors[step] = torch.tril(lower, -1) + torch.triu(upper, 1) + torch.diag(diagonal.abs().log())
        self.permutation[step] = permutation
        self.signs[step] = diagonal.sign()


def glow(architecture: Architecture, form: Planes | None = None) -> Glow:
    """A model whose tensors are still to be set."""
    levels = [
        TrainedLevel(steps, architecture.channels(level), architecture.hidden, architecture.affine, form)
        for level, steps in enumerate(architecture.steps)
    ]
    return Glow(architecture, levels)


@torch.no_grad()
def random(architecture: Architecture, generator: torch.Generator, dtype: torch.dtype) -> Glow:
    """A model with random tensors, all of which single precision holds, as a fixture stores them."""
    model = glow(architecture).to(dtype)
    for level in model.levels:
        channels, half, hidden = level.channels, level.half, architecture.hidden
        gain = (2 / hidden) ** 0.5
        sizes = [0.2, 0.2, 0.3 / channels**0.5, (2 / (9 * half)) ** 0.5, 0.2, gain, 0.2, gain / 10, 0.2, 0.2]
        for step in range(len(level.bias2)):
            for size, stacked in zip(sizes, level.parameters()):
                normal = torch.randn(*stacked.shape[1:], generator=generator, dtype=torch.float64)
                stacked[step] = (size * normal).float()
            order = torch.randperm(channels, generator=generator)
            level.permutation[step] = torch.eye(channels, dtype=dtype)[:, order]
            level.signs[step] = torch.randint(0, 2, (channels,), generator=generator).to(dtype) * 2 - 1
    return model


def vector(model: Glow) -> torch.Tensor:
    """The engine's parameter vector: step by step, the finest level first."""
    return torch.cat(
        [
            parameter.detach()[step].flatten()
            for level in model.levels
            for step in range(len(level.bias2))
            for parameter in level.parameters()
        ]
    )
