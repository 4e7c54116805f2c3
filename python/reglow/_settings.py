"""The options of a restoration, from words and numbers to the struct of the library."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._calls import call
from ._layout import Layout
from ._pixels import Pixels, read_array, read_mask, read_pixels, require_finite
from .errors import ArgumentError, ArgumentTypeError
from .problem import Problem
from .problems import Inpaint

#: The options of a restorer, with their defaults.
DEFAULTS: dict[str, Any] = {
    "noise": None,
    "prior": None,
    "channel_axis": -1,
    "data_range": None,
    "saturated": None,
    "regularization_weight": None,
    "self_ensemble": False,
    "ensemble": 1,
    "full_map": False,
    "solver": None,
    "method": None,
    "start_seed": 0,
    "max_evaluations": 300,
    "max_seconds": None,
    "tolerance": None,
    "precision": None,
    "threads": None,
    "max_batch": 16,
    "memory": None,
    "image_shape": None,
    "posterior": False,
    "samples": 200,
    "chains": 4,
    "burn_in": 20,
    "steps_per_sample": 64,
    "quantiles": (0.05, 0.5, 0.95),
    "posterior_seed": 0,
}


def make_settings(options: dict[str, Any], problem: Problem) -> s.RestoreOptions:
    """Return the struct for the arguments of `restore` that need neither image nor prior."""
    settings = s.RestoreOptions()
    call("restore_options_init", ctypes.byref(settings), ctypes.sizeof(settings))
    settings.noise = _noise(options["noise"], problem)
    _set_rule(settings, options["regularization_weight"], problem)
    _set_solver(settings, options["solver"], options["method"], take.flag(options["full_map"], "full_map"))
    settings.ensemble = take.whole(options["ensemble"], "ensemble", 1, 16)
    settings.self_ensemble = take.flag(options["self_ensemble"], "self_ensemble")
    settings.max_evaluations = take.whole(options["max_evaluations"], "max_evaluations", 1)
    if options["max_seconds"] is not None:
        settings.max_seconds = take.number(options["max_seconds"], "max_seconds", 0, above=True)
    if options["tolerance"] is not None:
        settings.gradient_tolerance = settings.progress_tolerance = take.number(options["tolerance"], "tolerance", 0, 1, below=True)
    settings.max_batch = take.whole(options["max_batch"], "max_batch", 1, 4096)
    settings.memory_limit = take.byte_count(options["memory"])
    settings.start_seed = take.seed(options["start_seed"], "start_seed")
    return settings


def make_posterior(options: dict[str, Any]) -> s.PosteriorOptions | None:
    """Return how the posterior is sampled; None for the mode alone."""
    posterior = s.PosteriorOptions()
    call("posterior_options_init", ctypes.byref(posterior), ctypes.sizeof(posterior))
    posterior.chains = take.whole(options["chains"], "chains", 1, 256)
    posterior.samples = take.whole(options["samples"], "samples", 4 * posterior.chains, 1_000_000)
    posterior.burn_in = take.whole(options["burn_in"], "burn_in", 1, 1_000_000)
    posterior.steps_per_sample = take.whole(options["steps_per_sample"], "steps_per_sample", 1, 1000)
    levels = options["quantiles"]
    if isinstance(levels, str) or not hasattr(levels, "__iter__"):
        raise ArgumentTypeError(f"quantiles is {levels!r}, but must be a list of levels", "quantiles")
    levels = [take.number(level, "quantiles", 0, 1, above=True, below=True) for level in levels]
    if len(levels) > s.MOST_QUANTILES:
        raise ArgumentError(f"quantiles has {len(levels)} levels, but must have at most {s.MOST_QUANTILES}", "quantiles")
    posterior.quantile_count = len(levels)
    posterior.quantiles[: len(levels)] = levels
    posterior.seed = take.seed(options["posterior_seed"], "posterior_seed")
    return posterior if take.flag(options["posterior"], "posterior") else None


def _noise(noise: Any, problem: Problem) -> float:
    if noise is None or (isinstance(noise, str) and noise == "auto"):
        if problem.is_vector:
            raise ArgumentError("noise must be given: it can be estimated from a measurement that is an image only", "noise")
        return s.NOISE_ESTIMATED
    if isinstance(noise, str):
        raise ArgumentError(f"noise is {noise!r}, but must be a number or 'auto'", "noise")
    found = take.number(noise, "noise")
    if not 0 <= found <= 1:
        hint = f": for {found:g} of 255 levels say noise={found:g}/255" if 1 < found <= 255 else ""
        raise ArgumentError(f"noise is {noise!r}, but is on the scale of pixels from 0 to 1, and must be from 0 to 1{hint}", "noise")
    return found


def _set_rule(settings: s.RestoreOptions, weight: Any, problem: Problem) -> None:
    if weight is None:
        settings.rule = s.RULES.index("noise-variance")
    elif isinstance(weight, str):
        settings.rule = s.RULES.index(
            ("discrepancy", "whiteness")[take.choice(weight, "regularization_weight", ("discrepancy", "whiteness"))]
        )
        if weight == "whiteness" and problem.is_vector:
            raise ArgumentError("regularization_weight 'whiteness' needs a measurement that is an image", "regularization_weight")
    else:
        settings.rule = s.RULES.index("fixed")
        settings.regularization_weight = take.number(weight, "regularization_weight", 0, 1e12)


def _set_solver(settings: s.RestoreOptions, solver: str | None, method: str | None, full_map: int) -> None:
    if method is not None:
        take.choice(method, "method", s.METHODS[1:])
        if solver == "auto":
            raise ArgumentError("solver 'auto' chooses the method itself: leave out one of method and solver", "method")
        if solver == "gauss-newton" and method == "synthesis":
            raise ArgumentError("solver 'gauss-newton' works on the image: method 'analysis'", "method")
        if full_map and method == "synthesis":
            raise ArgumentError("full_map is a term in the image: leave out method 'synthesis'", "full_map")
    word = solver if solver is not None else "auto" if method is None else "lbfgs"
    settings.minimizer = take.choice(word, "solver", s.SOLVERS)
    settings.formulation = s.METHODS.index(method or ("auto" if word == "auto" else "analysis"))
    settings.full_map = full_map


def known_numbers(problem: Problem, pixels: Pixels, trusted: Any | None) -> np.ndarray | None:
    """Return which numbers of the measurement count, bool (1 or N, 1 or C, h, w); None for all."""
    shape = pixels.planes.shape
    found = pixels.known
    if isinstance(problem, Inpaint):
        mask = problem.known(pixels.layout, shape)  # type: ignore[arg-type]
        found = mask if found is None else found if mask is None else found & mask
    if trusted is None:
        return found
    if problem.is_vector:
        array, _ = read_array(trusted, "trusted")
        if array.dtype.kind != "b" or array.size not in (shape[-1], shape[0] * shape[-1]):
            raise ArgumentError(f"trusted must be bool, and have the shape of y: {shape[-1]} numbers", "trusted")
        mask = array.reshape(-1, 1, 1, shape[-1])
    else:
        layout = pixels.layout.with_channels(shape[1]) if shape[1] != 1 else Layout(None, pixels.layout.is_batch, 1)
        mask = read_mask(trusted, layout, shape, "trusted")  # type: ignore[arg-type]
    return mask if found is None else found & mask


def set_start(settings: s.RestoreOptions, start: Any, pixels: Pixels, size: tuple[int, int], channel_axis: int | None) -> np.ndarray | None:
    """Set where the solve begins; return the images to begin at, (N, C, H, W), where there are some."""
    if start is None:
        return None
    if isinstance(start, str):
        settings.start = s.STARTS.index(s.STARTS[1 + take.choice(start, "start", s.STARTS[1:])])
        return None
    given = read_pixels(start, channel_axis, "start", None if pixels.scale == 1 else pixels.scale)
    if given.planes.shape[2:] != size:
        raise ArgumentError(
            f"start has the shape {np.shape(start)}, but the restored image is {size[0]}x{size[1]} (height x width)", "start"
        )
    require_finite(given.planes, "start", given.layout)
    count = len(pixels.planes)
    if len(given.planes) not in (1, count):
        raise ArgumentError(f"start has {len(given.planes)} images, but y has {count}", "start")
    return np.ascontiguousarray(np.broadcast_to(given.planes, (count, *given.planes.shape[1:])))
