"""Where the flow was evaluated, kept from a forward pass until its backward pass."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..point import Point, bytes_needed
from ..prior import Prior


class Record:
    """A batch at which a map was evaluated, for the products with its Jacobian.

    Attributes
    ----------
    name : str
        "forward" or "inverse".
    size : (int, int)
        Height and width of the images.
    parts : list of (slice, int, int)
        Images of the batch, the serial number of the place that recorded them, and the number of
        the point's record.
    """

    def __init__(self, name: str, size: tuple[int, int]) -> None:
        self.name = name
        self.size = size
        self.parts: list[tuple[slice, int, int]] = []


@dataclass
class _Place:
    """A point, and the record for whose products it is kept."""

    point: Point
    serial: int
    is_busy: bool = field(default=True)
    claim: weakref.ref[Record] | None = field(default=None)
    used: int = field(default=0)

    @property
    def is_claimed(self) -> bool:
        return self.claim is not None and self.claim() is not None


class Records:
    """Points of one prior, each lent to one call at a time.

    A point is kept for its `Record` until nothing holds that any more: until autograd's graph is
    released. Where this takes more than `memory` bytes the oldest points are used anew, and maps
    are evaluated again where their products are asked for.
    """

    def __init__(self, prior: Prior, memory: int) -> None:
        self.prior = prior
        self.memory = memory
        self.forget()
        _all.add(self)

    def __reduce__(self) -> Any:
        return Records, (self.prior, self.memory)

    def forget(self) -> None:
        """Release all points; later products evaluate their maps again."""
        self._places: list[_Place] = []
        self._lock = threading.Lock()
        self._clock = 0

    def map(self, name: str, values: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, Record]:
        """Evaluate a map of a batch of any length.

        Parameters
        ----------
        name : {"forward", "inverse"}
            Which.
        values : (N, C, H, W) or (N, D) float32 array
            x or z.
        size : (int, int)
            H and W.

        Returns
        -------
        values : (N, D) or (N, C, H, W) float32 array
        log_determinants : (N,) float64 array
        record : Record
        """
        count, channels = len(values), self.prior.channels
        shape = (count, channels * size[0] * size[1]) if name == "forward" else (count, channels, *size)
        result, log_determinants, record = np.empty(shape, np.float32), np.empty(count, np.float64), Record(name, size)
        for part in self.prior._parts(values, size):
            with self._lend(record, part.stop - part.start) as place:
                mapped = getattr(place.point, name)(values[part], out=result[part])
                record.parts.append((part, place.serial, mapped.record))
            log_determinants[part] = mapped.log_determinants
        return result, log_determinants, record

    def points(self, record: Record, values: np.ndarray) -> Iterator[tuple[slice, Point, int]]:
        """Yield each part of a batch, the point that holds its record, and the number of that.

        Where another evaluation came between, the map is evaluated again at `values`, the same as
        before.
        """
        for index, (part, serial, number) in enumerate(record.parts):
            with self._lend(record, part.stop - part.start, serial) as place:
                if place.serial != serial or place.point.record != number:
                    number = getattr(place.point, record.name)(values[part]).record
                    record.parts[index] = part, place.serial, number
                yield part, place.point, number

    @contextmanager
    def _lend(self, record: Record, count: int, serial: int = 0) -> Iterator[_Place]:
        with self._lock:
            self._clock += 1
            place = self._find(record.size, count, serial)
            place.is_busy, place.claim, place.used = True, weakref.ref(record), self._clock
        try:
            yield place
        finally:
            place.is_busy = False

    def _find(self, size: tuple[int, int], count: int, serial: int) -> _Place:
        """Return the place of this number, or an unclaimed one, or a new one, or the oldest."""
        idle = sorted((place for place in self._places if not place.is_busy), key=lambda place: place.used)
        fitting = [place for place in idle if place.point.shape[1:] == size and place.point.capacity == count]
        for place in fitting:
            if place.serial == serial:
                return place
        for place in fitting:
            if not place.is_claimed:
                return place
        needed = bytes_needed(self.prior, *size, count)
        self._release((place for place in idle if not place.is_claimed), needed)
        if fitting and not self._has_room(needed):
            return fitting[0]
        self._release((place for place in idle if place.is_claimed), needed)
        made = _Place(Point(self.prior, *size, count), self._clock)
        self._places.append(made)
        return made

    def _release(self, places: Iterator[_Place], needed: int) -> None:
        for place in places:
            if self._has_room(needed):
                return
            self._places.remove(place)

    def _has_room(self, needed: int) -> bool:
        return needed + sum(place.point.bytes for place in self._places) <= self.memory


_all: weakref.WeakSet[Records] = weakref.WeakSet()


def _forget_all() -> None:
    # A child has none of the threads that a lock or a busy point of its parent belongs to.
    for records in list(_all):
        records.forget()


os.register_at_fork(after_in_child=_forget_all)
