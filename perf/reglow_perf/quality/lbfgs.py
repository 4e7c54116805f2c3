"""Plain L-BFGS of PyTorch on the engine's objective, in both parametrizations, on one image."""

from collections.abc import Callable

import numpy as np
import torch

from reglow_perf.glow.model import Glow
from reglow_perf.quality import problems

METHODS = ["analysis", "synthesis"]


class BudgetSpent(Exception):
    """The evaluations allowed are used up."""


# From the unknown to the objective and the image.
Objective = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
# Called with evaluations so far, objective and image whenever the objective is the least so far.
Observer = Callable[[int, float, torch.Tensor], None]


def analysis_objective(model: Glow, measurement: problems.Measurement, weight: float) -> Objective:
    """E(x) = 1/2 |A x - y|^2 + weight/2 |f(x)|^2"""
    y = measurement.centred
    return lambda x: (0.5 * (measurement.apply(x) - y).square().sum() + 0.5 * weight * model(x)[0].square().sum(), x)


def synthesis_objective(model: Glow, measurement: problems.Measurement, weight: float) -> Objective:
    """E(g(z)) = 1/2 |A g(z) - y|^2 + weight/2 |z|^2"""
    y = measurement.centred
    height, width = measurement.image_shape[2:]

    def objective(z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = model.inverse(z, height, width)
        return 0.5 * (measurement.apply(x) - y).square().sum() + 0.5 * weight * z.square().sum(), x

    return objective


def minimize(objective: Objective, start: torch.Tensor, evaluations: int, observe: Observer | None = None) -> tuple[torch.Tensor, dict]:
    """At most `evaluations` values with gradients of torch's L-BFGS; returns the image of the best point that was evaluated."""
    point = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [point],
        lr=1,
        max_iter=evaluations,
        max_eval=evaluations,
        history_size=10,
        tolerance_grad=0,
        tolerance_change=0,
        line_search_fn="strong_wolfe",
    )
    best, best_value, values = None, float("inf"), []

    def closure() -> torch.Tensor:
        nonlocal best, best_value
        if len(values) == evaluations:
            raise BudgetSpent
        value, image = objective(point)
        (gradient,) = torch.autograd.grad(value, point)
        # The optimizer takes views of it, which needs the layout of the point; of a model in channels_last it has another.
        point.grad = gradient.contiguous()
        values.append(value.item())
        if values[-1] < best_value:
            best, best_value = image.detach().clone(), values[-1]
            if observe is not None:
                observe(len(values), best_value, best)
        return value.detach()

    try:
        # The optimizer's own max_eval is only looked at between line searches, so the closure keeps the count.
        optimizer.step(closure)
        stop = "evaluations" if len(values) == evaluations else "no progress"
    except BudgetSpent:
        stop = "evaluations"
    if best is None:
        raise SystemExit("the objective is not finite at the start, nor where it was looked for next")
    return best, {"objective": best_value, "first_objective": values[0], "evaluations": len(values), "stop": stop}


def pose(method: str, model: Glow, measurement: problems.Measurement, weight: float, dtype: torch.dtype) -> tuple[Objective, torch.Tensor]:
    """The objective of a method, and where it starts."""
    if method == "analysis":
        return analysis_objective(model, measurement, weight), measurement.normalized_adjoint().to(dtype)
    height, width = measurement.image_shape[2:]
    return synthesis_objective(model, measurement, weight), torch.zeros(1, 3 * height * width, dtype=dtype)


def pixel_values(image: torch.Tensor) -> np.ndarray:
    """(1, 3, H, W) in the model's range -> (3, H, W) on the [0, 1] scale, not clipped."""
    return image[0].double().numpy() + 0.5
