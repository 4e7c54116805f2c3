"""What a restoration gives: the image, and how it was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from .posterior import Posterior

#: The fields of a trace: one row for each accepted iterate.
TRACE = np.dtype(
    [
        ("evaluations", np.int64),
        ("passes", np.int64),
        ("objective", np.float64),
        ("data_fidelity", np.float64),
        ("prior", np.float64),
        ("gradient_norm", np.float64),
        ("step", np.float64),
        ("seconds", np.float64),
        ("unknown", "U9"),
        ("gradient_precision", "U4"),
        ("is_mirrored", np.bool_),
    ]
)


@dataclass(frozen=True)
class PathStep:
    """A solve on the way to lambda.

    Attributes
    ----------
    regularization_weight : float
        lambda of this solve.
    data_fidelity, prior : float
        1/2 |A x - y|^2 and lambda/2 |z|^2 at its end.
    measure : float
        What the rule looks at, and brings to 1.
    evaluations : int
        Of the solve.
    """

    regularization_weight: float
    data_fidelity: float
    prior: float
    measure: float
    evaluations: int


@dataclass(frozen=True, eq=False)
class Restoration:
    """A restored image and how it was found.

    Attributes
    ----------
    image : numpy.ndarray or None
        float32, in the layout of the measurement; black 0 and white 1 (or the measurement's
        `data_range`), not clipped. None where there is none: then `message` says why.
    objective : float
        E = 1/2 |A x - y|^2 + lambda/2 |f(x)|^2 at the image, NaN for a picture that was restored in
        windows; with a self-ensemble that of the first solve, and `mirrored_objective` that of the
        second (else NaN).
    data_fidelity, prior : float
        Its two terms.
    regularization_weight : float
        lambda.
    is_regularization_settled : bool
        Whether a search for lambda ended where its rule holds; True where there was none.
    path : tuple of PathStep
        The solves on the way to lambda; empty where it was not searched for.
    noise : float
        sigma that the rule took, on the scale from 0 to 1; NaN where it asked for none.
    estimated_noise, estimate_error : float
        The estimate of sigma, and its standard error over sigma; NaN where none was made.
    certainty : str or None
        How well an estimated sigma is known: "measured", "lower-bound", "rounding" or
        "too-few-pixels"; None without an estimate.
    evaluations, bf16_evaluations, passes : int
        Evaluations of objective and gradient over all solves, those among them with a gradient in
        bf16, and passes of the flow.
    seconds : float
        Wall time of the solves.
    stop : str
        Why the solve ended: "gradient", "progress", "no-further-progress" (all of them well),
        "budget", "time", "diverged", "cancelled" or "none", where it did not begin. "closed-form"
        is no solve, but the posterior mean by a prior that is a density of noisy pictures, and
        "schedule" the end of a splitting by such a prior.
    trace : numpy.ndarray
        A structured array with a row for each accepted iterate: ``result.trace["objective"]``; its
        fields are those of `TRACE`.
    windows : int
        How many windows the picture was restored in; 0 for one that was solved whole.
    missing_pixels, missing_values : int
        Of the measurement: pixels of which something is missing or not trusted, and numbers.
    notes : tuple of str
        What should be known, as the command tells it.
    message : str or None
        Why the image failed, diverged or ended early.
    trust : str or None
        Whether the image can be trusted, as far as measurement, prior and solve tell without the
        truth: "ok", "doubtful" or "unusable"; None where there is no image.
    trust_reasons : tuple of str
        What speaks against the image; empty where nothing does.
    prior_name : str
        The prior that it was restored with.
    precision : str
        "fp32", "bf16", or "mixed": values in fp32, gradients first in bf16.
    posterior : Posterior or None
        What draws from the posterior say, where it was asked for; then `image` is their mean, and
        the other attributes are those of the solve for the mode.
    """

    image: np.ndarray | None
    objective: float
    data_fidelity: float
    prior: float
    mirrored_objective: float
    regularization_weight: float
    is_regularization_settled: bool
    path: tuple[PathStep, ...]
    noise: float
    estimated_noise: float
    estimate_error: float
    certainty: str | None
    evaluations: int
    bf16_evaluations: int
    passes: int
    seconds: float
    stop: str
    trace: np.ndarray = field(repr=False)
    windows: int
    missing_pixels: int
    missing_values: int
    notes: tuple[str, ...]
    message: str | None
    trust: str | None
    trust_reasons: tuple[str, ...]
    prior_name: str
    precision: str
    posterior: Posterior | None = None

    @property
    def has_converged(self) -> bool:
        """Whether the solve ended because there was nothing left to gain."""
        return self.stop in ("gradient", "progress", "no-further-progress", "closed-form", "schedule")

    def __repr__(self) -> str:
        shape = "no image" if self.image is None else f"image {self.image.shape}"
        posterior = "" if self.posterior is None else f", {self.posterior!r}"
        noise = "" if np.isnan(self.noise) else f", noise {self.noise:.4g}"
        return (
            f"<Restoration: {shape}, objective {self.objective:.6g}, lambda {self.regularization_weight:.3g}{noise}, "
            f"{self.evaluations} evaluations in {self.seconds:.1f} s, stopped by {self.stop}, trust {self.trust}{posterior}>"
        )


class RestorationBatch(Sequence[Restoration]):
    """The restorations of a batch, in its order."""

    def __init__(self, restorations: Sequence[Restoration]) -> None:
        self._restorations = tuple(restorations)

    def __len__(self) -> int:
        return len(self._restorations)

    def __getitem__(self, index):  # type: ignore[no-untyped-def]
        """Return one restoration, or for a slice a batch."""
        found = self._restorations[index]
        return RestorationBatch(found) if isinstance(index, slice) else found

    def __iter__(self) -> Iterator[Restoration]:
        return iter(self._restorations)

    @property
    def images(self) -> np.ndarray:
        """All images in one array, (N, H, W, 3) or as the measurements were; one that is missing is
        NaN.

        Raises
        ------
        ValueError
            When they have different sizes, or there is none at all.
        """
        found = [each.image for each in self if each.image is not None]
        if not found:
            raise ValueError("no image of this batch was restored")
        return np.stack([np.full_like(found[0], np.nan) if each.image is None else each.image for each in self])

    def __repr__(self) -> str:
        done = sum(each.image is not None for each in self)
        return f"<RestorationBatch: {done} of {len(self)} images, {sum(each.evaluations for each in self)} evaluations>"
