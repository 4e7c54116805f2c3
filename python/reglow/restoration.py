"""From a measurement to the restored image."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

from .prior import Prior
from .progress import Progress
from .restorer import Restorer


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
    ensemble: int = 1,
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
    posterior: bool = False,
    samples: int = 200,
    chains: int = 4,
    burn_in: int = 20,
    steps_per_sample: int = 64,
    quantiles: Sequence[float] = (0.05, 0.5, 0.95),
    posterior_seed: int = 0,
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
        where it is installed (wheels do not have it), and "noisy-photos" for all others; "photos"
        where a solver, a method, a tolerance, the full map or a search for lambda is asked for.
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
        The same as ``ensemble=2``.
    ensemble : int
        Take the mean over so many views of the image, from 1 to 16: nearer to the truth. A prior of
        noisy images, as that of photographs is, takes them in turns and, several at once, in its
        last steps: denoising takes that many evaluations. A minimizer takes 1 or 2: it solves a
        second time, for the mirror image, for about 1.2 times the evaluations.
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
    posterior : bool
        Draw images from the posterior, by Markov chains that begin near the mode: ``result.image``
        is their mean, which is nearer to the truth on average, and ``result.posterior`` has the
        deviation, quantiles and draws. It takes many more evaluations.
    samples, chains, burn_in, steps_per_sample : int
        With a posterior: draws of all chains together; chains; draws of each chain that are thrown
        away first; and evaluations between two draws of a chain. With `self_ensemble` half of the
        chains see the mirror image, and their number is even.
    quantiles : list of float
        With a posterior: the levels of the quantiles, each above 0 and below 1.
    posterior_seed : int
        Of the chains.
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
    options = {name: value for name, value in locals().items() if name not in ("y", "problem", "trusted", "start", "progress")}
    with Restorer(problem, **options) as restorer:
        return restorer.restore(y, trusted=trusted, start=start, progress=progress)
