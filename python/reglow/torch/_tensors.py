"""From tensors to arrays on the same memory, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from ..errors import ArgumentError, ArgumentTypeError


def require_tensor(value: Any, name: str) -> None:
    """Refuse what is no dense float32 tensor of the CPU."""
    if not isinstance(value, torch.Tensor):
        raise ArgumentTypeError(f"{name} is {type(value).__name__}, but must be a torch.Tensor", name)
    if value.device.type != "cpu":
        raise ArgumentError(f"{name} is on {value.device}, but Reglow computes on the CPU: {name}.cpu()", name)
    if value.dtype != torch.float32:
        raise ArgumentTypeError(f"{name} holds {value.dtype}, but must hold torch.float32: {name}.float()", name)
    if value.layout != torch.strided:
        raise ArgumentTypeError(f"{name} has the layout {value.layout}, but must be dense", name)


def array_of(tensor: torch.Tensor) -> np.ndarray:
    """Return a C-contiguous array on the memory of a tensor, or of a contiguous copy."""
    return tensor.detach().contiguous().numpy()
