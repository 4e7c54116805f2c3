"""The prior and the solver for deepinv: its physics, its optimizers, its benchmarks.

`FlowReconstructor` is a reconstruction model: ``model(y, physics)`` restores measurements of any
linear physics of deepinv. `FlowPrior` is a prior for deepinv's own optimizers.

Both run on the CPU in float32. Needs deepinv: ``pip install "reglow[deepinv]"``.
"""

from __future__ import annotations

try:
    import deepinv as _deepinv  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "deepinv":
        raise
    raise ModuleNotFoundError('reglow.deepinv needs deepinv: pip install "reglow[deepinv]"', name=error.name) from error

from ._physics import problem_of
from ._prior import FlowPrior
from ._reconstructor import FlowReconstructor

__all__ = ["FlowPrior", "FlowReconstructor", "problem_of"]
