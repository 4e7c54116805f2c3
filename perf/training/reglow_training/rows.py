"""The flow state as rows, one for each pixel of a batch, with the networks as products in bfloat16: what a GPU trains fastest."""

from collections.abc import Callable

import torch
from torch.nn import functional as F

from reglow_perf.glow.trained import Planes, TrainedLevel
from reglow_training.affine import AffineStep
from reglow_training.products import CouplingProducts


def padded(columns: int) -> int:
    """The next multiple of 8, as matrix units want it."""
    return -(-columns // 8) * 8


class Rows(Planes):
    """State (P, C), of the P = N H W pixels of a batch."""

    def enter(self, x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])

    def leave(self, x: torch.Tensor, shape: torch.Size) -> torch.Tensor:
        count, channels, height, width = shape
        return x.view(count, height, width, channels).permute(0, 3, 1, 2)

    def per_channel(self, vectors: torch.Tensor) -> torch.Tensor:
        return vectors

    def mix(self, matrix: torch.Tensor, bias: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        return torch.addmm(bias, x, matrix.t())

    def weights(self, level: TrainedLevel, weight2: torch.Tensor) -> list[tuple[torch.Tensor, ...]]:
        """weight0, weight1, bias1 and weight2 of each step, of which all are padded and cast at once."""
        kind, taps, last_taps = torch.bfloat16, 9 * level.half, weight2.shape[1]
        rows = padded(taps + 1) - taps - 1
        weight0 = F.pad(torch.cat((level.weight0, level.bias0.unsqueeze(1)), 1).to(kind), (0, 0, 0, rows))
        weight2 = F.pad(weight2.to(kind), (0, 0, 0, padded(last_taps) - last_taps))
        return list(zip(weight0.unbind(), level.weight1.to(kind).unbind(), level.bias1.to(kind).unbind(), weight2.unbind()))

    def networks(self, level: TrainedLevel, size: torch.Size) -> list[Callable[[torch.Tensor], torch.Tensor]]:
        def network(weights, bias2):
            return lambda conditioning: CouplingProducts.apply(conditioning, *weights, tuple(size)) + bias2

        return [network(*step) for step in zip(self.weights(level, level.weight2), level.bias2.unbind())]

    def couplings(self, level: TrainedLevel, shape: torch.Size):
        if not level.affine:
            return super().couplings(level, shape)
        scales = (3 * level.log_scale2).exp()
        weights = self.weights(level, level.weight2 * scales.repeat_interleave(9, dim=1).unsqueeze(2))

        def coupled(weights, bias2):
            return lambda u: AffineStep.apply(u, *weights, bias2, tuple(shape[2:]), shape[0])

        return [coupled(*step) for step in zip(weights, (level.bias2 * scales).unbind())]
