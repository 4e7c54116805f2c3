"""From a measurement to the restored image."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import call
from ._choice import choose_prior
from ._pixels import Pixels, require_finite
from ._range import require_range
from ._results import collect, deliver
from ._run import Report, run
from ._settings import known_numbers, make_settings, set_start
from .errors import ArgumentError, ArgumentTypeError, Interrupted, RestorationError
from .operators import LinearOperator, is_matrix_like
from .prior import Prior
from .problems import Denoise, Inpaint, Problem, problem_named
from .progress import Progress
from .result import Restoration, RestorationBatch


def restore(
    y: Any,
    problem: Any = "denoise",
    *,
    noise: float | str | None = None,
    prior: Prior | str | os.PathLike[str] | None = None,
    channel_axis: int | None = -1,
    data_range: float | None = None,
    trusted: Any | None = None,
    saturated: float | None = None,
    regularization_weight: float | str | None = None,
    self_ensemble: bool = False,
    full_map: bool = False,
    solver: str | None = None,
    method: str | None = None,
    start: Any | None = None,
    start_seed: int = 0,
    max_evaluations: int = 300,
    max_seconds: float | None = None,
    tolerance: float | None = None,
    precision: str | None = None,
    threads: int | None = None,
    max_batch: int = 16,
    memory: int | str | None = None,
    image_shape: tuple[int, ...] | None = None,
    progress: bool | Callable[[Progress], Any] | None = None,
) -> Any:
    """Restore an image, or several, from measurements y = A x + noise.

    The result minimizes 1/2 |A x - y|^2 + lambda/2 |f(x)|^2, f being the flow of the prior: what
    explains the measurement, and what the prior finds likely. With the same options it gives what
    ``reglow restore`` gives, to the last bit.

    Parameters
    ----------
    y : array, or list of arrays
        The measurement. An image is (H, W, 3) or (H, W), a batch of one size (N, H, W, 3), and a
        list holds images of any sizes; uint8 and uint16 are divided by 255 and 65535, floats have
        black 0 and white 1. What a masked array hides is not trusted. A compressive measurement is
        (M,) or (N, M).
    problem : Problem, str, or linear operator
        A: `Denoise`, `Deblur`, `Superresolve`, `Inpaint`, `Compressive`, `LinearOperator`;
        "denoise", "deblur" or "superres" for one with its defaults; a pair of functions (apply,
        adjoint); a matrix or a scipy LinearOperator (for images of `image_shape`).
    noise : float or "auto", optional
        sigma, the standard deviation of the noise on the scale from 0 to 1 (of 255 levels: ``5 /
        255``). By default, or with "auto", it is estimated from each measurement, which must be an
        image.
    prior : Prior, str or path, optional
        The prior, a shipped name or a model file. By default "faces64" for images of 64 x 64 pixels
        where it is installed (wheels do not have it), and "photos" for all others.
    channel_axis : int or None
        Where the channels are: -1 (last), or 0, of a batch 1. The result has them there too.
    data_range : float, optional
        The number that is white in `y`, where that is not what its type says; the result is on that
        scale again.
    trusted : array of bool, optional
        Which pixels of the measurement count, not dead or clipped ones: (H, W), the shape of an
        image, and for a batch also (N, H, W).
    saturated : float, optional
        Values at or above this level (from 0 to 1) have clipped and are not trusted; 0.99 suits
        photographs.
    regularization_weight : float, "discrepancy" or "whiteness", optional
        lambda, or the rule that finds it: the misfit is what the noise lets expect, or looks most
        like noise. By default the square of sigma.
    self_ensemble : bool
        Solve a second time, for the mirror image, and take the mean: nearer to the truth, for about
        1.2 times the evaluations.
    full_map : bool
        Add -lambda log|det J_f| to the objective: the density of the image is maximized, not that
        of its latent.
    solver : {"auto", "lbfgs", "adam", "gd", "gauss-newton"}, optional
        What minimizes. By default "auto", preconditioned L-BFGS; with a `method` "lbfgs".
    method : {"analysis", "synthesis"}, optional
        Optimize the image or its latent, as in the paper. By default what is best.
    start : {"adjoint", "zero", "random"} or array, optional
        Where the solve begins; an array is an image of the restored size.
    start_seed : int
        Of a random start.
    max_evaluations : int
        The most evaluations of objective and gradient of each solve.
    max_seconds : float, optional
        The most seconds of each solve. Its best point so far is the result, which then depends on
        the machine.
    tolerance : float, optional
        A solve ends when the gradient has shrunk to this part of what it was, or the objective fell
        by no more than this part of itself in ten steps; 0 uses all evaluations. By default what
        suits the solver.
    precision : {"fp32", "bf16", "mixed", "auto"}, optional
        Arithmetic of the networks. "mixed" has values in fp32, and gradients in bf16 until its
        errors hinder; "auto" is "mixed" where the processor is known to be faster so. By default
        that of the prior, for one that is loaded by name "fp32".
    threads : int, optional
        How many work at once; by default those of the prior, else what the machine and its cgroup
        offer.
    max_batch : int
        The most images that are solved at once. Memory grows with it.
    memory : int or str, optional
        The most bytes the process may take, as "4GB"; a picture that needs more is restored in
        overlapping windows. By default what there is.
    image_shape : tuple of int, optional
        Of x, where `problem` is a matrix, an operator or a pair of functions and x has not the
        shape of y.
    progress : bool or callable, optional
        True shows a bar (of tqdm, where it is installed). A function is called with a `Progress`
        for each accepted iterate; where it returns True the solve ends, and its best image is the
        result.

    Returns
    -------
    Restoration, or RestorationBatch for a batch or a list
        ``result.image`` is float32 in the layout of y, not clipped, on the scale from 0 to 1 also
        for integers, as scikit-image has it.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        For an argument that cannot be used, which the message names. They are a ValueError and a
        TypeError.
    MissingFileError, FileError
        For a prior that is not there, or is none.
    RestorationError
        When a solve diverged, or some images of a batch failed; its `result` has the others.
    OutOfMemoryError
        When the memory does not do, and windows are not possible.
    Interrupted
        On Ctrl-C, a KeyboardInterrupt; its `result` is the best so far. What a callback raises is
        raised as it is.

    Examples
    --------
    >>> problem = reglow.Deblur("gaussian:1.5")
    >>> blurred = problem.degrade(photo, noise=0.02)
    >>> restored = reglow.restore(blurred, problem, noise=0.02)
    >>> restored.image.shape
    """
    options = {name: value for name, value in locals().items() if name != "y"}
    if isinstance(y, (list, tuple)) and y and all(np.ndim(each) >= 1 and hasattr(each, "shape") for each in y):
        return _restore_list(y, options)
    posed = _problem(problem, y, image_shape, channel_axis)
    pixels = posed._read_measurement(y, channel_axis, "y", data_range)
    settings = make_settings(options, posed)
    known = known_numbers(posed, pixels, trusted)
    require_finite(pixels.planes, "y", pixels.layout, known)
    if isinstance(posed, Inpaint) and posed.mask is not None:
        # What a mask leaves out is what is not trusted: so the command has it.
        posed = Denoise()
    if not isinstance(posed, LinearOperator) and not posed.is_vector:
        require_range(pixels.planes if known is None else np.where(known, pixels.planes, np.float32(0)), "y", data_range)
    size = posed._restored_size(pixels)
    flow, settings.gradients, notes = choose_prior(prior, precision, size)
    settings.threads = take.thread_count(threads if threads is not None else flow.threads)
    begin = set_start(settings, start, pixels, size, channel_axis)
    measurements, arrays = _measurements(pixels, known, saturated, begin)
    image = (pixels.layout.channels if pixels.layout.channels == 1 else flow.channels, *size)
    with Report(progress, pixels, image) as report:
        handle = posed._handle(pixels.layout, flow.channels)
        status, message, result = run(flow, handle, measurements, settings, report)
    del arrays
    restored = None if result is None else collect(result, pixels, flow, notes)
    return deliver(restored, pixels.layout.is_batch, status, message, report.watch)


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


def _restore_list(images: Sequence[Any], options: dict[str, Any]) -> RestorationBatch:
    """Restore images of any sizes, each on its own but with one progress."""
    for name in ("trusted", "start"):
        given = options[name]
        if given is not None and not isinstance(given, (str, list, tuple)):
            raise ArgumentTypeError(f"{name} must be a list of as many arrays as y has", name)
        if isinstance(given, (list, tuple)) and len(given) != len(images):
            raise ArgumentError(f"{name} has {len(given)} arrays, but y has {len(images)}", name)
    done: list[Restoration] = []
    failures: list[str] = []
    for index, image in enumerate(images):
        each = {
            name: value[index] if isinstance(value, (list, tuple)) and name in ("trusted", "start") else value
            for name, value in options.items()
        }
        try:
            restored = restore(image, **each)
        except Interrupted as interrupt:
            interrupt.result = RestorationBatch([*done, *([interrupt.result] if isinstance(interrupt.result, Restoration) else [])])
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
        return LinearOperator(*problem, image_shape=image_shape or shape, measurement_shape=shape, channel_axis=channel_axis)
    if is_matrix_like(problem):
        rows, columns = problem.shape
        size = int(np.prod(shape))
        if image_shape is None and (rows, columns) != (size, size):
            raise ArgumentError(
                f"problem is an operator of shape {(rows, columns)}, and y has {size} numbers: say the shape of x, image_shape=(H, W, 3)",
                "image_shape",
            )
        measured = shape if size == rows else None
        return LinearOperator.wrap(problem, image_shape or shape, measured, channel_axis=channel_axis)
    raise ArgumentTypeError(
        f"problem is {type(problem).__name__}, but must be a problem such as reglow.Deblur('gaussian:2'), a pair of functions "
        "(apply, adjoint), a matrix or a scipy LinearOperator",
        "problem",
    )
