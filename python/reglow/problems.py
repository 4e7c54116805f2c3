"""Inverse problems y = A x + noise: the maps A that the library has."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._handle import Handle
from ._layout import COLOURS, Layout, checked_axis
from ._pixels import Pixels, read_array, read_mask, read_rows
from .errors import ArgumentError, ArgumentTypeError
from .problem import Problem


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
        axis = -1 if checked_axis(channel_axis) in (-1, 2 + is_batch) else -3
        return read_rows(measurement, (self.measurements,), Layout(axis, is_batch, COLOURS), name, data_range)


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
