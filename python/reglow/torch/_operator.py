"""A linear map of tensors as the problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from .. import _arguments as take
from .. import operators
from ..errors import ArgumentError, ArgumentTypeError
from ._threads import one_thread

Map = Callable[[torch.Tensor], Any]


class LinearOperator(operators.LinearOperator):
    """A linear map A of tensors, for `reglow.restore`: a module of PyTorch, or a function.

    It is called with one image at a time, a float32 tensor of the CPU, and with PyTorch on one
    thread, since its idle threads would take the cores of the solver. Gradients are recorded only
    where autograd is to find the adjoint.
    Measurements are given to `restore` as arrays or tensors of `measured_shape`, or several of them;
    the restored images have `image_shape`.

    Parameters
    ----------
    apply : callable
        Takes x of shape (1, 3, H, W) and returns A x, which has an axis for the batch of one too.
    image_shape : tuple of int
        (3, H, W); or (H, W) for a map of grey images, which takes (1, 1, H, W) and is used for each
        channel by itself.
    adjoint : callable, optional
        Takes what `apply` returns and returns A' y; it is the transpose, not an inverse. By default
        autograd finds it from the last call of `apply`.
    nonnegative : bool
        Whether no entry of the matrix of A is negative: then a solve can begin nearer to the
        solution.
    check : bool
        Whether linearity and the adjoint are tried on random numbers now.

    Attributes
    ----------
    image_shape : tuple of int
    measured_shape : tuple of int
        Of A x without the axis of the batch, and for grey images without that of the channel.

    Raises
    ------
    ArgumentError
        When the functions return tensors of other shapes, are not linear, or are not adjoint.

    Examples
    --------
    >>> blur = torch.nn.Conv2d(3, 3, 5, groups=3, padding=2, padding_mode="circular", bias=False)
    >>> problem = reglow.torch.LinearOperator(blur, (3, 64, 64))
    >>> result = reglow.restore(y, problem, noise=0.01)
    >>> image = torch.from_numpy(result.image)
    """

    def __init__(
        self, apply: Map, image_shape: tuple[int, ...], *, adjoint: Map | None = None, nonnegative: bool = False, check: bool = True
    ) -> None:
        for name, function in (("apply", apply), ("adjoint", adjoint)):
            if not callable(function) and not (name == "adjoint" and function is None):
                raise ArgumentTypeError(f"{name} is {type(function).__name__}, but must be a module or a function of tensors", name)
        sides = take.shape(image_shape, "image_shape")
        if len(sides) < 2 or sides[:-2] not in ((), (3,)):
            raise ArgumentError(f"image_shape is {sides}, but must be (3, H, W), or (H, W) for grey images", "image_shape")
        images = (1, *sides) if len(sides) == 3 else (1, 1, *sides)
        with one_thread(), torch.inference_mode(False), torch.no_grad():
            measurements = _checked(apply(_zeros(images)), "apply").shape
        measured = tuple(measurements[1:])
        if len(sides) == 2 and len(measured) == 3 and measured[0] == 1:
            measured = measured[1:]
        if adjoint is None:
            transposed = _Transposed(apply, images)
            apply, adjoint = transposed.apply, transposed.adjoint
        super().__init__(
            _on_arrays(apply, "apply", images, measured),
            _on_arrays(adjoint, "adjoint", measurements, sides),
            sides,
            measured,
            channel_axis=0 if len(sides) == 3 else None,
            nonnegative=nonnegative,
            check=check,
        )

    def __repr__(self) -> str:
        return f"reglow.torch.LinearOperator({self.image_shape} -> {self.measured_shape})"


def _on_arrays(function: Map, name: str, source: tuple[int, ...], target: tuple[int, ...]) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function of arrays, given one of tensors that takes the shape `source`."""

    def called(values: np.ndarray) -> np.ndarray:
        # What is made in inference mode takes no part in gradients, so all is made here.
        with one_thread(), torch.inference_mode(False), torch.no_grad():
            # A copy: the array is the library's own memory, on which a function must not work in place.
            given = torch.from_numpy(np.array(values, dtype=np.float32)).reshape(source)
            result = _checked(function(given), name)
        if result.numel() != np.prod(target):
            raise ArgumentError(
                f"{name} returned the shape {tuple(result.shape)}, but must return (1, {', '.join(map(str, target))})", name
            )
        return result.detach().float().numpy().reshape(target)

    return called


def _checked(result: Any, name: str) -> torch.Tensor:
    """Return a batch of one that a function of the user's returned."""
    if not isinstance(result, torch.Tensor):
        raise ArgumentTypeError(f"{name} returned {type(result).__name__}, but must return a tensor", name)
    if result.device.type != "cpu":
        raise ArgumentError(f"{name} returned a tensor on {result.device}, but must return one of the CPU", name)
    if result.is_complex():
        raise ArgumentTypeError(f"{name} returned {result.dtype}, but must return real numbers", name)
    if result.ndim < 2 or result.shape[0] != 1:
        raise ArgumentError(f"{name} returned the shape {tuple(result.shape)}, but must return a batch of one, (1, ...)", name)
    return result


def _zeros(shape: tuple[int, ...]) -> torch.Tensor:
    return torch.zeros(shape, dtype=torch.float32, device="cpu")


class _Transposed:
    """A, and A' as its vector-Jacobian product, which is the same everywhere.

    A solver mostly asks for A' right after A: what A has recorded serves A' then, once, so that a
    map which the caller changes is never differentiated as it was.
    """

    def __init__(self, function: Map, images: tuple[int, ...]) -> None:
        self._function = function
        self._images = images
        #: An image and what the function made of it, for one adjoint.
        self._recorded: list[tuple[torch.Tensor, torch.Tensor]] = []

    def apply(self, image: torch.Tensor) -> Any:
        self._recorded.clear()
        with torch.enable_grad():
            image = image.detach().requires_grad_()
            # The function may work in place, but not on what gradients are asked for.
            result = self._function(image.clone())
        if isinstance(result, torch.Tensor) and result.requires_grad:
            self._recorded.append((image, result))
            return result.detach()
        return result

    def adjoint(self, cotangent: torch.Tensor) -> torch.Tensor:
        try:
            image, result = self._recorded.pop()
        except IndexError:
            self.apply(_zeros(self._images))
            if not self._recorded:
                raise ArgumentError("apply cannot be differentiated by autograd: give its adjoint", "adjoint") from None
            image, result = self._recorded.pop()
        return torch.autograd.grad(result, image, cotangent.to(result.dtype))[0]
