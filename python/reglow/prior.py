"""A trained flow: what it is, its maps, samples and likelihoods of images."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import ask, call
from ._handle import Handle
from ._layout import Layout
from ._library import PACKAGE, library
from ._pixels import Pixels, read_array, read_pixels, require_finite
from .errors import ArgumentError, ArgumentTypeError, FileError, MissingFileError
from .point import Point

_FOLDER = PACKAGE / "share" / "reglow" / "models"
_ENDING = ".safetensors"
_FACES = ("faces64", "faces64-bootstrap")
_BATCH_PIXELS = 16 * 64 * 64
_SPARE_POINTS = 2


def priors() -> list[str]:
    """Return the names of the priors that came with this package or were installed with the library."""
    of_library = (library().reglow_prior_name(index) for index in range(library().reglow_prior_count()))
    names = {name.decode() for name in of_library if name is not None}
    return sorted(names | {path.stem for path in _FOLDER.glob("*" + _ENDING)})


class Prior:
    """A trained Glow flow f, which takes an image x to a latent z = f(x) with z ~ N(0, I) under the
    model.

    Make one with `Prior.load`. It never changes, may be used by many threads at once, and is
    pickled by its path.

    Images are arrays of numbers with black 0 and white 1, of shape (H, W, 3) or (N, H, W, 3), and
    with ``channel_axis=0`` or ``1`` (3, H, W) or (N, 3, H, W); uint8 and uint16 are scaled. The
    sides must be multiples of `size_multiple` here (`restore` takes any). A float32 array that is
    planar and C-contiguous is not copied. Latents have the shape (D,) or (N, D), D = 3 H W.

    Attributes
    ----------
    path : str
        The model file.
    precision : str
        "fp32" or "bf16": the arithmetic of the coupling networks.
    threads : int or None
        How many work at once; None is what the machine and its cgroup offer.
    channels, levels, hidden, size_multiple, parameters, weight_bytes : int
        Channels of an image, levels of the flow, hidden channels of a coupling network, what the
        sides of an image are multiples of, numbers in the model file, bytes of the weights in
        memory.
    steps : tuple of int
        Flow steps of each level, the finest first.
    coupling : str
        "additive" or "affine". The log-determinant of an additive flow is the same for all images.
    sha256 : str
        Of the model file.
    """

    def __init__(self, name_or_path: str | os.PathLike[str], *, precision: str = "fp32", threads: int | None = None) -> None:
        self.threads = None if threads is None else take.thread_count(threads)
        where = locate(name_or_path)
        try:
            self._handle = Handle("model", "model_load", os.fsencode(where), take.choice(precision, "precision", s.PRECISIONS))
        except MissingFileError as error:
            raise MissingFileError(f"{error}{_advice(where)}") from None
        self.path = os.fsdecode(ask("model_path", self._handle))
        facts = s.ModelFacts()
        call("model_describe", self._handle, ctypes.byref(facts))
        self.precision: str = s.PRECISIONS[facts.precision]
        self.channels: int = facts.channels
        self.levels: int = facts.levels
        self.steps: tuple[int, ...] = tuple(facts.steps[: facts.levels])
        self.hidden: int = facts.hidden
        self.coupling: str = s.COUPLINGS[facts.coupling]
        self.size_multiple: int = facts.size_multiple
        self.parameters: int = facts.parameters
        self.weight_bytes: int = facts.weight_bytes
        self.sha256: str = facts.sha256.decode()
        self._spare: dict[tuple[int, int, int], list[Point]] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], *, precision: str = "fp32", threads: int | None = None) -> Prior:
        """Load a prior.

        Parameters
        ----------
        name_or_path : str or path
            The name of a shipped prior (see `priors`), or a model file.
        precision : {"fp32", "bf16"}
            The arithmetic of the coupling networks; all else is in 32 bit floats.
        threads : int, optional
            How many work at once; by default what the machine and its cgroup offer.

        Raises
        ------
        MissingFileError
            When there is no such prior and no such file.
        FileError
            When the file is no model.
        """
        return cls(name_or_path, precision=precision, threads=threads)

    @property
    def name(self) -> str:
        """The file's name without its ending, such as "photos"."""
        return Path(self.path).stem

    @property
    def card(self) -> dict[str, str]:
        """What the model says of itself: its licence, what it was trained on."""
        card: dict[str, str] = {}
        while (key := ask("model_card_key", self._handle, len(card))) is not None:
            card[key.decode()] = (ask("model_card", self._handle, key) or b"").decode("utf-8", "replace")
        return card

    def point(self, height: int, width: int, capacity: int = 1, threads: int | None = None) -> Point:
        """Return memory in which the maps of this prior run, and derivatives are taken: see `Point`."""
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
        return _one(latents, pixels.layout), _one(log_determinants, pixels.layout)

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
        return layout.images(images), _one(log_determinants, layout)

    def forward_jvp(self, images: Any, tangents: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute J_f dx at each image x, J_f = dz/dx. Tangents have the shape of the images, the
        result is (D,) or (N, D).
        """
        pixels = self._images(images, channel_axis, "images")
        directions = self._like(tangents, pixels, channel_axis, "tangents")
        return _one(self._products("forward", pixels.planes, None, lambda point, part: point.forward_jvp(directions[part])), pixels.layout)

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
        given = _vectors(cotangents, pixels.planes.shape[0], pixels.planes[0].size, "cotangents")
        weights = _weights(log_determinant_cotangents, pixels.planes.shape[0])
        product = self._products(
            "forward", pixels.planes, None, lambda point, part: point.forward_vjp(_part(given, part), _part(weights, part))
        )
        return pixels.layout.images(product)

    def inverse_jvp(self, latents: Any, tangents: Any, size: tuple[int, int] | None = None, channel_axis: int | None = -1) -> np.ndarray:
        """Compute J_g dz at each latent z, J_g = dx/dz. Tangents have the shape of the latents, the
        result is images.
        """
        values, layout, sides = self._latents(latents, size, channel_axis, "latents")
        directions = _vectors(tangents, len(values), values.shape[1], "tangents")
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
            array = _floats(cotangents, "cotangents")
            shape = layout.shape(len(values), *sides)
            if array.shape != shape:
                raise ArgumentError(f"cotangents has the shape {array.shape}, but the images have {shape}", "cotangents")
            given = np.ascontiguousarray(layout.planes(array), dtype=np.float32)
        weights = _weights(log_determinant_cotangents, len(values))
        product = self._products("inverse", values, sides, lambda point, part: point.inverse_vjp(_part(given, part), _part(weights, part)))
        return _one(product, layout)

    def log_determinant(self, images: Any, channel_axis: int | None = -1) -> Any:
        """Compute log|det dz/dx| of each image: a float, or (N,) float64."""
        return self.forward(images, channel_axis)[1]

    def log_determinant_gradient(self, images: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute the gradient of log|det dz/dx| in x, of the shape of the images. With additive coupling it is 0."""
        pixels = self._images(images, channel_axis, "images")
        return self.forward_vjp(images, None, np.ones(len(pixels.planes)), channel_axis)

    def log_likelihood(self, images: Any, channel_axis: int | None = -1) -> Any:
        """Compute log p(x) in nats: a density over pixel values from 0 to 1.

        Images of 8 bits are points of a grid, on which a density means little: see
        `bits_per_dimension`.

        Returns
        -------
        float or (N,) float64 array
        """
        pixels = self._images(images, channel_axis, "images")
        found = np.empty(len(pixels.planes), np.float64)
        for part in self._parts(pixels.planes):
            planes = pixels.planes[part]
            size = planes.shape[2:]
            call("log_likelihood", self._handle, planes.ctypes.data, len(planes), *size, self.threads or 0, found[part].ctypes.data)
        return _one(found, pixels.layout)

    def log_likelihood_gradient(self, images: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute the gradient of log p(x) in x, also called the score, of the shape of the images."""
        pixels = self._images(images, channel_axis, "images")
        product = self._products(
            "forward",
            pixels.planes,
            None,
            lambda point, part, latents: point.forward_vjp(-latents, np.ones(len(latents))),
            takes_values=True,
        )
        return pixels.layout.images(product)

    def bits_per_dimension(self, images: Any, noise_bits: int = 5, seed: int = 0, channel_axis: int | None = -1) -> Any:
        """Compute the bits per dimension of images, as ``reglow likelihood`` does; lower is
        likelier.

        They are ``noise_bits - log2 p(x + e) / D`` with uniform noise e of mean 0 and width ``2 **
        -noise_bits``.

        Parameters
        ----------
        images : array
            x.
        noise_bits : int
            From 1 to 8; figures of different ones cannot be compared. The shipped priors were
            trained with 5.
        seed : int
            Of the noise; that of the k-th image depends on the seed and k alone.

        Returns
        -------
        float or (N,) float64 array
        """
        pixels = self._images(images, channel_axis, "images")
        planes, found = pixels.planes, np.empty(len(pixels.planes), np.float64)
        bits = take.whole(noise_bits, "noise_bits", 1, 8)
        options = (bits, take.seed(seed), self.threads or 0)
        call("bits_per_dimension", self._handle, planes.ctypes.data, len(planes), *planes.shape[2:], *options, found.ctypes.data)
        return _one(found, pixels.layout)

    def sample(
        self,
        count: int | None = None,
        size: tuple[int, int] = (64, 64),
        temperature: float = 0.7,
        seed: int = 0,
        channel_axis: int | None = -1,
    ) -> np.ndarray:
        """Draw images: g(z) with z ~ N(0, temperature^2 I).

        Parameters
        ----------
        count : int, optional
            How many; the k-th depends on the seed and k alone. By default one, without an axis that
            counts.
        size : (height, width)
            Multiples of `size_multiple`.
        temperature : float
            The standard deviation of the latent; below 1 images are more typical, with less
            variety.
        seed : int
            Of the latents.

        Returns
        -------
        (H, W, 3) or (N, H, W, 3) float32 array
            Not clipped; the channels where `channel_axis` says.
        """
        number = 1 if count is None else take.whole(count, "count", 1)
        height, width = take.size(size)
        self._require_sides(height, width, "size")
        deviation = take.number(temperature, "temperature", 0)
        planes = np.empty((number, self.channels, height, width), np.float32)
        call("sample", self._handle, height, width, number, deviation, take.seed(seed), self.threads or 0, planes.ctypes.data)
        return self._layout(channel_axis, count is not None).images(planes)

    def close(self) -> None:
        """Release the model now; it is released anyway when nothing refers to it."""
        with self._lock:
            self._spare.clear()
        self._handle.close()

    def __enter__(self) -> Prior:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        steps = "+".join(map(str, self.steps))
        state = "" if self._handle.is_open else ", closed"
        return (
            f"<Prior {self.name!r}: {self.levels} levels of {steps} steps, {self.hidden} hidden channels, {self.coupling} coupling, "
            f"{self.parameters / 1e6:.1f} M parameters, {self.precision}{state}>"
        )

    def __reduce__(self) -> Any:
        return _load_again, (self.path, self.name, self.sha256, self.precision, self.threads)

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
        axis = None if channel_axis is None else take.whole(channel_axis, "channel_axis", -dimensions, dimensions - 1)
        if axis is not None and axis >= 0:
            axis -= dimensions
        if axis not in (None, -1, -3):
            front = 1 if is_batch else 0
            raise ArgumentError(f"channel_axis is {channel_axis}, but must be -1 (last) or {front} (in front)", "channel_axis")
        return Layout(axis, is_batch, self.channels)

    def _latents(
        self, latents: Any, size: tuple[int, int] | None, channel_axis: int | None, name: str
    ) -> tuple[np.ndarray, Layout, tuple[int, int]]:
        array = _floats(latents, name)
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
        array = _floats(tangents, name)
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


def locate(name_or_path: str | os.PathLike[str]) -> str:
    """Return the path of a prior inside this package, else what was given."""
    if isinstance(name_or_path, bytes) or not (isinstance(name_or_path, str) or hasattr(name_or_path, "__fspath__")):
        raise ArgumentTypeError(f"the prior is {name_or_path!r}, but must be a name or a path", "name_or_path")
    given = os.fspath(name_or_path)
    if not given:
        raise ArgumentError("the name of the prior is empty", "name_or_path")
    if "\0" in given:
        raise ArgumentError("the path of the prior has a zero byte in it", "name_or_path")
    own = _FOLDER / (given + _ENDING)
    if os.sep not in given and own.is_file():
        return str(own)
    return os.path.expanduser(given)


def _advice(name: str) -> str:
    if name not in _FACES:
        return ""
    return (
        f". {name} is for non-commercial research only, so that no wheel has it: take Models/{name}.safetensors of the sources, "
        "and give its path"
    )


def _load_again(path: str, name: str, sha256: str, precision: str, threads: int | None) -> Prior:
    """Load a pickled prior: by its path, or where that is not, by its name."""
    prior = Prior(path if os.path.exists(path) else name, precision=precision, threads=threads)
    if prior.sha256 != sha256:
        raise FileError(f"{prior.path} is another model than the one that was pickled (SHA-256 {prior.sha256}, not {sha256})")
    return prior


def _floats(values: Any, name: str) -> np.ndarray:
    array, _ = read_array(values, name)
    if array.dtype.kind != "f":
        raise ArgumentTypeError(f"{name} holds {array.dtype}, but must hold floats", name)
    return array


def _vectors(values: Any | None, count: int, dimensions: int, name: str) -> np.ndarray | None:
    if values is None:
        return None
    array = _floats(values, name)
    if array.shape != (count, dimensions) and not (count == 1 and array.shape == (dimensions,)):
        raise ArgumentError(f"{name} has the shape {array.shape}, but must be ({count}, {dimensions})", name)
    return np.ascontiguousarray(array, dtype=np.float32).reshape(count, dimensions)


def _weights(values: Any | None, count: int) -> np.ndarray | None:
    if values is None:
        return None
    array = np.asarray(values, dtype=np.float64)
    if array.shape not in ((count,), ()):
        raise ArgumentError(
            f"log_determinant_cotangents has the shape {array.shape}, but there are {count} images: ({count},)",
            "log_determinant_cotangents",
        )
    return np.ascontiguousarray(np.broadcast_to(array, (count,)))


def _part(values: np.ndarray | None, part: slice) -> np.ndarray | None:
    return None if values is None else values[part]


def _one(values: np.ndarray, layout: Layout) -> Any:
    """Return what belongs to the one image, or all of a batch."""
    if layout.is_batch:
        return values
    return values[0] if values.ndim > 1 else float(values[0])
