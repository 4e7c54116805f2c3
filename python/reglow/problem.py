"""What all inverse problems y = A x + noise have: A, its adjoint, and simulated measurements."""

from __future__ import annotations

import ctypes
from collections.abc import Hashable
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import ask, call, watched_call
from ._handle import Handle
from ._layout import COLOURS, Layout, find_layout
from ._pixels import Pixels, read_array, read_pixels, require_finite
from .errors import ArgumentError


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
        sides = take.shape(image_shape, "image_shape")
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


def _shape(planes: np.ndarray) -> s.Shape:
    return s.Shape(*planes.shape[1:])


def _scene(handle: Handle, height: int, width: int) -> s.Scene:
    scene = s.Scene()
    call("problem_scene", handle, height, width, ctypes.byref(scene))
    return scene
