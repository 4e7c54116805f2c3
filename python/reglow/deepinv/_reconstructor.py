"""Reglow's solver as a reconstruction model of deepinv."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import torch
from deepinv import physics as models
from deepinv.models import Reconstructor

from .._settings import DEFAULTS
from ..operators import LinearOperator
from ..prior import Prior
from ..problem import Problem
from ..restoration import restore
from ..result import Restoration
from ..torch._tensors import array_of, require_tensor
from ._physics import image_shape_of, is_shared, noise_levels, problem_of, random_images, require_linear, require_plain_sensor

_OWN = ("noise", "prior", "channel_axis", "data_range", "image_shape")


class FlowReconstructor(Reconstructor):
    """Restores the measurements of any linear physics of deepinv: ``model(y, physics)``.

    The operator, its adjoint and the level of Gaussian noise are those of the physics. Where one of
    Reglow's own operators is the same map it is used (see `problem_of`), else the physics' own
    ``A`` and ``A_adjoint``, with PyTorch on one thread. Physics that are not linear are refused.

    Parameters
    ----------
    prior : Prior, str or path, optional
        The prior, a shipped name or a model file. By default what `reglow.restore` takes.
    noise : float or "auto", optional
        sigma, or that it be estimated; by default that of the physics' noise model.
    **options
        Those of `reglow.restore`: `regularization_weight`, `self_ensemble`, `max_evaluations` and so
        on.

    Attributes
    ----------
    restorations : list of Restoration
        How the images of the last call were found.

    Examples
    --------
    >>> physics = deepinv.physics.BlurFFT((3, 64, 64), kernel, noise_model=deepinv.physics.GaussianNoise(0.01))
    >>> model = reglow.deepinv.FlowReconstructor()
    >>> x = model(physics(truth), physics)
    """

    def __init__(self, prior: Prior | str | os.PathLike[str] | None = None, *, noise: float | str | None = None, **options: Any) -> None:
        super().__init__()
        for name in options:
            if name in _OWN or name not in DEFAULTS:
                raise TypeError(f"FlowReconstructor has no option {name!r}")
        self.prior = prior
        self.noise = noise
        self.options = options
        self.restorations: list[Restoration] = []

    def forward(self, y: torch.Tensor, physics: models.LinearPhysics, **kwargs: Any) -> torch.Tensor:
        """Restore measurements.

        Parameters
        ----------
        y : (N, ...) tensor
            Measurements, float32 of the CPU.
        physics : deepinv.physics.LinearPhysics
            What they are measurements of.

        Returns
        -------
        (N, C, H, W) tensor
            Images, not clipped, without a gradient.
        """
        require_tensor(y, "y")
        require_linear(physics)
        with torch.no_grad():
            shape = image_shape_of(physics, y)
            images = random_images(len(y), shape)
            require_plain_sensor(physics, images)
            shared = is_shared(physics, images)
            levels = noise_levels(physics, len(y)) if self.noise is None else [self.noise] * len(y)
            if shared and len(set(levels)) == 1:
                problem = problem_of(physics, shape)
                self.restorations = self._solve(array_of(y), problem, levels[0], shape[0])
            else:
                self.restorations = []
                for index, level in enumerate(levels):
                    problem = problem_of(physics, shape) if shared else problem_of(physics, shape, index, len(y))
                    self.restorations += self._solve(array_of(y[index : index + 1]), problem, level, shape[0])
        restored = np.stack([each.image for each in self.restorations])  # type: ignore[misc]
        return torch.from_numpy(restored if shape[0] == 3 else restored[:, np.newaxis])

    def _solve(self, y: np.ndarray, problem: Problem, level: float | str | None, channels: int) -> list[Restoration]:
        """Restore measurements of one problem and one sigma."""
        options = dict(self.options)
        if isinstance(problem, LinearOperator):
            y = y.reshape(len(y), *problem.measured_shape)
            if isinstance(level, float) and level > 1:
                # Sigma is at most 1 in units of the image: those of the measurement are others.
                y, problem = y / np.float32(level), _divided(problem, level)
                if isinstance(weight := options.get("regularization_weight"), (int, float)):
                    options["regularization_weight"] = weight / level**2
                level = 1.0
        elif channels == 1:
            y = y[:, 0]
        found = restore(y, problem, noise=level, prior=self.prior, channel_axis=1 if channels == 3 else None, **options)
        return list(found)


def _divided(problem: LinearOperator, scale: float) -> LinearOperator:
    apply, adjoint = problem._functions
    return LinearOperator(
        lambda x: apply(x) / scale,
        lambda y: adjoint(y) / scale,
        problem.image_shape,
        problem.measured_shape,
        channel_axis=0 if len(problem.image_shape) == 3 else None,
        check=False,
    )
