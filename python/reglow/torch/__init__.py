"""The prior and the solver for programs of PyTorch.

`FlowPrior` is the flow as a module whose maps autograd differentiates. `LinearOperator` takes a
function of tensors, or a module, as the problem of `reglow.restore`. `one_thread` keeps the threads
of PyTorch from taking the cores of Reglow's.

All of it runs on the CPU in float32. Needs PyTorch: ``pip install "reglow[torch]"``.
"""

from __future__ import annotations

try:
    import torch as _torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ModuleNotFoundError('reglow.torch needs PyTorch: pip install "reglow[torch]"', name=error.name) from error

from ._flow import FlowPrior
from ._operator import LinearOperator
from ._threads import one_thread

__all__ = ["FlowPrior", "LinearOperator", "one_thread"]
