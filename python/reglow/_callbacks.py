"""How the library calls functions of the user's: its memory as arrays, and what they return checked."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ._calls import current_watch
from .errors import ArgumentError, ArgumentTypeError, SolveError

Map = Callable[[np.ndarray], Any]


class View:
    """How a function of the user's sees an array of the library."""

    def __init__(self, shape: tuple[int, ...], axis: int | None) -> None:
        self.shape = shape
        self.count = math.prod(shape)
        self.is_last = axis == -1 and len(shape) == 3
        self.planar = (shape[-1], *shape[:-1]) if self.is_last else shape

    def read(self, address: int) -> np.ndarray:
        """Return the numbers at an address, in the user's layout."""
        array = np.frombuffer(memoryview((ctypes.c_float * self.count).from_address(address)), np.float32).reshape(self.planar)
        if self.is_last:
            # One channel after the other: five times as fast as a transposing copy.
            copy = np.empty(self.shape, np.float32)
            for channel in range(self.shape[-1]):
                copy[..., channel] = array[channel]
            return copy
        array.flags.writeable = False
        return array

    def write(self, address: int, values: np.ndarray) -> None:
        """Write numbers of the user's layout to an address."""
        array = np.frombuffer(memoryview((ctypes.c_float * self.count).from_address(address)), np.float32).reshape(self.planar)
        if not self.is_last:
            array[...] = values
            return
        for channel in range(self.shape[-1]):
            array[channel] = values[..., channel]


def make_callback(function: Map, name: str, source: View, target: View, repeats: int) -> Callable[[int, int, int | None], int]:
    """Return what the library calls: `function` on its memory, once for each channel of a map that
    is the same for all.
    """

    def run(given: int, wanted: int) -> None:
        for index in range(repeats):
            result = checked(function(source.read(given + 4 * index * source.count)), target.shape, name)
            if not np.isfinite(result).all():
                raise SolveError(f"{name} of the operator returned values that are not finite")
            target.write(wanted + 4 * index * target.count, result)

    def called(given: int, wanted: int, _context: int | None) -> int:
        watch = current_watch()
        return 1 if watch is None else watch.guard(lambda: run(given, wanted))

    return called


def checked(result: Any, shape: tuple[int, ...] | None, name: str) -> np.ndarray:
    """Return what a function of the user's returned, as an array of real numbers of this shape."""
    if result is None:
        raise ArgumentError(f"{name} returned None, but must return an array", name)
    array = np.asarray(result)
    if array.dtype.kind not in "fiub":
        raise ArgumentTypeError(f"{name} returned {array.dtype}, but must return real numbers", name)
    if shape is not None and array.shape != shape:
        raise ArgumentError(f"{name} returned the shape {array.shape}, but must return {shape}", name)
    return array
