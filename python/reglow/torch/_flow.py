"""The flow as a module of PyTorch."""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import torch

from .. import _arguments as take
from ..errors import ArgumentError, StateError
from ..prior import Prior
from ._records import Record, Records
from ._tensors import array_of, require_tensor


class FlowPrior(torch.nn.Module):
    """The flow f of a prior, x -> z = f(x), as a module that autograd differentiates once.

    Images x are float32 tensors of the CPU of shape (N, 3, H, W), black 0 and white 1, with sides
    that are multiples of ``prior.size_multiple``; latents z have the shape (N, D), D = 3 H W. Both
    maps give the logarithm of their Jacobian's determinant too, float64 of shape (N,). The flow is
    trained already: the module has no parameters, and its gradients are in x and z alone.

    It is pickled by the path of the prior, and may be used by many threads at once.

    Parameters
    ----------
    prior : Prior, str or path
        The prior, a shipped name or a model file.
    precision : {"fp32", "bf16"}, optional
        The arithmetic of the coupling networks, for a prior that is loaded here.
    threads : int, optional
        How many work at once, for a prior that is loaded here.
    memory : int or str
        The most bytes that are kept for backward passes. A graph that needs more, or many of them,
        evaluate the flow a second time as they go backward.

    Examples
    --------
    >>> flow = reglow.torch.FlowPrior("photos")
    >>> x = torch.rand(2, 3, 64, 64, requires_grad=True)
    >>> latents, log_determinants = flow(x)
    >>> (latents.square().sum() / 2 - log_determinants.sum()).backward()
    """

    def __init__(
        self,
        prior: Prior | str | os.PathLike[str] = "photos",
        *,
        precision: str | None = None,
        threads: int | None = None,
        memory: int | str = "256MB",
    ) -> None:
        super().__init__()
        if isinstance(prior, Prior):
            for name, value in (("precision", precision), ("threads", threads)):
                if value is not None:
                    raise ArgumentError(f"{name} is for a prior that is loaded here: say Prior.load({prior.name!r}, {name}=...)", name)
            self.prior = prior
        else:
            self.prior = Prior.load(prior, precision=precision or "fp32", threads=threads)
        self._records = Records(self.prior, take.byte_count(memory))

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute z = f(x), of shape (N, D), and log|det dz/dx| of each image, float64 of shape (N,)."""
        require_tensor(x, "x")
        channels = self.prior.channels
        if x.ndim != 4 or x.shape[1] != channels or 0 in x.shape:
            raise ArgumentError(f"x has the shape {tuple(x.shape)}, but must be (N, {channels}, H, W)", "x")
        size = (x.shape[2], x.shape[3])
        self.prior._require_sides(*size, "x")
        return _evaluate(x, self._records, "forward", size)

    def inverse(self, z: torch.Tensor, size: tuple[int, int] | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        """Compute x = f^-1(z), of shape (N, 3, H, W), and log|det dx/dz| of each image.

        Parameters
        ----------
        z : (N, D) tensor
            Latents.
        size : (height, width), optional
            Of the images; by default they are square.
        """
        require_tensor(z, "z")
        if z.ndim != 2 or 0 in z.shape:
            raise ArgumentError(f"z has the shape {tuple(z.shape)}, but must be (N, D) with D = {self.prior.channels} H W", "z")
        return _evaluate(z, self._records, "inverse", self._size(z.shape[1], size))

    def log_prob(self, x: torch.Tensor) -> torch.Tensor:
        """Compute log p(x) of each image in nats, float64 of shape (N,): a density over pixel
        values from 0 to 1.
        """
        latents, log_determinants = self(x)
        squares = latents.double().square().sum(1)
        return log_determinants - 0.5 * (squares + latents.shape[1] * math.log(2 * math.pi))

    def sample(
        self, count: int = 1, size: tuple[int, int] = (64, 64), *, temperature: float = 0.7, seed: int | None = None
    ) -> torch.Tensor:
        """Draw images f^-1(z) with z ~ N(0, temperature^2 I), of shape (count, 3, H, W), not
        clipped.

        Parameters
        ----------
        count : int
            How many.
        size : (height, width)
            Multiples of ``prior.size_multiple``.
        temperature : float
            The standard deviation of the latent.
        seed : int, optional
            Of the latents; by default it is drawn from PyTorch's generator, so that
            ``torch.manual_seed`` settles it.
        """
        if seed is None:
            seed = int(torch.randint(2**63 - 1, ()))
        return torch.from_numpy(self.prior.sample(count, size, temperature, seed, channel_axis=1))

    def extra_repr(self) -> str:
        """Say which prior it is, when the module is printed."""
        return repr(self.prior).strip("<>")

    def _size(self, dimensions: int, size: tuple[int, int] | None) -> tuple[int, int]:
        channels = self.prior.channels
        if size is None:
            side = math.isqrt(dimensions // channels)
            if channels * side * side != dimensions:
                raise ArgumentError(f"z has {dimensions} numbers for each image, which is none that is square: say size=(H, W)", "size")
            size = (side, side)
        height, width = take.size(size)
        if channels * height * width != dimensions:
            raise ArgumentError(
                f"z has {dimensions} numbers for each image, but images of {height}x{width} have {channels * height * width}", "z"
            )
        self.prior._require_sides(height, width, "size")
        return height, width


@torch.compiler.disable
def _evaluate(values: torch.Tensor, records: Records, name: str, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
    result, log_determinants, _ = _Map.apply(values, records, name, size)
    return result, log_determinants


class _Map(torch.autograd.Function):
    """A map of the flow. Its products are taken where the map was evaluated."""

    @staticmethod
    def forward(values: torch.Tensor, records: Records, name: str, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor, Record]:
        result, log_determinants, record = records.map(name, array_of(values), size)
        return torch.from_numpy(result), torch.from_numpy(log_determinants), record

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: tuple[Any, ...]) -> None:
        values, ctx.records, ctx.name, _ = inputs
        ctx.record = output[2]
        ctx.save_for_backward(values)
        ctx.save_for_forward(values)
        ctx.set_materialize_grads(False)

    @staticmethod
    def backward(ctx: Any, cotangents: torch.Tensor | None, weights: torch.Tensor | None, _: None) -> tuple[Any, ...]:
        if cotangents is None and weights is None:
            return None, None, None, None
        (values,) = ctx.saved_tensors
        return _Product.apply(values, cotangents, weights, ctx.records, ctx.record), None, None, None

    @staticmethod
    def jvp(ctx: Any, tangents: torch.Tensor | None, *_: Any) -> tuple[Any, ...]:
        if tangents is None:
            return None, None, None
        (values,) = ctx.saved_tensors
        return *_Rates.apply(values, tangents, ctx.records, ctx.record), None


class _Once(torch.autograd.Function):
    """A product with the Jacobian, which is not differentiated again."""

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *_: Any) -> Any:
        raise StateError("the flow is differentiated once only: a gradient of it has no gradient (was create_graph=True meant?)")


class _Rates(_Once):
    """J v, and the derivative of log|det J| along v, for each image of a record."""

    @staticmethod
    def forward(values: torch.Tensor, tangents: torch.Tensor, records: Records, record: Record) -> tuple[torch.Tensor, torch.Tensor]:
        given, count = array_of(tangents.float()), len(values)
        is_forward = record.name == "forward"
        product = np.empty((count, given[0].size) if is_forward else (count, records.prior.channels, *record.size), np.float32)
        rates = np.empty(count, np.float64)
        for part, point, number in records.points(record, array_of(values)):
            getattr(point, record.name + "_jvp")(given[part], number, out=product[part])
            gradients = getattr(point, record.name + "_vjp")(None, np.ones(part.stop - part.start), number)
            rates[part] = (gradients.astype(np.float64) * given[part]).reshape(len(gradients), -1).sum(1)
        return torch.from_numpy(product), torch.from_numpy(rates)


class _Product(_Once):
    """J' w + c grad log|det J| for each image of a record."""

    @staticmethod
    def forward(
        values: torch.Tensor, cotangents: torch.Tensor | None, weights: torch.Tensor | None, records: Records, record: Record
    ) -> torch.Tensor:
        given = None if cotangents is None else array_of(cotangents.float())
        each = None if weights is None else array_of(weights.double())
        product = np.empty(tuple(values.shape), np.float32)
        for part, point, number in records.points(record, array_of(values)):
            vjp = getattr(point, record.name + "_vjp")
            vjp(None if given is None else given[part], None if each is None else each[part], number, out=product[part])
        return torch.from_numpy(product)
