"""A linear map of one's own as the problem: two functions, a matrix, or a scipy LinearOperator."""

from __future__ import annotations

import ctypes
import math
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._callbacks import Map, View, checked, make_callback
from ._handle import Handle
from ._layout import COLOURS, Layout, checked_axis, find_layout
from ._matrices import matrix_products, matrix_shape
from ._pixels import Pixels, read_pixels, read_rows
from .errors import ArgumentError, ArgumentTypeError
from .problem import Problem

# Of |A x| |y|: single precision gives 1e-7 or less for a map that is right, and a wrong adjoint of n numbers is off by about
# n^(-1/2). Between both is this times n^(-1/4).
_ADJOINT_TOLERANCE = 1e-3


class LinearOperator(Problem):
    """A linear map A and its adjoint A', given as two functions on numpy arrays.

    Parameters
    ----------
    apply : callable
        Takes x, float32 of `image_shape`, and returns A x, of `measurement_shape`. It keeps neither
        of both.
    adjoint : callable
        Takes y, float32 of `measurement_shape`, and returns A' y, of `image_shape`: <A x, y> = <x,
        A' y>. It is the transpose, not an inverse.
    image_shape : tuple of int
        (H, W, 3), or (3, H, W) with ``channel_axis=0``; or (H, W) for a map that does the same to
        each channel, which then is called once for each.
    measurement_shape : tuple of int, optional
        Of y; by default that of the image. One of two dimensions, or with an axis of 3 channels as
        the image has it, is an image too, and so its noise can be estimated; all others are rows of
        numbers.
    channel_axis : int
        Where the channels are. With 0 arrays go to the functions without a copy (and read-only);
        else each is a copy.
    nonnegative : bool
        Whether no entry of the matrix of A is negative: then a solve can begin nearer to the
        solution.
    check : bool
        Whether the adjoint is tried on random numbers now.

    Raises
    ------
    ArgumentError
        When the functions return arrays of other shapes, or `adjoint` is not the adjoint of
        `apply`.

    Examples
    --------
    A blur of scipy:

    >>> from scipy.ndimage import uniform_filter
    >>> blur = lambda x: uniform_filter(x, (5, 5, 1), mode="wrap")
    >>> problem = reglow.LinearOperator(blur, blur, image_shape=(64, 64, 3))
    >>> result = reglow.restore(y, problem, noise=0.01)
    """

    def __init__(
        self,
        apply: Map,
        adjoint: Map,
        image_shape: tuple[int, ...],
        measurement_shape: tuple[int, ...] | None = None,
        *,
        channel_axis: int | None = -1,
        nonnegative: bool = False,
        check: bool = True,
    ) -> None:
        for name, function in (("apply", apply), ("adjoint", adjoint)):
            if not callable(function):
                raise ArgumentTypeError(f"{name} is {type(function).__name__}, but must be a function", name)
        self._functions = (apply, adjoint)
        self.image_shape = take.shape(image_shape, "image_shape")
        self.layout = find_layout(self.image_shape, channel_axis, "image_shape")
        if self.layout.is_batch:
            raise ArgumentError(f"image_shape is {self.image_shape}, but must be that of one image", "image_shape")
        self.channel_axis = self.layout.axis
        self.measured_shape = self.image_shape if measurement_shape is None else take.shape(measurement_shape, "measurement_shape")
        self.nonnegative = bool(take.flag(nonnegative, "nonnegative"))
        self._planar = _planar_shape(self.measured_shape, self.layout)
        self.is_vector = self._planar is None
        if check:
            self.check()

    @property
    def is_channelwise(self) -> bool:
        """Whether the functions take one channel at a time."""
        return self.layout.axis is None

    @classmethod
    def wrap(
        cls,
        operator: Any,
        image_shape: tuple[int, ...],
        measurement_shape: tuple[int, ...] | None = None,
        *,
        channel_axis: int | None = -1,
        nonnegative: bool = False,
        check: bool = True,
    ) -> LinearOperator:
        """Take a matrix (of numpy or scipy.sparse), or anything with `shape`, `matvec` and
        `rmatvec`, such as a scipy LinearOperator.

        Parameters
        ----------
        operator : (M, N) matrix or linear operator
            N is the count of numbers of `image_shape`, in the order of ``image.ravel()``.
        image_shape : tuple of int
            As for the class; with (H, W) the operator is used for each channel.
        measurement_shape : tuple of int, optional
            M numbers; by default that of the image where they are as many, else (M,).
        channel_axis, nonnegative, check
            As for the class.
        """
        rows, columns = matrix_shape(operator)
        sides = take.shape(image_shape, "image_shape")
        if math.prod(sides) != columns:
            raise ArgumentError(
                f"image_shape {sides} has {math.prod(sides)} numbers, but the operator of shape {(rows, columns)} takes {columns}",
                "image_shape",
            )
        measured = (
            (sides if rows == columns else (rows,)) if measurement_shape is None else take.shape(measurement_shape, "measurement_shape")
        )
        if math.prod(measured) != rows:
            raise ArgumentError(
                f"measurement_shape {measured} has {math.prod(measured)} numbers, but the operator of shape {(rows, columns)} gives {rows}",
                "measurement_shape",
            )
        forward, backward = matrix_products(operator)
        return cls(
            lambda x: np.asarray(forward(x.ravel())).reshape(measured),
            lambda y: np.asarray(backward(y.ravel())).reshape(sides),
            sides,
            measured,
            channel_axis=channel_axis,
            nonnegative=nonnegative,
            check=check,
        )

    def check(self, seed: int = 0) -> float:
        """Try on random numbers whether `adjoint` is the adjoint of `apply`, and whether both are
        linear.

        Returns
        -------
        float
            |<A x, y> - <x, A' y>| over |A x| |y|.

        Raises
        ------
        ArgumentError
            When that is more than rounding can explain, or a zero does not become a zero.
        """
        random = np.random.default_rng(seed)
        x = self._shown(random.standard_normal(self.image_shape))
        y = self._shown(random.standard_normal(self.measured_shape))
        apply, adjoint = self._functions
        forward = checked(apply(x), self.measured_shape, "apply")
        # A random y sees all of A'; A x, whose product with itself is large, sees small errors.
        error = self._adjoint_error(x, y, forward, _ADJOINT_TOLERANCE * min(x.size, y.size) ** -0.25)
        self._adjoint_error(x, self._shown(forward), forward, _ADJOINT_TOLERANCE)
        for name, function, shape in (("apply", apply, self.image_shape), ("adjoint", adjoint, self.measured_shape)):
            if np.any(checked(function(self._shown(np.zeros(shape))), None, name) != 0):
                raise ArgumentError(f"{name} is not linear: it makes something else than 0 of 0", name)
        return error

    def _adjoint_error(self, x: np.ndarray, y: np.ndarray, forward: np.ndarray, tolerance: float) -> float:
        backward = checked(self._functions[1](y), self.image_shape, "adjoint")
        left, right = float(np.vdot(forward.astype(np.float64), y)), float(np.vdot(x, backward.astype(np.float64)))
        scale = max(float(np.linalg.norm(forward) * np.linalg.norm(y)), float(np.linalg.norm(x) * np.linalg.norm(backward)))
        error = abs(left - right) / scale if scale > 0 else 0.0
        if not error <= tolerance:
            raise ArgumentError(
                f"adjoint is not the adjoint of apply: for an x and a y, <A x, y> is {left:.6g}, but <x, A' y> is {right:.6g}", "adjoint"
            )
        return error

    def _shown(self, values: np.ndarray) -> np.ndarray:
        """Return an array as the functions get it from the library."""
        array = np.array(values, dtype=np.float32, order="C")
        array.flags.writeable = self.layout.axis == -1 and array.ndim == 3
        return array

    def __repr__(self) -> str:
        return f"LinearOperator({self.image_shape} -> {self.measured_shape})"

    # For the library

    def _key(self, layout: Layout, channels: int) -> Hashable:
        return self._channels(channels)

    def _channels(self, channels: int) -> int:
        return channels if self.is_channelwise else self.layout.channels

    def _make(self, layout: Layout, channels: int) -> Handle:
        count = self._channels(channels)
        height, width = self._image_sides()
        description = s.Operator()
        description.image = s.Shape(count, height, width)
        if self._planar is not None:
            description.measurement = s.Shape(count if self.is_channelwise else self._planar[0], *self._planar[1:])
        else:
            description.measurement = s.Shape(1, 1, math.prod(self.measured_shape) * (count if self.is_channelwise else 1))
        apply, adjoint = self._functions
        repeats = count if self.is_channelwise else 1
        description.apply = s.APPLY(make_callback(apply, "apply", self._image_view(), self._measurement_view(), repeats))
        description.adjoint = s.APPLY(make_callback(adjoint, "adjoint", self._measurement_view(), self._image_view(), repeats))
        description.is_nonnegative = int(self.nonnegative)
        keep = (description.apply, description.adjoint)
        return Handle("problem", "problem_linear", ctypes.byref(description), keep=(keep, description))

    def _image_sides(self) -> tuple[int, int]:
        first = 1 if self.layout.axis == -3 else 0
        return self.image_shape[first], self.image_shape[first + 1]

    def _image_view(self) -> View:
        return View(self.image_shape, self.layout.axis)

    def _measurement_view(self) -> View:
        is_image = self._planar is not None and len(self.measured_shape) == 3
        return View(self.measured_shape, self.layout.axis if is_image else None)

    def _read_measurement(self, measurement: Any, channel_axis: int | None, name: str, data_range: float | None = None) -> Pixels:
        dimensions = np.ndim(measurement)
        if self.is_channelwise and self._planar is None:
            return self._read_channels(measurement, channel_axis, name, data_range)
        is_batch = dimensions == len(self.measured_shape) + 1
        if self._planar is None:
            return read_rows(measurement, self.measured_shape, self._images(is_batch), name, data_range)
        if self.is_channelwise:
            pixels = read_pixels(measurement, channel_axis, name, data_range)
        else:
            pixels = read_pixels(measurement, self._measurement_axis(), name, data_range)
            pixels = replace(pixels, layout=self._images(is_batch))
        if pixels.planes.shape[2:] != self._planar[1:]:
            raise ArgumentError(
                f"{name} has the shape {np.shape(measurement)}, but the measurements of this operator have {self.measured_shape}", name
            )
        return pixels

    def _images(self, is_batch: bool) -> Layout:
        return Layout(self.layout.axis, is_batch, self.layout.channels)

    def _measurement_axis(self) -> int | None:
        return self.layout.axis if len(self.measured_shape) == 3 else None

    def _read_channels(self, measurement: Any, channel_axis: int | None, name: str, data_range: float | None) -> Pixels:
        """Return rows of numbers, one after the other for each channel, or for a grey image one,
        which stands for all.
        """
        shape, found = self.measured_shape, np.shape(measurement)
        axis = -1 if checked_axis(channel_axis) in (-1, len(shape), len(shape) + 1) else -3
        colour = (*shape, COLOURS) if axis == -1 else (COLOURS, *shape)
        for is_batch in (False, True):
            if found[is_batch:] == shape:
                return read_rows(measurement, shape, Layout(None, is_batch, 1), name, data_range)
            if found[is_batch:] == colour:
                rows = read_rows(measurement, colour, Layout(axis, is_batch, COLOURS), name, data_range)
                if axis == -3:
                    return rows
                each = (len(rows.planes), math.prod(shape), COLOURS)

                def channels_first(part: np.ndarray, each: tuple[int, ...] = each) -> np.ndarray:
                    return np.ascontiguousarray(np.moveaxis(part.reshape(each), -1, 1)).reshape(len(part), 1, 1, -1)

                known = None if rows.known is None else channels_first(rows.known)
                return replace(rows, planes=channels_first(rows.planes), known=known)
        raise ArgumentError(f"{name} has the shape {found}, but must be {shape}, or {colour}, or several of them", name)

    def _measurement_of(self, planes: np.ndarray, layout: Layout) -> np.ndarray:
        if self._planar is not None:
            of_measurement = layout if self.is_channelwise else Layout(self._measurement_axis(), layout.is_batch, planes.shape[1])
            return of_measurement.with_channels(planes.shape[1]).images(planes)
        if not self.is_channelwise:
            values = planes.reshape(len(planes), *self.measured_shape)
            return values if layout.is_batch else values[0]
        values = planes.reshape(len(planes), -1, *self.measured_shape)
        if layout.axis is None:
            values = values[:, 0]
        elif layout.axis == -1:
            values = np.ascontiguousarray(np.moveaxis(values, 1, -1))
        return values if layout.is_batch else values[0]

    def _user_shape(self, shape: tuple[int, int, int], layout: Layout, count: int) -> tuple[int, ...]:
        return self._measurement_of(np.empty((count, *shape), bool), layout).shape

    def _restored_size(self, pixels: Pixels) -> tuple[int, int]:
        return self._image_sides()

    def _image_size(self, handle: Handle, planes: np.ndarray, image_size: tuple[int, int] | None) -> tuple[int, int]:
        return self._image_sides()


def _planar_shape(shape: tuple[int, ...], layout: Layout) -> tuple[int, int, int] | None:
    """Return channels, height and width of a measurement that is an image; None for one that is none."""
    if len(shape) == 2:
        return (1, *shape)
    if layout.axis is None or len(shape) != 3 or shape[layout.axis] != layout.channels:
        return None
    return (shape[2], shape[0], shape[1]) if layout.axis == -1 else shape  # type: ignore[return-value]
