"""The maps of a flow and the products with their Jacobians, on arrays as users have them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

from . import _arguments as take
from ._arrays import floats, one_or_all, part_of, vectors, weights_of_all
from ._handle import Handle
from ._layout import Layout, checked_axis
from ._pixels import Pixels, read_pixels, require_finite
from .errors import ArgumentError, ArgumentTypeError
from .point import Point

_BATCH_PIXELS = 16 * 64 * 64
_SPARE_POINTS = 2


class FlowMaps:
    """f: x -> z, its inverse and what is derived of both; the part of a `Prior` that computes."""

    name: str
    channels: int
    size_multiple: int
    threads: int | None
    _handle: Handle

    def __init__(self) -> None:
        self._spare: dict[tuple[int, int, int], list[Point]] = {}
        self._lock = threading.Lock()

    def point(self, height: int, width: int, capacity: int = 1, threads: int | None = None) -> Point:
        """Return memory in which the maps run, and derivatives are taken: see `Point`."""
        return Point(self, height, width, capacity, threads)

    def forward(self, images: Any, channel_axis: int | None = -1) -> tuple[np.ndarray, Any]:
        """Compute latents and log-determinants.

        Parameters
        ----------
        images : array
            x, of shape (H, W, 3) or (N, H, W, 3), or as `channel_axis` says.

        Returns
        -------
        latents : (D,) or (N, D) float32 array
            z = f(x).
        log_determinant : float or (N,) float64 array
            log|det dz/dx|.
        """
        pixels = self._images(images, channel_axis, "images")
        latents, log_determinants = self._all("forward", pixels.planes)
        return one_or_all(latents, pixels.layout), one_or_all(log_determinants, pixels.layout)

    def inverse(self, latents: Any, size: tuple[int, int] | None = None, channel_axis: int | None = -1) -> tuple[np.ndarray, Any]:
        """Compute images and log-determinants.

        Parameters
        ----------
        latents : (D,) or (N, D) array
            z.
        size : (height, width), optional
            Of the images; by default they are square.
        channel_axis : int or None
            Where the channels of the result are.

        Returns
        -------
        images : float32 array
            x = f^-1(z), not clipped.
        log_determinant : float or (N,) float64 array
            log|det dx/dz|.
        """
        values, layout, sides = self._latents(latents, size, channel_axis, "latents")
        images, log_determinants = self._all("inverse", values, sides)
        return layout.images(images), one_or_all(log_determinants, layout)

    def forward_jvp(self, images: Any, tangents: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute J_f dx at each image x, J_f = dz/dx. Tangents have the shape of the images, the
        result is (D,) or (N, D).
        """
        pixels = self._images(images, channel_axis, "images")
        directions = self._like(tangents, pixels, channel_axis, "tangents")
        return one_or_all(
            self._products("forward", pixels.planes, None, lambda point, part: point.forward_jvp(directions[part])), pixels.layout
        )

    def forward_vjp(
        self, images: Any, cotangents: Any | None = None, log_determinant_cotangents: Any | None = None, channel_axis: int | None = -1
    ) -> np.ndarray:
        """Compute J_f' w + c grad log|det J_f| at each image x.

        Parameters
        ----------
        images : array
            x.
        cotangents : (D,) or (N, D) array, optional
            w.
        log_determinant_cotangents : float or (N,) array, optional
            c. One of both must be given.

        Returns
        -------
        array
            Of the shape of the images.
        """
        pixels = self._images(images, channel_axis, "images")
        given = vectors(cotangents, pixels.planes.shape[0], pixels.planes[0].size, "cotangents")
        weights = weights_of_all(log_determinant_cotangents, pixels.planes.shape[0])
        product = self._products(
            "forward", pixels.planes, None, lambda point, part: point.forward_vjp(part_of(given, part), part_of(weights, part))
        )
        return pixels.layout.images(product)

    def inverse_jvp(self, latents: Any, tangents: Any, size: tuple[int, int] | None = None, channel_axis: int | None = -1) -> np.ndarray:
        """Compute J_g dz at each latent z, J_g = dx/dz. Tangents have the shape of the latents, the
        result is images.
        """
        values, layout, sides = self._latents(latents, size, channel_axis, "latents")
        directions = vectors(tangents, len(values), values.shape[1], "tangents")
        if directions is None:
            raise ArgumentTypeError("tangents is None, but must be an array", "tangents")
        return layout.images(self._products("inverse", values, sides, lambda point, part: point.inverse_jvp(directions[part])))

    def inverse_vjp(
        self,
        latents: Any,
        cotangents: Any | None = None,
        log_determinant_cotangents: Any | None = None,
        size: tuple[int, int] | None = None,
        channel_axis: int | None = -1,
    ) -> np.ndarray:
        """Compute J_g' v + c grad log|det J_g| at each latent z. Cotangents v are images, the
        result has the shape of the latents.
        """
        values, layout, sides = self._latents(latents, size, channel_axis, "latents")
        given = None
        if cotangents is not None:
            array = floats(cotangents, "cotangents")
            shape = layout.shape(len(values), *sides)
            if array.shape != shape:
                raise ArgumentError(f"cotangents has the shape {array.shape}, but the images have {shape}", "cotangents")
            given = np.ascontiguousarray(layout.planes(array), dtype=np.float32)
        weights = weights_of_all(log_determinant_cotangents, len(values))
        product = self._products(
            "inverse", values, sides, lambda point, part: point.inverse_vjp(part_of(given, part), part_of(weights, part))
        )
        return one_or_all(product, layout)

    def log_determinant(self, images: Any, channel_axis: int | None = -1) -> Any:
        """Compute log|det dz/dx| of each image: a float, or (N,) float64."""
        return self.forward(images, channel_axis)[1]

    def log_determinant_gradient(self, images: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute the gradient of log|det dz/dx| in x, of the shape of the images. With additive coupling it is 0."""
        pixels = self._images(images, channel_axis, "images")
        return self.forward_vjp(images, None, np.ones(len(pixels.planes)), channel_axis)

    # What the maps share

    def _images(self, images: Any, channel_axis: int | None, name: str) -> Pixels:
        pixels = read_pixels(images, channel_axis, name)
        if pixels.known is not None and not pixels.known.all():
            raise ArgumentError(f"{name} is a masked array with hidden values, of which a flow cannot be computed: fill them", name)
        if pixels.planes.shape[1] != self.channels:
            raise ArgumentError(
                f"{name} has the shape {np.shape(images)}, but the prior {self.name} is for images of {self.channels} channels", name
            )
        self._require_sides(pixels.planes.shape[2], pixels.planes.shape[3], name)
        require_finite(pixels.planes, name, pixels.layout)
        return pixels

    def _require_sides(self, height: int, width: int, name: str) -> None:
        if height % self.size_multiple or width % self.size_multiple:
            raise ArgumentError(
                f"{name}: the images are {height}x{width}, but the flow takes sides that are multiples of {self.size_multiple}", name
            )

    def _layout(self, channel_axis: int | None, is_batch: bool) -> Layout:
        if channel_axis is None and self.channels != 1:
            raise ArgumentError(f"channel_axis is None, but images of this prior have {self.channels} channels", "channel_axis")
        dimensions = 4 if is_batch else 3
        axis = checked_axis(channel_axis)
        if axis is not None and axis >= 0:
            axis -= dimensions
        if axis not in (None, -1, -3):
            front = 1 if is_batch else 0
            raise ArgumentError(f"channel_axis is {channel_axis}, but must be -1 (last) or {front} (in front)", "channel_axis")
        return Layout(axis, is_batch, self.channels)

    def _latents(
        self, latents: Any, size: tuple[int, int] | None, channel_axis: int | None, name: str
    ) -> tuple[np.ndarray, Layout, tuple[int, int]]:
        array = floats(latents, name)
        if array.ndim not in (1, 2) or array.size == 0:
            raise ArgumentError(f"{name} has the shape {array.shape}, but latents are (D,) or (N, D) with D = {self.channels} H W", name)
        is_batch = array.ndim == 2
        dimensions = array.shape[-1]
        if size is None:
            side = round((dimensions / self.channels) ** 0.5)
            if self.channels * side * side != dimensions:
                raise ArgumentError(
                    f"{name} has {dimensions} numbers for each image, which is none that is square: say size=(H, W)", "size"
                )
            size = (side, side)
        height, width = take.size(size)
        if self.channels * height * width != dimensions:
            raise ArgumentError(
                f"{name} has {dimensions} numbers for each image, but images of {height}x{width} have {self.channels * height * width}",
                name,
            )
        self._require_sides(height, width, "size")
        values = np.ascontiguousarray(array if is_batch else array[np.newaxis], dtype=np.float32)
        if not np.isfinite(values).all():
            raise ArgumentError(f"{name} has values that are not finite", name)
        return values, self._layout(channel_axis, is_batch), (height, width)

    def _like(self, tangents: Any, pixels: Pixels, channel_axis: int | None, name: str) -> np.ndarray:
        array = floats(tangents, name)
        count, _, height, width = pixels.planes.shape
        shape = pixels.layout.shape(count, height, width)
        if array.shape != shape:
            raise ArgumentError(f"{name} has the shape {array.shape}, but the images have {shape}", name)
        return np.ascontiguousarray(pixels.layout.planes(array), dtype=np.float32)

    def _all(self, name: str, values: np.ndarray, size: tuple[int, int] | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Map a batch of any length, and return values and log-determinants."""
        sides = size or values.shape[2:]
        count, dimensions = len(values), self.channels * sides[0] * sides[1]
        shape = (count, dimensions) if name == "forward" else (count, self.channels, *sides)
        result, log_determinants = np.empty(shape, np.float32), np.empty(count, np.float64)
        for part in self._parts(values, sides):
            with self._point(sides, part.stop - part.start) as point:
                mapped = getattr(point, name)(values[part], out=result[part])
            log_determinants[part] = mapped.log_determinants
        return result, log_determinants

    def _products(
        self, name: str, values: np.ndarray, size: tuple[int, int] | None, product: Any, takes_values: bool = False
    ) -> np.ndarray:
        """Record each part of a batch and take a product there."""
        sides = size or values.shape[2:]
        results = []
        for part in self._parts(values, sides):
            with self._point(sides, part.stop - part.start) as point:
                mapped = getattr(point, name)(values[part])
                results.append(product(point, part, mapped.values) if takes_values else product(point, part))
        return results[0] if len(results) == 1 else np.concatenate(results)

    def _parts(self, values: np.ndarray, size: tuple[int, ...] | None = None) -> Iterator[slice]:
        """Cut a batch into parts that need no more memory than one of 16 images of 64x64, or one image."""
        height, width = size or values.shape[2:]
        most = max(1, _BATCH_PIXELS // (height * width))
        for first in range(0, len(values), most):
            yield slice(first, min(first + most, len(values)))

    @contextmanager
    def _point(self, size: tuple[int, ...], count: int) -> Iterator[Point]:
        """Lend a point of this thread's own; some are kept for the next call."""
        key = (size[0], size[1], count)
        with self._lock:
            spare = self._spare.get(key)
            point = spare.pop() if spare else None
        point = point or Point(self, *key)
        yield point
        with self._lock:
            if self._handle.is_open:
                kept = self._spare.pop(key, [])
                self._spare[key] = [*kept, point][:_SPARE_POINTS]
                while len(self._spare) > _SPARE_POINTS:
                    self._spare.pop(next(iter(self._spare)))
