"""Latents, tangents and cotangents as the library takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._layout import Layout
from ._pixels import read_array
from .errors import ArgumentError, ArgumentTypeError


def floats(values: Any, name: str) -> np.ndarray:
    array, _ = read_array(values, name)
    if array.dtype.kind != "f":
        raise ArgumentTypeError(f"{name} holds {array.dtype}, but must hold floats", name)
    return array


def vectors(values: Any | None, count: int, dimensions: int, name: str) -> np.ndarray | None:
    if values is None:
        return None
    array = floats(values, name)
    if array.shape != (count, dimensions) and not (count == 1 and array.shape == (dimensions,)):
        raise ArgumentError(f"{name} has the shape {array.shape}, but must be ({count}, {dimensions})", name)
    return np.ascontiguousarray(array, dtype=np.float32).reshape(count, dimensions)


def weights_of_all(values: Any | None, count: int) -> np.ndarray | None:
    """Return the cotangents of log-determinants, one number for each image, of one for all or of as many; None stays None."""
    if values is None:
        return None
    name = "log_determinant_cotangents"
    array, _ = read_array(values, name)
    if array.shape not in ((count,), ()):
        raise ArgumentError(f"{name} has the shape {array.shape}, but there are {count} images: ({count},)", name)
    return np.array(np.broadcast_to(array, (count,)), dtype=np.float64)


def part_of(values: np.ndarray | None, part: slice) -> np.ndarray | None:
    return None if values is None else values[part]


def one_or_all(values: np.ndarray, layout: Layout) -> Any:
    """Return what belongs to the one image, or all of a batch."""
    if layout.is_batch:
        return values
    return values[0] if values.ndim > 1 else float(values[0])
