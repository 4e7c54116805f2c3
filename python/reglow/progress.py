"""Progress of a restoration: what a callable is given, and the bar."""

from __future__ import annotations

import ctypes
import sys
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from . import _structures as s
from ._calls import call
from .errors import StateError


@dataclass(frozen=True)
class Progress:
    """An accepted iterate, as it happens.

    Attributes
    ----------
    index : int
        Which image of the batch.
    evaluations, passes : int
        Evaluations of objective and gradient, and passes of the flow, over all solves of the image
        so far.
    objective, data_fidelity, prior : float
        E, 1/2 |A x - y|^2 and lambda/2 |z|^2.
    gradient_norm, step : float
        Of the gradient in the unknown; the factor of the search direction that led here, 0 at a
        start.
    seconds : float
        Wall time since the solves of the image began.
    unknown : str
        "analysis" (the image) or "synthesis" (the latent).
    gradient_precision : str
        "fp32" or "bf16".
    is_mirrored : bool
        Whether it is of the second solve of a self-ensemble.
    window, windows : int
        Which window of how many, for a picture that is restored in windows; 0 of 1 otherwise.
    """

    index: int
    evaluations: int
    passes: int
    objective: float
    data_fidelity: float
    prior: float
    gradient_norm: float
    step: float
    seconds: float
    unknown: str
    gradient_precision: str
    is_mirrored: bool
    window: int
    windows: int
    _iterate: list[Any] = field(default_factory=list, repr=False, compare=False)

    def image(self) -> np.ndarray:
        """Return the image as it would be if the solve ended here, float32 in the layout of the
        measurement.

        It can be asked for during the call of the progress function only.
        """
        if not self._iterate:
            raise StateError("the image of an iterate is there only while the progress function runs")
        pointer, shape, images = self._iterate
        planes = np.empty((1, *shape), np.float32)
        call("iterate_image", pointer, planes.ctypes.data, planes.size)
        return images(planes)


def read_progress(pointer: Any, shape: tuple[int, int, int], images: Callable[[np.ndarray], np.ndarray], first: int = 0) -> Progress:
    """Return the progress of an iterate of the library; `first` is the index of the first image of the call."""
    iterate: s.Iterate = pointer.contents
    return Progress(
        first + iterate.image,
        iterate.evaluations,
        iterate.passes,
        iterate.objective,
        iterate.data_fidelity,
        iterate.prior,
        iterate.gradient_norm,
        iterate.step,
        iterate.seconds,
        s.METHODS[iterate.unknown],
        s.PRECISIONS[iterate.gradient_precision],
        bool(iterate.is_mirrored),
        iterate.window,
        iterate.windows,
        [ctypes.cast(pointer, ctypes.POINTER(s.Iterate)), shape, images],
    )


class Bar:
    """A bar on standard error: that of tqdm where it is installed, else a line that is written anew."""

    def __init__(self, images: int) -> None:
        self._images = images
        self._evaluations: dict[int, int] = {}
        self._line = 0
        self._bar: Any = None

    def __call__(self, progress: Progress) -> None:
        """Show an iterate; the first one makes the bar appear."""
        if not self._evaluations:
            self._bar = _tqdm()
        former = self._evaluations.get(progress.index, 0)
        # A window begins to count anew.
        gained = progress.evaluations - former if progress.evaluations >= former else progress.evaluations
        self._evaluations[progress.index] = progress.evaluations
        where = f"image {progress.index + 1}/{self._images}, " if self._images > 1 else ""
        where += f"window {progress.window + 1}/{progress.windows}, " if progress.windows > 1 else ""
        if self._bar is not None:
            self._bar.set_postfix_str(f"{where}objective {progress.objective:.5g}", refresh=False)
            self._bar.update(gained)
            return
        text = f"\rreglow: {where}{progress.evaluations} evaluations, objective {progress.objective:.5g}, {progress.seconds:.1f} s"
        sys.stderr.write(text + " " * max(0, self._line - len(text)))
        sys.stderr.flush()
        self._line = len(text)

    def close(self) -> None:
        """End the line."""
        if self._bar is not None:
            self._bar.close()
        elif self._line:
            sys.stderr.write("\n")


def _tqdm() -> Any:
    """Return a bar of tqdm; None where it is not installed."""
    try:
        with warnings.catch_warnings():
            # In a notebook without widgets it warns, and writes a line of text.
            warnings.simplefilter("ignore")
            from tqdm.auto import tqdm  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return None
    return tqdm(unit=" evaluations", desc="restore", file=sys.stderr)
