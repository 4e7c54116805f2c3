"""The affine coupling of a flow step, from what its network puts out: (N, 2 C', H, W), first the shifts, then the raw scales."""

import torch
from torch.nn import functional as F


def forward(transformed: torch.Tensor, output: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """((b + shift) s, log|det| of each image), with s = sigmoid(raw + 2)."""
    shift, raw_scale = output.chunk(2, dim=1)
    log_scale = F.logsigmoid(raw_scale + 2)
    return (transformed + shift) * log_scale.exp(), log_scale.sum(dim=(1, 2, 3))


def inverse(transformed: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    """b / s - shift."""
    shift, raw_scale = output.chunk(2, dim=1)
    return transformed / torch.sigmoid(raw_scale + 2) - shift
