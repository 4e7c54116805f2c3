"""From the physics of deepinv to a problem of Reglow."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
from deepinv import physics as models

from ..errors import ArgumentError, ArgumentTypeError, ReglowError
from ..problem import Problem
from ..problems import Deblur, Denoise, Inpaint, Superresolve
from ..torch import LinearOperator

_BORDERS = {"circular": "periodic", "replicate": "replicate", "reflect": "reflect", "constant": "zero", "zeros": "zero"}
_FILTERS = ("mean", "triangle", "bicubic", "lanczos3")
_SAME = 1e-5


def require_linear(physics: object) -> None:
    """Refuse what is no linear physics."""
    if not isinstance(physics, models.Physics):
        raise ArgumentTypeError(f"physics is {type(physics).__name__}, but must be a physics of deepinv", "physics")
    if not isinstance(physics, models.LinearPhysics):
        raise ArgumentTypeError(f"physics is {type(physics).__name__}, which is not linear: only a LinearPhysics can be solved", "physics")


def random_images(count: int, image_shape: tuple[int, int, int]) -> torch.Tensor:
    """Return images to try a physics on, always the same; PyTorch's own generator is left alone."""
    generator = torch.Generator().manual_seed(0)
    return torch.rand((count, *image_shape), generator=generator, dtype=torch.float32, device="cpu")


def image_shape_of(physics: models.LinearPhysics, y: torch.Tensor) -> tuple[int, int, int]:
    """Return (C, H, W) of the images that measurements are of."""
    shape = tuple(physics.A_adjoint(y).shape)
    if len(shape) != 4 or shape[0] != len(y) or shape[1] not in (1, 3):
        raise ArgumentError(
            f"physics {type(physics).__name__} is of images of the shape {shape}, but must be of (N, 3, H, W), or (N, 1, H, W)", "physics"
        )
    return shape[1:]


def is_shared(physics: models.LinearPhysics, images: torch.Tensor) -> bool:
    """Whether all images have the same map: it takes one alone."""
    if len(images) == 1:
        return True
    try:
        return len(physics.A(images[:1])) == 1
    except Exception:
        # Filters of two images and one image: each physics has an error of its own for that.
        return False


def require_plain_sensor(physics: models.LinearPhysics, images: torch.Tensor) -> None:
    """Refuse a sensor that changes measurements, as one that saturates or counts does."""
    measured = physics.A(images)
    if not torch.equal(physics.sensor(measured), measured):
        raise ArgumentError(f"physics {type(physics).__name__} has a sensor_model, which is not linear", "physics")


def noise_levels(physics: models.LinearPhysics, count: int) -> list[float | None]:
    """Return sigma of each image, None where it is not known, from the noise model of a physics."""
    model = physics.noise_model
    if isinstance(model, models.ZeroNoise):
        return [0.0] * count
    if isinstance(model, models.UniformGaussianNoise):
        return [None] * count
    if not isinstance(model, models.GaussianNoise):
        raise ArgumentError(
            f"physics has {type(model).__name__}, but the solver is for Gaussian noise: say noise=..., the standard deviation to assume",
            "physics",
        )
    levels = model.sigma.detach().double().flatten()
    if levels.numel() not in (1, count):
        raise ArgumentError(f"physics has {levels.numel()} values of sigma, but y has {count} measurements", "physics")
    return levels.expand(count).tolist() if levels.numel() == 1 else levels.tolist()


def problem_of(physics: models.LinearPhysics, image_shape: tuple[int, int, int], index: int = 0, count: int = 1) -> Problem:
    """Return the problem that a physics of deepinv is.

    Where one of Reglow's own operators is the same map (compared on random numbers, to 1e-5), it is
    that one, with what the solver knows of it. All others are a `reglow.torch.LinearOperator` of
    the physics' ``A`` and ``A_adjoint``.

    Parameters
    ----------
    physics : deepinv.physics.LinearPhysics
        The physics.
    image_shape : (int, int, int)
        C, H and W of an image.
    index, count : int
        Which image of how many, where the physics has parameters for each image of a batch.
    """
    require_linear(physics)
    if count == 1:
        image = random_images(1, image_shape)
        with torch.no_grad():
            measured = physics.A(image)
        for candidate in _candidates(physics, image_shape):
            if _is_same(candidate, image, measured):
                return candidate

    def apply(x: torch.Tensor) -> torch.Tensor:
        return _at(index, physics.A(_among(x, index, count)), count)

    def adjoint(y: torch.Tensor) -> torch.Tensor:
        return _at(index, physics.A_adjoint(_among(y, index, count)), count)

    sides = image_shape if image_shape[0] == 3 else image_shape[1:]
    try:
        return LinearOperator(apply, sides, adjoint=adjoint)
    except ArgumentError as error:
        name = type(physics).__name__
        hint = "; say adjoint_via_backprop=True" if isinstance(physics, models.Tomography) else ""
        raise ArgumentError(f"physics {name} (apply is its A, adjoint its A_adjoint): {error}{hint}", "physics") from error


def _among(value: torch.Tensor, index: int, count: int) -> torch.Tensor:
    if count == 1:
        return value
    batch = value.new_zeros((count, *value.shape[1:]))
    batch[index] = value[0]
    return batch


def _at(index: int, batch: torch.Tensor, count: int) -> torch.Tensor:
    return batch if count == 1 else batch[index : index + 1]


def _candidates(physics: models.LinearPhysics, image_shape: tuple[int, int, int]) -> Iterator[Problem]:
    """Yield what of Reglow's own may be the same map."""
    try:
        if isinstance(physics, models.Denoising):
            yield Denoise()
        elif isinstance(physics, models.Inpainting) and isinstance(physics.mask, torch.Tensor):
            mask = physics.mask.detach().broadcast_to((1, *image_shape))[0]
            yield Inpaint(mask=(mask if image_shape[0] == 3 else mask[0]).numpy() != 0)
        elif isinstance(physics, models.BlurFFT):
            yield Deblur(_point_spread(physics.filter), "periodic", "middle")
        elif isinstance(physics, models.Blur) and physics.padding in _BORDERS:
            yield Deblur(_point_spread(physics.filter), _BORDERS[physics.padding], "middle")
        elif isinstance(physics, models.Downsampling) and physics.padding in _BORDERS:
            for name in _FILTERS:
                yield Superresolve(physics.factor, name, _BORDERS[physics.padding])
    except (ReglowError, RuntimeError):
        return


def _point_spread(filters: torch.Tensor) -> np.ndarray:
    return filters.detach()[0, 0].numpy()


def _is_same(problem: Problem, image: torch.Tensor, measured: torch.Tensor) -> bool:
    given = image[0].numpy() if image.shape[1] == 3 else image[0, 0].numpy()
    expected = measured[0].numpy() if image.shape[1] == 3 else measured[0, 0].numpy()
    try:
        found = problem.apply(given, channel_axis=0 if image.shape[1] == 3 else None)
    except ReglowError:
        return False
    return found.shape == expected.shape and float(np.abs(found - expected).max()) <= _SAME
