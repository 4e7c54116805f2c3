"""Which prior restores an image."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Any

from . import _arguments as take
from . import _structures as s
from ._library import library
from .errors import ArgumentError, MissingFileError
from .prior import Prior, locate

#: The priors of photographs: for minima, and of noisy ones.
FOR_PHOTOGRAPHS = ("photos", "noisy-photos")
_PRECISIONS = ("fp32", "bf16", "mixed", "auto")


def asks_for_minimum(options: dict[str, Any], start: Any) -> bool:
    """Return whether the options ask for the minimum of an objective, how it is found, or for draws around it."""
    if (isinstance(start, str) and start == "random") or isinstance(options["regularization_weight"], str):
        return True
    if options["full_map"] or options["posterior"]:
        return True
    return any(options[name] is not None for name in ("solver", "method", "tolerance"))


def choose_prior(prior: Any, precision: str | None, size: tuple[int, int], minimizes: bool) -> tuple[Prior, int, list[str]]:
    """Return the flow, the arithmetic of gradients, and what is to be said of the choice."""
    if precision is not None:
        take.choice(precision, "precision", _PRECISIONS)
    gradients = s.GRADIENTS.index({"mixed": "bf16", "auto": "auto"}.get(precision or "", "model"))
    values = "bf16" if precision == "bf16" else "fp32"
    if isinstance(prior, Prior):
        if precision in ("fp32", "bf16", "mixed") and prior.precision != values:
            raise ArgumentError(
                f"precision is {precision!r}, but the prior was loaded in {prior.precision}: "
                f"say Prior.load({prior.name!r}, precision={values!r})",
                "precision",
            )
        return prior, gradients, []
    if prior is not None:
        return _loaded(locate(prior), values), gradients, []
    choose = library().reglow_prior_for_size if minimizes else library().reglow_prior_for_restoring
    name = choose(*size).decode()
    try:
        reason = "named by REGLOW_PRIOR" if os.environ.get("REGLOW_PRIOR") else "which fits this size"
        return _loaded(locate(name), values), gradients, [f"the prior is {name}, {reason}: another one is named with prior=..."]
    except MissingFileError:
        if name in FOR_PHOTOGRAPHS or os.environ.get("REGLOW_PRIOR"):
            raise
    other = FOR_PHOTOGRAPHS[not minimizes]
    note = f"the prior is {other}: {name}, for aligned faces of this size, is not installed (it is for research only, and in no wheel)"
    return _loaded(locate(other), values), gradients, [note]


def _loaded(name_or_path: str, precision: str) -> Prior:
    """Return a prior that may have been loaded before; a file that changed since is loaded again."""
    try:
        found = os.stat(name_or_path)
    except OSError:
        return _kept(name_or_path, precision, None)
    return _kept(os.path.abspath(name_or_path), precision, (found.st_mtime_ns, found.st_size, found.st_ino))


@lru_cache(maxsize=4)
def _kept(name_or_path: str, precision: str, version: tuple[int, int, int] | None) -> Prior:
    return Prior(name_or_path, precision=precision)
