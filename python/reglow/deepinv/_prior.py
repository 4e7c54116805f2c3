"""The flow as a prior for the optimizers of deepinv."""

from __future__ import annotations

import os
from typing import Any

import torch
from deepinv.optim import Prior as DeepinvPrior

from ..prior import Prior
from ..torch import FlowPrior as FlowModule


class FlowPrior(DeepinvPrior):
    """The explicit prior g(x) = 1/2 |f(x)|^2 of a flow f, for the optimizers of deepinv.

    With the data fidelity 1/2 |A x - y|^2 (``L2()``) and lambda = sigma^2, the sum is the objective
    that `reglow.restore` minimizes. Images are float32 tensors of the CPU of shape (N, 3, H, W),
    black 0 and white 1, with sides that are multiples of the prior's ``size_multiple``. `grad` has
    no gradient of its own, so that unfolded networks cannot be trained through it.

    Parameters
    ----------
    prior : Prior, str or path
        The prior, a shipped name or a model file.
    full_map : bool
        Subtract log|det J_f|: g is then -log p(x), up to a constant.
    precision : {"fp32", "bf16"}, optional
        The arithmetic of the coupling networks, for a prior that is loaded here.
    threads : int, optional
        How many work at once, for a prior that is loaded here.
    """

    def __init__(
        self,
        prior: Prior | str | os.PathLike[str] = "photos",
        *,
        full_map: bool = False,
        precision: str | None = None,
        threads: int | None = None,
    ) -> None:
        super().__init__()
        self.explicit_prior = True
        self.full_map = full_map
        self.flow = FlowModule(prior, precision=precision, threads=threads)

    def fn(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Compute g of each image, of shape (N,)."""
        latents, log_determinants = self.flow(x)
        value = latents.double().square().sum(1) / 2
        return (value - log_determinants if self.full_map else value).to(x.dtype)

    def grad(self, x: torch.Tensor, *args: Any, **kwargs: Any) -> torch.Tensor:
        """Compute the gradient of g at each image, of the shape of `x`."""
        is_recorded = torch.is_grad_enabled() and x.requires_grad
        with torch.enable_grad():
            point = x if is_recorded else x.detach().requires_grad_()
            return torch.autograd.grad(self.fn(point).sum(), point, create_graph=is_recorded)[0]
