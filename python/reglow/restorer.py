"""A problem, a prior and options for any number of measurements."""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import call
from ._choice import asks_for_minimum, choose_prior
from ._matrices import is_matrix_like
from ._pixels import Pixels, require_finite
from ._range import require_range
from ._results import collect, deliver
from ._run import Report, Runner, make_tell
from ._settings import DEFAULTS, known_numbers, make_posterior, make_settings, set_start
from .errors import ArgumentError, ArgumentTypeError, Interrupted, RestorationError, StateError
from .operators import LinearOperator
from .problem import Problem
from .problems import Denoise, Inpaint, problem_named
from .progress import Progress
from .result import Restoration, RestorationBatch

Tell = Callable[[Progress], Any] | None


class Restorer:
    """Restores measurements of one problem, as `restore` does, call after call.

    What is learnt of the prior for an image size, and a random operator, serve later calls too; a
    result is the same to the last bit whatever came before. One thread uses a restorer at a time.

    Parameters
    ----------
    problem : Problem, str, or linear operator
        As for `restore`.
    **options
        Those of `restore`, but `trusted`, `start` and `progress`, which belong to a call.

    Examples
    --------
    >>> with reglow.Restorer(reglow.Deblur("gaussian:2"), noise=0.01) as restorer:
    ...     for name in names:
    ...         save(name, restorer.restore(load(name)).image)
    """

    def __init__(self, problem: Any = "denoise", **options: Any) -> None:
        unknown = [name for name in options if name not in DEFAULTS]
        if unknown:
            raise TypeError(f"Restorer has no option {unknown[0]!r}")
        self._problem = problem
        self._options = {**DEFAULTS, **options}
        self._posed: dict[tuple[int, ...], Problem] = {}
        self._runner = Runner()
        self._lock = threading.Lock()

    def restore(self, y: Any, *, trusted: Any | None = None, start: Any | None = None, progress: Any = None) -> Any:
        """Restore a measurement, or several; see `restore`."""
        if not self._lock.acquire(blocking=False):
            raise StateError("this restorer is used by another thread, or by a function that it called")
        try:
            is_list = isinstance(y, (list, tuple)) and bool(y) and all(np.ndim(each) >= 1 and hasattr(each, "shape") for each in y)
            count = len(y) if is_list else len(y) if np.ndim(y) == 4 else 1
            tell, finish = make_tell(progress, count)
            try:
                return self._restore_list(y, trusted, start, tell) if is_list else self._restore(y, trusted, start, tell)
            finally:
                finish()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Release what was learnt; it is released anyway when nothing refers to the restorer."""
        self._runner.close()

    def __enter__(self) -> Restorer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        changed = [f"{name}={value!r}" for name, value in self._options.items() if value is not DEFAULTS[name]]
        return f"Restorer({', '.join([repr(self._problem), *changed])})"

    def _restore(self, y: Any, trusted: Any, start: Any, tell: Tell, first: int = 0) -> Any:
        options = self._options
        problem = self._pose(y)
        pixels = problem._read_measurement(y, options["channel_axis"], "y", options["data_range"])
        settings, posterior = make_settings(options, problem), make_posterior(options)
        known = known_numbers(problem, pixels, trusted)
        require_finite(pixels.planes, "y", pixels.layout, known)
        if isinstance(problem, Inpaint) and problem.mask is not None:
            # What a mask leaves out is what is not trusted: so the command has it.
            problem = self._posed.setdefault((), Denoise())
        if not isinstance(problem, LinearOperator) and not problem.is_vector:
            shown = pixels.planes if known is None else np.where(known, pixels.planes, np.float32(0))
            require_range(shown, "y", options["data_range"])
        size = problem._restored_size(pixels)
        flow, settings.gradients, notes = choose_prior(options["prior"], options["precision"], size, asks_for_minimum(options, start))
        settings.threads = take.thread_count(options["threads"] if options["threads"] is not None else flow.threads)
        begin = set_start(settings, start, pixels, size, options["channel_axis"])
        measurements, arrays = _measurements(pixels, known, options["saturated"], begin)
        image = (pixels.layout.channels if pixels.layout.channels == 1 else flow.channels, *size)
        report = Report(tell, pixels, image, first)
        handle = problem._handle(pixels.layout, flow.channels)
        status, message, result = self._runner.run(flow, handle, measurements, settings, report, posterior)
        del arrays
        restored = None if result is None else collect(result, pixels, flow, notes, posterior)
        return deliver(restored, pixels.layout.is_batch, status, message, report.watch)

    def _restore_list(self, images: Sequence[Any], trusted: Any, start: Any, tell: Tell) -> RestorationBatch:
        """Restore images of any sizes, each on its own."""
        masks, starts = _each(trusted, "trusted", images), _each(start, "start", images)
        done: list[Restoration] = []
        failures: list[str] = []
        for index, image in enumerate(images):
            try:
                restored = self._restore(image, masks[index], starts[index], tell, index)
            except Interrupted as interrupt:
                so_far = [interrupt.result] if isinstance(interrupt.result, Restoration) else []
                interrupt.result = RestorationBatch([*done, *so_far])
                raise
            except RestorationError as error:
                failures.append(f"image {index}: {error}")
                restored = error.result
            if not isinstance(restored, Restoration):
                raise ArgumentError(f"y[{index}] has the shape {np.shape(image)}, but in a list each must be one image", "y")
            done.append(restored)
        if failures:
            raise RestorationError(f"{len(failures)} of {len(images)} images were not restored; {failures[0]}", RestorationBatch(done))
        return RestorationBatch(done)

    def _pose(self, y: Any) -> Problem:
        """Return the problem for a measurement; one that is made of an operator is kept."""
        if isinstance(self._problem, Problem):
            return _problem(self._problem, y, self._options["image_shape"], self._options["channel_axis"])
        shape = tuple(np.shape(y))
        if shape not in self._posed:
            self._posed[shape] = _problem(self._problem, y, self._options["image_shape"], self._options["channel_axis"])
        return self._posed[shape]


def _each(given: Any, name: str, images: Sequence[Any]) -> Sequence[Any]:
    """Return what each image of a list has."""
    if given is None or isinstance(given, str):
        return [given] * len(images)
    if not isinstance(given, (list, tuple)):
        raise ArgumentTypeError(f"{name} must be a list of as many arrays as y has", name)
    if len(given) != len(images):
        raise ArgumentError(f"{name} has {len(given)} arrays, but y has {len(images)}", name)
    return given


def _measurements(
    pixels: Pixels, known: np.ndarray | None, saturated: float | None, begin: np.ndarray | None
) -> tuple[s.Measurements, tuple[np.ndarray | None, ...]]:
    """Return the struct of the measurements, and the arrays that it points to."""
    measurements = s.Measurements()
    call("measurements_init", ctypes.byref(measurements), ctypes.sizeof(measurements))
    planes, mask = pixels.planes, None
    if known is not None:
        # Hidden numbers may be anything, also none; a 0 is nothing to anybody.
        planes = np.where(known, planes, np.float32(0))
        mask = np.ascontiguousarray(known).view(np.uint8)
        measurements.trusted, (measurements.trusted_count, measurements.trusted_channels) = mask.ctypes.data, mask.shape[:2]
    measurements.count, measurements.shape = len(planes), s.Shape(*planes.shape[1:])
    measurements.values = planes.ctypes.data
    if saturated is not None:
        measurements.saturated = take.number(saturated, "saturated", 0, above=True)
    if begin is not None:
        measurements.start, measurements.start_channels = begin.ctypes.data, begin.shape[1]
    return measurements, (planes, mask, begin)


def _problem(problem: Any, y: Any, image_shape: tuple[int, ...] | None, channel_axis: int | None) -> Problem:
    """Return what `problem` stands for."""
    if isinstance(problem, Problem):
        if image_shape is not None:
            raise ArgumentError("image_shape is for a problem that is a matrix, an operator or a pair of functions", "image_shape")
        return problem
    if isinstance(problem, str):
        return problem_named(problem)
    if isinstance(problem, type) and issubclass(problem, Problem):
        raise ArgumentTypeError(f"problem is the class {problem.__name__}: say reglow.{problem.__name__}(...)", "problem")
    shape = tuple(np.shape(y))
    if isinstance(problem, tuple) and len(problem) == 2 and all(callable(each) for each in problem):
        return LinearOperator(
            *problem, image_shape=shape if image_shape is None else image_shape, measurement_shape=shape, channel_axis=channel_axis
        )
    if is_matrix_like(problem):
        rows, columns = problem.shape
        size = int(np.prod(shape))
        if image_shape is None and (rows, columns) != (size, size):
            raise ArgumentError(
                f"problem is an operator of shape {(rows, columns)}, and y has {size} numbers: say the shape of x, image_shape=(H, W, 3)",
                "image_shape",
            )
        measured = shape if size == rows else None
        return LinearOperator.wrap(problem, shape if image_shape is None else image_shape, measured, channel_axis=channel_axis)
    raise ArgumentTypeError(
        f"problem is {type(problem).__name__}, but must be a problem such as reglow.Deblur('gaussian:2'), a pair of functions "
        "(apply, adjoint), a matrix or a scipy LinearOperator",
        "problem",
    )
