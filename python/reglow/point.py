"""The flow and its Jacobian at one point: the low level, for loops of one's own and for automatic differentiation."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._arrays import weights_of_all
from ._calls import call
from ._handle import Handle
from .errors import ArgumentError, ArgumentTypeError, StaleRecordError

if TYPE_CHECKING:
    from .flow import FlowMaps


class Mapped(NamedTuple):
    """What a map gave.

    Attributes
    ----------
    values : numpy.ndarray
        float32: latents of shape (N, D), or images of shape (N, C, H, W).
    log_determinants : numpy.ndarray
        float64, of shape (N,): log|det| of the map's Jacobian for each image.
    record : int
        The number of the record, by which products are asked for.
    """

    values: np.ndarray
    log_determinants: np.ndarray
    record: int


class Point:
    """Memory for batches of one image size, and the record of the point at which derivatives are
    taken.

    `forward` and `inverse` record what they were given. The four products with the Jacobian are
    taken there, until the next `forward` or `inverse` of the same point. Each record has a number;
    a product that names a number which the point does not hold any more raises `StaleRecordError`.

    Images have the shape (N, C, H, W), black 0 and white 1, latents (N, D) with D = C H W. An array
    that is float32 and C-contiguous is used where it is; others are copied. One thread uses a point
    at a time, another gets a `StateError`.

    Parameters
    ----------
    prior : Prior
        The model.
    height, width : int
        Of each image: multiples of ``prior.size_multiple``.
    capacity : int
        The most images of a batch.
    threads : int, optional
        How many work at once; by default those of the prior.

    Raises
    ------
    ArgumentError
        For sides that the flow does not take.
    OutOfMemoryError
        When it would not fit; `bytes_needed` says how much it takes.
    """

    def __init__(self, prior: FlowMaps, height: int, width: int, capacity: int = 1, threads: int | None = None) -> None:
        height, width = take.whole(height, "height", 1), take.whole(width, "width", 1)
        capacity = take.whole(capacity, "capacity", 1)
        count = take.thread_count(threads if threads is not None else prior.threads)
        self._handle = Handle("point", "point_new", prior._handle, height, width, capacity, count)
        facts = self._facts()
        self.shape: tuple[int, int, int] = (facts.shape.channels, facts.shape.height, facts.shape.width)
        self.dimensions: int = facts.dimensions
        self.capacity: int = facts.capacity
        self.threads: int = facts.threads
        self.bytes: int = facts.bytes

    def _facts(self) -> s.PointFacts:
        facts = s.PointFacts()
        call("point_describe", self._handle, ctypes.byref(facts))
        return facts

    @property
    def record(self) -> int:
        """The number of the record that the point holds; 0 before the first."""
        return self._facts().record

    @property
    def count(self) -> int:
        """How many images the record has."""
        return self._facts().count

    def forward(self, images: np.ndarray, out: np.ndarray | None = None) -> Mapped:
        """Compute z = f(x) and log|det dz/dx|, and record x.

        Parameters
        ----------
        images : (N, C, H, W) array
            x, with N from 1 to `capacity`.
        out : (N, D) float32 array, optional
            Receives z.
        """
        return self._map("forward", images, (self.dimensions,), out)

    def inverse(self, latents: np.ndarray, out: np.ndarray | None = None) -> Mapped:
        """Compute x = g(z), g = f^-1, and log|det dx/dz|, and record z.

        Parameters
        ----------
        latents : (N, D) array
            z, with N from 1 to `capacity`.
        out : (N, C, H, W) float32 array, optional
            Receives x.
        """
        return self._map("inverse", latents, self.shape, out)

    def forward_jvp(self, tangents: np.ndarray, record: int = 0, out: np.ndarray | None = None) -> np.ndarray:
        """Compute dz = J_f dx for each image of the record; `record` 0 is the one that the point holds."""
        return self._jvp("forward_jvp", tangents, (self.dimensions,), record, out)

    def inverse_jvp(self, tangents: np.ndarray, record: int = 0, out: np.ndarray | None = None) -> np.ndarray:
        """Compute dx = J_g dz for each latent of the record; `record` 0 is the one that the point holds."""
        return self._jvp("inverse_jvp", tangents, self.shape, record, out)

    def forward_vjp(
        self,
        cotangents: np.ndarray | None = None,
        log_determinant_cotangents: np.ndarray | None = None,
        record: int = 0,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Compute J_f' w_i + c_i grad log|det J_f| for each image i of the record.

        Parameters
        ----------
        cotangents : (N, D) array, optional
            w; None stands for zeros.
        log_determinant_cotangents : (N,) array, optional
            c, one number for each image; None stands for zeros. Not both may be None.
        record : int
            The number of the record that is meant; 0 is the one that the point holds.
        out : (N, C, H, W) float32 array, optional
            Receives the result.

        Raises
        ------
        StaleRecordError
            When the point holds another record by now.
        """
        return self._vjp("forward_vjp", cotangents, log_determinant_cotangents, self.shape, record, out)

    def inverse_vjp(
        self,
        cotangents: np.ndarray | None = None,
        log_determinant_cotangents: np.ndarray | None = None,
        record: int = 0,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Compute J_g' v_i + c_i grad log|det J_g|, in z, for each latent i of the record. The
        arguments are as those of `forward_vjp`.
        """
        return self._vjp("inverse_vjp", cotangents, log_determinant_cotangents, (self.dimensions,), record, out)

    def close(self) -> None:
        """Release the memory now; it is released anyway when nothing refers to the point."""
        self._handle.close()

    def __enter__(self) -> Point:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        channels, height, width = self.shape
        state = "" if self._handle.is_open else ", closed"
        return f"<Point for {self.capacity} images of {height}x{width} in {channels} channels, {self.bytes / 1e6:.0f} MB{state}>"

    def __reduce__(self) -> Any:
        raise TypeError("a Point is memory of this process and cannot be pickled: make another with prior.point(...)")

    def _map(self, name: str, values: np.ndarray, result: tuple[int, ...], out: np.ndarray | None) -> Mapped:
        given = self._read(values, "images" if name == "forward" else "latents", None)
        count = len(given)
        received = _result(out, (count, *result))
        log_determinants = np.empty(count, np.float64)
        record = ctypes.c_uint64()
        call(name, self._handle, given.ctypes.data, count, received.ctypes.data, log_determinants.ctypes.data, ctypes.byref(record))
        return Mapped(received, log_determinants, record.value)

    def _jvp(self, name: str, tangents: np.ndarray, result: tuple[int, ...], record: int, out: np.ndarray | None) -> np.ndarray:
        record, count = self._meant(record)
        given = self._read(tangents, "tangents", count)
        received = _result(out, (count, *result))
        call(name, self._handle, record, given.ctypes.data, received.ctypes.data)
        return received

    def _vjp(
        self,
        name: str,
        cotangents: np.ndarray | None,
        weights: np.ndarray | None,
        result: tuple[int, ...],
        record: int,
        out: np.ndarray | None,
    ) -> np.ndarray:
        record, count = self._meant(record)
        given = None if cotangents is None else self._read(cotangents, "cotangents", count)
        each = weights_of_all(weights, count)
        received = _result(out, (count, *result))
        call(name, self._handle, record, _data(given), _data(each), received.ctypes.data)
        return received

    def _meant(self, record: int) -> tuple[int, int]:
        """Return the number of the record that is meant and how many images it has.

        The library gets the number, never 0, so that arrays which were made for this record are
        never used for one of another thread.
        """
        record, facts = take.seed(record, "record"), self._facts()
        if facts.record == 0:
            raise StaleRecordError("the point holds no record yet: call forward or inverse first")
        if record not in (0, facts.record):
            raise StaleRecordError(f"the point holds record {facts.record} by now, not {record}: call forward or inverse again")
        return facts.record, facts.count

    def _read(self, values: np.ndarray, name: str, count: int | None) -> np.ndarray:
        """Return numbers as the library takes them: of images or of latents, of as many as there are or must be."""
        array = np.asarray(values)
        if array.dtype.kind != "f":
            raise ArgumentTypeError(f"{name} holds {array.dtype}, but must hold floats", name)
        array = np.ascontiguousarray(array, dtype=np.float32)
        given = len(array) if array.ndim else 0
        if array.shape[1:] not in (self.shape, (self.dimensions,)) or given == 0:
            shapes = f"(N, {', '.join(map(str, self.shape))}) or (N, {self.dimensions})"
            raise ArgumentError(f"{name} has the shape {array.shape}, but at this point must be {shapes}", name)
        if count is None and given > self.capacity:
            raise ArgumentError(f"{name} has {given} images, but the point's capacity is {self.capacity}", name)
        if count is not None and given != count:
            raise ArgumentError(f"{name} has {given} images, but the record has {count}", name)
        return array


def bytes_needed(prior: FlowMaps, height: int, width: int, capacity: int = 1, threads: int | None = None) -> int:
    """Return how many bytes a `Point` would take, without making it."""
    needed = ctypes.c_size_t()
    count = take.thread_count(threads if threads is not None else prior.threads)
    sides = take.whole(height, "height", 1), take.whole(width, "width", 1)
    call("point_bytes", prior._handle, *sides, take.whole(capacity, "capacity", 1), count, ctypes.byref(needed))
    return needed.value


def _data(array: np.ndarray | None) -> int | None:
    return None if array is None else array.ctypes.data


def _result(out: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray:
    if out is None:
        return np.empty(shape, np.float32)
    if not isinstance(out, np.ndarray) or out.dtype != np.float32 or not out.flags.c_contiguous or not out.flags.writeable:
        raise ArgumentTypeError("out must be a writable, C-contiguous numpy array of float32", "out")
    if out.shape != shape:
        raise ArgumentError(f"out has the shape {out.shape}, but must be {shape}", "out")
    return out
