"""Draws from the posterior of an image, and what they say of it."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass, field

import numpy as np

from . import _structures as s
from ._calls import ask, call
from ._handle import Handle
from ._pixels import Pixels

#: R-hat up to which chains are said to agree.
LARGEST_R_HAT = 1.1


@dataclass(frozen=True, eq=False)
class Posterior:
    """What draws from the posterior say of an image: how it looks on average, and how sure that is.

    All images are float32 in the layout and on the scale of the restored one.

    Attributes
    ----------
    mean : numpy.ndarray
        The posterior mean, which is the restored image: that of the draws, less what their
        gradients tell of its error. Of few draws it is nearer than ``samples.mean(0)``.
    deviation : numpy.ndarray
        The standard deviation at each pixel and channel.
    levels : tuple of float
        The levels of the quantiles.
    quantiles : numpy.ndarray
        An image for each level, (levels, ...): below it a pixel lies with that probability.
    samples : numpy.ndarray
        The draws, (samples, ...): those of the first chain in their order, then those of the second.
    mode : numpy.ndarray
        The mode near which the chains began: what is restored without ``posterior=True``.
    chains : int
        Chains of the image.
    acceptance : float
        The mean acceptance of the chains; 0.7 is aimed at.
    r_hat : float
        The largest split R-hat of some numbers of each draw: the logarithm of its density, its
        means over 4 x 4 blocks for each channel, and 64 pixels. Above 1.1 the chains do not agree.
    effective_samples, median_effective_samples : float
        The least number of independent draws that would give the mean of one of those numbers as
        well, and the median of it over the 64 pixels.
    evaluations : int
        Of all chains, without those of the mode.
    seconds : float
        Wall time of the chains.
    """

    mean: np.ndarray = field(repr=False)
    deviation: np.ndarray = field(repr=False)
    levels: tuple[float, ...]
    quantiles: np.ndarray = field(repr=False)
    samples: np.ndarray = field(repr=False)
    mode: np.ndarray = field(repr=False)
    chains: int
    acceptance: float
    r_hat: float
    effective_samples: float
    median_effective_samples: float
    evaluations: int
    seconds: float

    @property
    def is_mixed(self) -> bool:
        """Whether the chains agree."""
        return self.r_hat <= LARGEST_R_HAT

    def __repr__(self) -> str:
        return (
            f"<Posterior: {len(self.samples)} samples of {self.chains} chains, R-hat {self.r_hat:.3f}, "
            f"{self.effective_samples:.0f} effective, {self.evaluations} evaluations in {self.seconds:.1f} s>"
        )


def read_posterior(
    result: Handle, index: int, pixels: Pixels, shape: tuple[int, int, int], mean: np.ndarray, levels: tuple[float, ...]
) -> Posterior:
    """Copy what the posterior of an image says out of a result."""
    facts = s.PosteriorFacts()
    call("result_posterior", result, index, ctypes.byref(facts))

    def image(name: str, *numbers: int) -> np.ndarray:
        address = ask(name, result, index, *numbers)
        planes = np.ctypeslib.as_array((ctypes.c_float * int(np.prod(shape))).from_address(address))
        return pixels.result(planes.reshape(1, *shape).copy())

    def images(name: str, count: int) -> np.ndarray:
        return np.stack([image(name, number) for number in range(count)]) if count else np.empty((0, *mean.shape), np.float32)

    return Posterior(
        mean=mean,
        deviation=image("result_deviation"),
        levels=levels,
        quantiles=images("result_quantile", facts.quantile_count),
        samples=images("result_sample", facts.samples),
        mode=image("result_mode"),
        chains=facts.chains,
        acceptance=facts.acceptance,
        r_hat=facts.r_hat,
        effective_samples=facts.effective_samples,
        median_effective_samples=facts.median_effective_samples,
        evaluations=facts.evaluations,
        seconds=facts.seconds,
    )
