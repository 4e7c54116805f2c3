"""Inverse problems y = A x + noise: the maps A that the library has."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import ask, call, watched_call
from ._handle import Handle
from ._layout import COLOURS, Layout, find_layout
from ._pixels import Pixels, find_white, read_array, read_mask, read_pixels, require_finite
from .errors import ArgumentError, ArgumentTypeError


class Problem:
    """A linear map A from images to measurements, for images of any size unless its class says
    otherwise.

    Images are arrays of shape (H, W, 3) or (H, W), several (N, H, W, 3); ``channel_axis=0`` (of a
    batch 1) says that the channels come first. uint8 and uint16 are scaled to the range from 0 to
    1, floats are taken as they are. A measurement that is an image has the same layout; one that is
    none has the shape (M,) or (N, M).
    """

    #: Whether the measurement is a row of numbers, not an image.
    is_vector: bool = False

    def apply(self, image: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute y = A x, float32. Where the border is unknown the image is the scene, and y is smaller."""
        pixels = read_pixels(image, channel_axis, "image")
        handle, shape = self._handle(pixels.layout, pixels.planes.shape[1]), _shape(pixels.planes)
        measured = self._measurement_planes(handle, shape, len(pixels.planes))
        watched_call("problem_apply", handle, ctypes.byref(shape), pixels.planes.ctypes.data, len(measured), measured.ctypes.data)
        return self._measurement_of(measured, pixels.layout)

    def adjoint(self, measurement: Any, image_size: tuple[int, int] | None = None, channel_axis: int | None = -1) -> np.ndarray:
        """Compute x = A' y, float32.

        Parameters
        ----------
        measurement : array
            y.
        image_size : (height, width), optional
            Of x; by default that of the scene which the measurement is of.
        channel_axis : int or None
            Where the channels of both are.
        """
        pixels = self._read_measurement(measurement, channel_axis, "measurement")
        planes, layout, channels = pixels.planes, pixels.layout, pixels.layout.channels
        handle = self._handle(layout, channels)
        height, width = self._image_size(handle, planes, image_size)
        shape = s.Shape(channels, height, width)
        expected = self._measurement_shape(handle, shape)
        if planes.shape[1:] != expected:
            raise ArgumentError(
                f"measurement has the shape {np.shape(measurement)}, but that of an image of {height}x{width} has "
                f"{self._shape_text(expected, layout)}",
                "measurement",
            )
        images = np.empty((len(planes), channels, height, width), np.float32)
        watched_call("problem_adjoint", handle, ctypes.byref(shape), planes.ctypes.data, len(planes), images.ctypes.data)
        return layout.images(images)

    def degrade(self, image: Any, noise: float = 0.01, seed: int = 0, channel_axis: int | None = -1) -> np.ndarray:
        """Simulate a measurement y = A x + noise, as ``reglow degrade`` does.

        Parameters
        ----------
        image : array
            x; for a batch the second image has its noise from seed + 1, and so on.
        noise : float
            Standard deviation of the noise on the scale from 0 to 1.
        seed : int
            Of the noise. Masks and matrices that are drawn have a seed of their own, in the
            problem.

        Returns
        -------
        float32 array
            Not clipped; what a mask removes is 0.
        """
        pixels = read_pixels(image, channel_axis, "image")
        require_finite(pixels.planes, "image", pixels.layout)
        deviation = take.number(noise, "noise", 0)
        handle, shape = self._handle(pixels.layout, pixels.planes.shape[1]), _shape(pixels.planes)
        measured = self._measurement_planes(handle, shape, len(pixels.planes))
        arguments = (pixels.planes.ctypes.data, len(measured), deviation, take.seed(seed), measured.ctypes.data)
        watched_call("problem_degrade", handle, ctypes.byref(shape), *arguments)
        return self._measurement_of(measured, pixels.layout)

    def measurement_shape(self, image_shape: tuple[int, ...], channel_axis: int | None = -1) -> tuple[int, ...]:
        """Return the shape of y = A x for an image, or images, of a shape."""
        layout, count, shape = self._posed(image_shape, channel_axis)
        expected = self._measurement_shape(self._handle(layout, shape.channels), shape)
        return self._user_shape(expected, layout, count)

    def measured(self, image_shape: tuple[int, ...], channel_axis: int | None = -1) -> np.ndarray:
        """Return which numbers of a measurement are measured (True) and which a mask removes: bool,
        of `measurement_shape`.
        """
        layout, count, shape = self._posed(image_shape, channel_axis)
        handle = self._handle(layout, shape.channels)
        planes = np.empty((1, *self._measurement_shape(handle, shape)), np.uint8)
        watched_call("problem_measured", handle, ctypes.byref(shape), planes.ctypes.data)
        return self._measurement_of(np.repeat(planes.view(bool), count, axis=0), layout)

    def norm(self, image_shape: tuple[int, ...], iterations: int = 30, channel_axis: int | None = -1) -> float:
        """Estimate the largest singular value of A by power iteration: a bound from below, nearer
        with more iterations.
        """
        layout, _, shape = self._posed(image_shape, channel_axis)
        found = ctypes.c_double()
        steps = take.whole(iterations, "iterations", 1)
        watched_call("problem_norm", self._handle(layout, shape.channels), ctypes.byref(shape), steps, ctypes.byref(found))
        return found.value

    def restored_part(self, truth: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Return the part of the truth that is restored from its measurement: where the border is
        unknown its middle, else all.

        A view of `truth`, to compare a result with.
        """
        array, _ = read_array(truth, "truth")
        layout, _, shape = self._posed(array.shape, channel_axis)
        handle = self._handle(layout, shape.channels)
        _, height, width = self._measurement_shape(handle, shape)
        scene = _scene(handle, height, width)
        if (scene.height, scene.width) != (shape.height, shape.width):
            return array
        rows = slice(scene.top, scene.top + scene.image_height)
        columns = slice(scene.left, scene.left + scene.image_width)
        index = {None: (rows, columns), -1: (rows, columns, slice(None)), -3: (slice(None), rows, columns)}[layout.axis]
        return array[(slice(None), *index) if layout.is_batch else index]

    @property
    def notes(self) -> list[str]:
        """What should be known of the problem, such as that a point spread was moved to its centre."""
        handle = self._handle(Layout(-1, False, COLOURS), COLOURS)
        found: list[str] = []
        while (note := ask("problem_note", handle, len(found))) is not None:
            found.append(note.decode())
        return found

    # What a class says of itself

    def _make(self, layout: Layout, channels: int) -> Handle:
        """Make the problem of the library, for images of this layout in so many channels."""
        raise NotImplementedError

    def _key(self, layout: Layout, channels: int) -> Hashable:
        """Return what `_make` depends on."""
        return ()

    # What they share

    def _handle(self, layout: Layout, channels: int) -> Handle:
        handles: dict[Hashable, Handle] = self.__dict__.setdefault("_handles", {})
        key = self._key(layout, channels)
        if key not in handles:
            handles[key] = self._make(layout, channels)
        return handles[key]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_handles"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _posed(self, image_shape: tuple[int, ...], channel_axis: int | None) -> tuple[Layout, int, s.Shape]:
        sides = tuple(take.whole(side, "image_shape", 0) for side in image_shape)
        layout = find_layout(sides, channel_axis, "image_shape")
        height, width = (sides[-2], sides[-1]) if layout.axis in (None, -3) else (sides[-3], sides[-2])
        return layout, sides[0] if layout.is_batch else 1, s.Shape(layout.channels, height, width)

    def _measurement_shape(self, handle: Handle, shape: s.Shape) -> tuple[int, int, int]:
        found = s.Shape()
        call("problem_measurement_shape", handle, ctypes.byref(shape), ctypes.byref(found))
        return found.channels, found.height, found.width

    def _measurement_planes(self, handle: Handle, shape: s.Shape, count: int) -> np.ndarray:
        return np.empty((count, *self._measurement_shape(handle, shape)), np.float32)

    def _measurement_of(self, planes: np.ndarray, layout: Layout) -> np.ndarray:
        """Return measurements as users have them."""
        if self.is_vector:
            values = planes.reshape(len(planes), -1)
            return values if layout.is_batch else values[0]
        return layout.with_channels(planes.shape[1]).images(planes)

    def _user_shape(self, shape: tuple[int, int, int], layout: Layout, count: int) -> tuple[int, ...]:
        if self.is_vector:
            size = int(np.prod(shape))
            return (count, size) if layout.is_batch else (size,)
        return layout.with_channels(shape[0]).shape(count, *shape[1:])

    def _shape_text(self, shape: tuple[int, int, int], layout: Layout) -> str:
        return str(self._user_shape(shape, layout.of_one(), 1))

    def _read_measurement(self, measurement: Any, channel_axis: int | None, name: str, data_range: float | None = None) -> Pixels:
        """Return the measurement as planes, with the layout of the images that belong to it."""
        return read_pixels(measurement, channel_axis, name, data_range)

    def _restored_size(self, pixels: Pixels) -> tuple[int, int]:
        """Return height and width of the image that is restored from a measurement."""
        scene = _scene(self._handle(pixels.layout, pixels.layout.channels), *pixels.planes.shape[2:])
        return scene.image_height, scene.image_width

    def _image_size(self, handle: Handle, planes: np.ndarray, image_size: tuple[int, int] | None) -> tuple[int, int]:
        if image_size is not None:
            return take.size(image_size, "image_size")
        scene = _scene(handle, *planes.shape[2:])
        return scene.height, scene.width


@dataclass(frozen=True)
class Denoise(Problem):
    """A = identity: nothing but noise."""

    def _make(self, layout: Layout, channels: int) -> Handle:
        return Handle("problem", "problem_denoise")


@dataclass(frozen=True, eq=False)
class Deblur(Problem):
    """A is the convolution with a point spread.

    Parameters
    ----------
    point_spread : str or (h, w) array
        What one bright pixel becomes: "uniform:SIZE", "gaussian:SIGMA",
        "gaussian:ALONG,ACROSS@DEGREES", "motion:LENGTH@DEGREES", "disk:RADIUS", "airy:RADIUS"
        (lengths in pixels, degrees counter-clockwise from the horizontal), or an array, which is
        scaled to a sum of 1.
    border : {"unknown", "periodic", "reflect", "replicate", "zero"}
        What lies beyond the edge. With "unknown" the measurement is a window of a larger scene, as
        a photograph is: `restore` finds what surrounds it along with it, `degrade` measures only
        where nothing beyond the truth is needed.
    centre : {"auto", "middle", "corner", "mass"}
        Which entry of an array is its centre: the middle (row h // 2, column w // 2), the first
        entry (numpy.fft.ifftshift, psf2otf), or the nearest to the centre of mass. "auto" is the
        first entry where the light lies around it and wraps around, else the middle.
    """

    point_spread: str | np.ndarray = "uniform:5"
    border: str = "unknown"
    centre: str = "auto"

    def __post_init__(self) -> None:
        take.choice(self.border, "border", s.BORDERS)
        take.choice(self.centre, "centre", s.CENTRES)
        if not isinstance(self.point_spread, str):
            array, known = read_array(self.point_spread, "point_spread")
            if known is not None or array.ndim != 2 or array.size == 0:
                raise ArgumentError(f"point_spread has the shape {array.shape}, but must be (h, w), one for all channels", "point_spread")
            object.__setattr__(self, "point_spread", _frozen(array, np.float32))
        elif self.centre != "auto":
            raise ArgumentError("centre is for a point_spread that is an array", "centre")
        _check(self)

    def _make(self, layout: Layout, channels: int) -> Handle:
        border = s.BORDERS.index(self.border)
        if isinstance(self.point_spread, str):
            return Handle("problem", "problem_deblur", self.point_spread.encode(), border)
        values = np.ascontiguousarray(self.point_spread)
        return Handle("problem", "problem_deblur_array", values.ctypes.data, *values.shape, s.CENTRES.index(self.centre), border)


@dataclass(frozen=True)
class Superresolve(Problem):
    """The measurement has fewer rows and columns.

    Parameters
    ----------
    scale : int
        How many times fewer.
    filter : str
        What a measured pixel is: "mean" (over scale x scale pixels), "triangle", "bicubic",
        "lanczos3" (as Pillow and MATLAB's imresize make images smaller), or "gaussian:SIGMA" in
        pixels of the large image.
    border : {"unknown", "periodic", "reflect", "replicate", "zero"}
        What lies beyond the edge, for filters that are wider than their step: all but "mean".
    """

    scale: int = 2
    filter: str = "mean"
    border: str = "unknown"

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", take.whole(self.scale, "scale", 1, 2**31 - 1))
        take.choice(self.border, "border", s.BORDERS)
        if not isinstance(self.filter, str):
            raise ArgumentTypeError(f"filter is {self.filter!r}, but must be a text such as 'bicubic'", "filter")
        _check(self)

    def _make(self, layout: Layout, channels: int) -> Handle:
        return Handle("problem", "problem_superresolve", self.scale, self.filter.encode(), s.BORDERS.index(self.border))


@dataclass(frozen=True, eq=False)
class Inpaint(Problem):
    """Pixels are missing. Give one of `mask`, `missing` and `hole`.

    Parameters
    ----------
    mask : array, optional
        True (or 1, or white) where a pixel is **known**: scikit-image's inpainting has it the other
        way round, so give it ``~mask``. Of the shape (H, W), or of the image, each channel with a
        mask of its own; for a batch also (N, H, W) and (N, H, W, 3).
    missing : float, optional
        This part of the pixels, at least 0 and below 1, drawn from the seed.
    hole : int, optional
        A square of this side, in the centre.
    seed : int
        Of `missing`.
    """

    mask: np.ndarray | None = None
    missing: float | None = None
    hole: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        given = [name for name in ("mask", "missing", "hole") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ArgumentError(f"Inpaint needs one of mask, missing and hole, not {' and '.join(given) or 'none'}", (given or ["mask"])[0])
        object.__setattr__(self, "seed", take.seed(self.seed))
        if self.mask is not None:
            array, shown = read_array(self.mask, "mask")
            array = np.where(shown, array, np.zeros((), array.dtype)) if shown is not None else array
            if array.ndim not in (2, 3, 4):
                raise ArgumentError(f"mask has the shape {array.shape}, but must be (H, W) or that of the image", "mask")
            object.__setattr__(self, "mask", _frozen(array, array.dtype))
        if self.missing is not None:
            object.__setattr__(self, "missing", take.number(self.missing, "missing", 0, 1, below=True))
        if self.hole is not None:
            object.__setattr__(self, "hole", take.whole(self.hole, "hole", 1, 2**31 - 1))
        _check(self)

    def known(self, layout: Layout, shape: tuple[int, int, int, int]) -> np.ndarray | None:
        """Return the mask for images of this layout and shape (N, C, H, W), as bool (N or 1, C or
        1, H, W); None where it is drawn.
        """
        return None if self.mask is None else read_mask(self.mask, layout, shape, "mask")

    def _key(self, layout: Layout, channels: int) -> Hashable:
        return () if self.mask is None else (layout.axis, layout.is_batch, channels)

    def _make(self, layout: Layout, channels: int) -> Handle:
        if self.missing is not None:
            return Handle("problem", "problem_inpaint_random", self.missing, self.seed)
        if self.hole is not None:
            return Handle("problem", "problem_inpaint_hole", self.hole)
        assert self.mask is not None
        one = layout.of_one()
        height, width = self.mask.shape[:2] if self.mask.ndim == 2 or one.axis == -1 else self.mask.shape[-2:]
        known = read_mask(self.mask, one, (1, channels, height, width), "mask")[0]
        values = np.ascontiguousarray(known).view(np.uint8)
        return Handle("problem", "problem_inpaint_mask", values.ctypes.data, *values.shape)


@dataclass(frozen=True)
class Compressive(Problem):
    """A is a matrix of independent N(0, 1 / measurements) numbers, for images of one size; y has
    the shape (measurements,).

    Parameters
    ----------
    measurements : int
        Rows of the matrix.
    image_size : (height, width)
        Of the image, of which the measurement says nothing.
    seed : int
        The matrix is drawn from it.
    """

    measurements: int
    image_size: tuple[int, int] = (64, 64)
    seed: int = 0

    is_vector = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "measurements", take.whole(self.measurements, "measurements", 1, 2**31 - 1))
        object.__setattr__(self, "image_size", take.size(self.image_size, "image_size"))
        object.__setattr__(self, "seed", take.seed(self.seed))
        _check(self)

    def _make(self, layout: Layout, channels: int) -> Handle:
        return Handle("problem", "problem_compressive", self.measurements, *self.image_size, self.seed)

    def _read_measurement(self, measurement: Any, channel_axis: int | None, name: str, data_range: float | None = None) -> Pixels:
        is_batch = np.ndim(measurement) == 2
        axis = -1 if channel_axis in (-1, 2 + is_batch) else -3
        return read_rows(measurement, (self.measurements,), Layout(axis, is_batch, COLOURS), name, data_range)


def read_rows(measurement: Any, shape: tuple[int, ...], layout: Layout, name: str, data_range: float | None = None) -> Pixels:
    """Return measurements that are no images as planes (N, 1, 1, M).

    Parameters
    ----------
    measurement : array
        Of the shape `shape` or, where the layout is that of a batch, (N, *shape).
    layout : Layout
        Of the images that belong to them.
    """
    array, known = read_array(measurement, name)
    if array.dtype.kind != "f" and data_range is None:
        raise ArgumentTypeError(f"{name} holds {array.dtype}, but must hold floats", name)
    if array.ndim == 0 or array.shape[layout.is_batch :] != shape or array.size == 0:
        raise ArgumentError(f"{name} has the shape {array.shape}, but must be {shape} or (N, {', '.join(map(str, shape))})", name)
    white = find_white(array.dtype, data_range, name)
    rows = np.asarray(array, dtype=np.float32) if white == 1 else array / np.float32(white)
    rows = np.ascontiguousarray(rows, dtype=np.float32).reshape(array.shape[0] if layout.is_batch else 1, 1, 1, -1)
    return Pixels(rows, layout, None if known is None else known.reshape(rows.shape), 1.0 if data_range is None else white)


def problem_named(name: str) -> Problem:
    """Return the problem of a word that the command has too."""
    words: dict[str, Callable[[], Problem]] = {
        "denoise": Denoise,
        "deblur": Deblur,
        "superres": Superresolve,
        "superres-x2": lambda: Superresolve(2),
        "superres-x4": lambda: Superresolve(4),
        "inpaint-random": lambda: Inpaint(missing=0.6),
        "inpaint-hole": lambda: Inpaint(hole=20),
    }
    if name not in words:
        raise ArgumentError(
            f"problem is {name!r}, but must be one of {', '.join(map(repr, words))}, or an object such as reglow.Inpaint(mask=...)",
            "problem",
        )
    return words[name]()


def _check(problem: Problem) -> None:
    """Let the library judge a problem as it is made, not when it is first used."""
    if not (isinstance(problem, Inpaint) and problem.mask is not None):
        problem._handle(Layout(-1, False, COLOURS), COLOURS)


def _frozen(array: np.ndarray, dtype: Any) -> np.ndarray:
    copy = np.array(array, dtype=dtype, order="C")
    copy.flags.writeable = False
    return copy


def _shape(planes: np.ndarray) -> s.Shape:
    return s.Shape(*planes.shape[1:])


def _scene(handle: Handle, height: int, width: int) -> s.Scene:
    scene = s.Scene()
    call("problem_scene", handle, height, width, ctypes.byref(scene))
    return scene
