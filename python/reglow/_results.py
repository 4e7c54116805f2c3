"""From a result of the library to a `Restoration`, or to the exception that says what happened."""

from __future__ import annotations

import ctypes
import logging
from typing import Any

import numpy as np

from . import _structures as s
from ._calls import Watch, ask, call, error_of
from ._handle import Handle
from ._pixels import Pixels
from .errors import Interrupted, RestorationError
from .posterior import read_posterior
from .prior import Prior
from .result import TRACE, PathStep, Restoration, RestorationBatch

log = logging.getLogger("reglow")


def collect(
    result: Handle, pixels: Pixels, flow: Prior, notes: list[str], posterior: s.PosteriorOptions | None = None
) -> list[Restoration]:
    """Copy everything out of a result."""
    count = ask("result_count", result)
    each: list[list[str]] = [list(notes) for _ in range(count)]
    index, about = 0, ctypes.c_size_t()
    while (note := ask("result_note", result, index, ctypes.byref(about))) is not None:
        for image in range(count) if about.value >= count else (about.value,):
            each[image].append(note.decode("utf-8", "replace"))
        index += 1
    for note in dict.fromkeys(text for texts in each for text in texts):
        log.info(note)
    levels = None if posterior is None else tuple(posterior.quantiles[: posterior.quantile_count])
    return [_restoration(result, image, pixels, flow, tuple(each[image]), levels) for image in range(count)]


def _restoration(
    result: Handle, index: int, pixels: Pixels, flow: Prior, notes: tuple[str, ...], levels: tuple[float, ...] | None
) -> Restoration:
    facts = s.ResultFacts()
    call("result_describe", result, index, ctypes.byref(facts))
    image = None
    if facts.shape.channels:
        planes = np.empty((1, facts.shape.channels, facts.shape.height, facts.shape.width), np.float32)
        call("result_copy_image", result, index, planes.ctypes.data, planes.size)
        image = pixels.result(planes)
    message = ask("result_message", result, index)
    posterior = None
    if image is not None and levels is not None and facts.status == s.OK:
        shape = facts.shape.channels, facts.shape.height, facts.shape.width
        posterior = read_posterior(result, index, pixels, shape, image, levels)
    verdict = ctypes.c_int()
    reasons = ask("result_trust", result, index, ctypes.byref(verdict))
    mixed = facts.bf16_evaluations > 0 and flow.precision == "fp32"
    return Restoration(
        image=image,
        objective=facts.objective,
        data_fidelity=facts.data_fidelity,
        prior=facts.prior,
        mirrored_objective=facts.mirrored_objective,
        regularization_weight=facts.regularization_weight,
        is_regularization_settled=bool(facts.is_regularization_settled),
        path=tuple(_path_step(result, index, number) for number in range(facts.path_count)),
        noise=facts.noise,
        estimated_noise=facts.estimated_noise,
        estimate_error=facts.estimate_error,
        certainty=s.CERTAINTIES[facts.certainty],
        evaluations=facts.evaluations,
        bf16_evaluations=facts.bf16_evaluations,
        passes=facts.passes,
        seconds=facts.seconds,
        stop=s.STOPS[facts.stop],
        trace=_trace(result, index, facts.iterate_count),
        windows=facts.windows,
        missing_pixels=facts.missing_pixels,
        missing_values=facts.missing_values,
        notes=notes,
        message=None if message is None else message.decode("utf-8", "replace"),
        trust=s.VERDICTS[verdict.value],
        trust_reasons=() if reasons is None else tuple(reasons.decode("utf-8", "replace").split("; ")),
        prior_name=flow.name,
        posterior=posterior,
        precision="mixed" if mixed else flow.precision,
    )


def _path_step(result: Handle, index: int, number: int) -> PathStep:
    step = s.PathStep()
    call("result_path_step", result, index, number, ctypes.byref(step))
    return PathStep(step.regularization_weight, step.data_fidelity, step.prior, step.measure, step.evaluations)


def _trace(result: Handle, index: int, count: int) -> np.ndarray:
    trace = np.zeros(count, TRACE)
    iterate = s.Iterate()
    for number in range(count):
        call("result_iterate", result, index, number, ctypes.byref(iterate))
        numbers = tuple(getattr(iterate, name) for name in TRACE.names[:8])  # type: ignore[index]
        trace[number] = (*numbers, s.METHODS[iterate.unknown], s.PRECISIONS[iterate.gradient_precision], iterate.is_mirrored != 0)
    return trace


def deliver(restored: list[Restoration] | None, is_batch: bool, status: int, message: str, watch: Watch) -> Any:
    """Return the result, or raise what happened, with the result so far where there is one."""
    result: Any = None
    if restored:
        result = RestorationBatch(restored) if is_batch else restored[0]
    watch.raise_failure()
    if watch.interrupted:
        raise Interrupted("interrupted; the best so far is in the exception's result (interactively: sys.last_value.result)", result)
    if status == s.OK or (status == s.CANCELLED and result is not None):
        return result
    if not restored or all(each.image is None for each in restored):
        raise error_of(status, message)
    failed = [(index, each) for index, each in enumerate(restored) if each.image is None or each.stop == "diverged"]
    if is_batch:
        first, why = failed[0] if failed else (0, restored[0])
        raise RestorationError(
            f"{len(failed)} of {len(restored)} images were not restored; image {first}: {why.message or message}", result
        )
    raise RestorationError(message or restored[0].message or "the solve failed", result)
