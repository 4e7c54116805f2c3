"""Effective samples per evaluation of ways to draw from a posterior: the case for the sampler of `reglow restore --posterior`.

    python -m reglow_perf samplers [--prior faces64] [--size 16] [--noise 0.05] [--evaluations 4000] [--markdown table.md]

The problem is denoising, where H0 is a circulant matrix and needs no solve. The truth is drawn from the prior, so that it is a draw of the
posterior itself, and all chains begin there: none needs time to arrive. Each way has the same evaluations of the density and its gradient
(a proposal without a gradient counts half), a fifth of which it learns its step with. The last column says what the draws are like: an
unadjusted sampler is not that of the posterior, and its deviation shows by how much. It needs the Python package of Reglow, and for one of
the ways deepinv.
"""

import argparse
import importlib.util
import pathlib
import sys
import time
from collections.abc import Callable

import numpy as np

from reglow_perf.files import write

CHAINS = 4
JUDGED = 64


class Target:
    """The potential U = -log p(x | y) of a measurement y = x + noise, for a batch of images (N, 3, s, s), by image or by latent."""

    def __init__(self, name: str, size: int, noise: float, threads: int | None = None):
        import reglow

        prior = reglow.Prior.load(name, threads=threads)
        self.noise, self.size, self.evaluations = noise, size, 0.0
        self.point = prior.point(size, size, CHAINS)
        self.truth = prior.sample(1, size=(size, size), temperature=1, seed=1, channel_axis=1).astype(float)
        random = np.random.default_rng(0)
        self.y = self.truth + noise * random.standard_normal(self.truth.shape)
        self.covariance, self.root, self.precision = self._metric(prior, random)

    def _metric(self, prior, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return C, a root of it and C^-1 = Q + I / sigma^2 at each frequency, Q fitted as Reglow fits it: by signs, to draws."""
        draws = prior.sample(CHAINS, size=(self.size, self.size), temperature=1, seed=2, channel_axis=1)
        self.point.forward(draws)
        total = 0
        for _ in range(32):
            signs = random.choice([-1.0, 1.0], size=(CHAINS, draws[0].size)).astype(np.float32)
            waves = np.fft.fft2(self.point.forward_vjp(signs))
            total = total + np.einsum("kcij,kdij->ijcd", waves, waves.conj()) / (CHAINS * 32 * self.size**2)
        precision = total + np.eye(3) / self.noise**2
        covariance = np.linalg.inv(precision)
        values, vectors = np.linalg.eigh(covariance)
        return covariance, np.einsum("ijab,ijb,ijcb->ijac", vectors, np.sqrt(values), vectors.conj()), precision

    def by(self, matrix: np.ndarray, images: np.ndarray) -> np.ndarray:
        """Apply a circulant matrix."""
        return np.fft.ifft2(np.einsum("ijab,kbij->kaij", matrix, np.fft.fft2(images))).real

    def prior(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return -log p(x) and its gradient."""
        self.evaluations += 1
        mapped = self.point.forward(x.astype(np.float32))
        gradient = self.point.forward_vjp(mapped.values, np.full(len(x), -1, np.float32)).astype(float)
        return (np.asarray(mapped.values, float) ** 2).sum(1) / 2 - np.asarray(mapped.log_determinants), gradient

    def image(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return U and its gradient in x."""
        value, gradient = self.prior(x)
        residual = x - self.y
        return (residual**2).sum((1, 2, 3)) / (2 * self.noise**2) + value, residual / self.noise**2 + gradient

    def latent(self, z: np.ndarray, needs_gradient: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the misfit |g(z) - y|^2 / (2 sigma^2), the gradient of it and of |z|^2 / 2, and g(z)."""
        self.evaluations += 1 if needs_gradient else 0.5
        images = np.asarray(self.point.inverse(z.astype(np.float32)).values, float)
        residual = (images - self.y) / self.noise
        misfit = (residual**2).sum((1, 2, 3)) / 2
        if not needs_gradient:
            return misfit, z, images
        return misfit, z + self.point.inverse_vjp((residual / self.noise).astype(np.float32)).astype(float), images


class Chain:
    """A sampler of all chains at once: `advance` makes a transition and returns the acceptance."""

    def __init__(self, target: Target, seed: int):
        self.target, self.random = target, np.random.default_rng(seed)
        self.images = np.repeat(target.truth, CHAINS, 0)


class Hamiltonian(Chain):
    """Hamiltonian Monte Carlo in the image, in the metric C or in the plain one; with one step it is MALA, and unadjusted ULA. The steps of
    longer trajectories differ by up to a fifth, so that none returns to where it began."""

    def __init__(self, target: Target, seed: int, steps: int, preconditioned: bool = True, adjusted: bool = True):
        super().__init__(target, seed)
        self.steps, self.preconditioned, self.adjusted = steps, preconditioned, adjusted
        self.value, self.gradient = target.image(self.images)

    def advance(self, step: float) -> np.ndarray:
        target, shape = self.target, self.images.shape
        if self.steps > 1:
            step *= self.random.uniform(0.8, 1.2)
        noise = self.random.standard_normal(shape)
        v = target.by(target.root, noise) if self.preconditioned else noise
        force = (lambda g: target.by(target.covariance, g)) if self.preconditioned else (lambda g: g)
        kinetic = (
            (lambda v: (v * target.by(target.precision, v)).sum((1, 2, 3)) / 2)
            if self.preconditioned
            else lambda v: (v**2).sum((1, 2, 3)) / 2
        )
        energy, x, gradient = self.value + kinetic(v), self.images, self.gradient
        for _ in range(self.steps):
            v = v - step / 2 * force(gradient)
            x = x + step * v
            value, gradient = target.image(x)
            v = v - step / 2 * force(gradient)
        acceptance = np.exp(np.minimum(0, energy - value - kinetic(v)))
        taken = (self.random.random(CHAINS) < acceptance) | (not self.adjusted)
        choose = taken[:, None, None, None]
        self.images, self.gradient = np.where(choose, x, self.images), np.where(choose, gradient, self.gradient)
        self.value = np.where(taken, value, self.value)
        return acceptance


class Latent(Chain):
    """In the latent: Hamiltonian Monte Carlo with some steps, or with none the proposal of Crank and Nicolson, which needs no gradient."""

    def __init__(self, target: Target, seed: int, steps: int):
        super().__init__(target, seed)
        self.steps = steps
        self.z = np.asarray(target.point.forward(self.images.astype(np.float32)).values, float)
        self.misfit, self.gradient, _ = target.latent(self.z)

    def advance(self, step: float) -> np.ndarray:
        v = self.random.standard_normal(self.z.shape)
        if self.steps == 0:
            z = np.sqrt(1 - min(step, 1) ** 2) * self.z + min(step, 1) * v
            misfit, gradient, images = self.target.latent(z, needs_gradient=False)
            change = self.misfit - misfit
        else:
            step *= self.random.uniform(0.8, 1.2)
            z, gradient = self.z, self.gradient
            energy = self.misfit + (self.z**2).sum(1) / 2 + (v**2).sum(1) / 2
            for _ in range(self.steps):
                v = v - step / 2 * gradient
                z = z + step * v
                misfit, gradient, images = self.target.latent(z)
                v = v - step / 2 * gradient
            change = energy - misfit - (z**2).sum(1) / 2 - (v**2).sum(1) / 2
        acceptance = np.exp(np.minimum(0, np.nan_to_num(change, nan=-np.inf)))
        taken = self.random.random(CHAINS) < acceptance
        self.z, self.misfit = np.where(taken[:, None], z, self.z), np.where(taken, misfit, self.misfit)
        self.gradient = np.where(taken[:, None], gradient, self.gradient)
        self.images = np.where(taken[:, None, None, None], images, self.images)
        return acceptance


class RandomizeThenOptimize(Chain):
    """Minima for measurements and latents that have drawn noise (J. M. Bardsley et al., 2014), by L-BFGS from the former draw. They are
    independent, and draws of the posterior where the flow is linear; without a correction for where it is not."""

    def advance(self, step: float) -> np.ndarray:
        from scipy.optimize import minimize

        target, shape = self.target, self.images.shape
        y = target.y + target.noise * self.random.standard_normal(shape)
        shift = self.random.standard_normal((CHAINS, target.truth.size))

        def objective(x: np.ndarray) -> tuple[float, np.ndarray]:
            target.evaluations += 1
            mapped = target.point.forward(x.reshape(shape).astype(np.float32))
            difference = np.asarray(mapped.values, float) - shift
            gradient = np.asarray(target.point.forward_vjp(difference.astype(np.float32)), float)
            residual = x.reshape(shape) - y
            value = (residual**2).sum() / target.noise**2 / 2 + (difference**2).sum() / 2
            return value, (residual / target.noise**2 + gradient).ravel()

        found = minimize(objective, self.images.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": 60, "maxcor": 20})
        self.images = found.x.reshape(shape)
        return np.ones(CHAINS)


class DeepInverse(Chain):
    """The unadjusted Langevin algorithm of deepinv, with its own data term and noise and the gradient of Reglow's prior."""

    def __init__(self, target: Target, seed: int):
        import deepinv
        import torch

        super().__init__(target, seed)

        class Prior(deepinv.optim.Prior):
            def grad(self, x, *_, **__):
                return torch.from_numpy(target.prior(x.numpy())[1])

        torch.manual_seed(seed)
        self.iterator_of = lambda step: deepinv.sampling.ULAIterator({"step_size": step**2 / 2, "alpha": 1.0, "sigma": target.noise})
        self.fidelity = deepinv.optim.L2(sigma=target.noise)
        self.physics, self.density = deepinv.physics.Denoising(), Prior()
        self.state, self.measured = torch.from_numpy(self.images), torch.from_numpy(np.repeat(target.y, CHAINS, 0))

    def advance(self, step: float) -> np.ndarray:
        iterator = self.iterator_of(step)
        self.state = iterator({"x": self.state}, self.measured, self.physics, self.fidelity, self.density, 0)["x"]
        self.images = self.state.numpy()
        return np.ones(CHAINS)


# The sampler, its first step, and the acceptance that its step is learnt for; none where the step is kept.
WAYS: dict[str, tuple[Callable[[Target, int], Chain], float, float | None]] = {
    "ULA, plain": (lambda t, s: Hamiltonian(t, s, 1, preconditioned=False, adjusted=False), 0.005, None),
    "ULA of deepinv": (DeepInverse, 0.005, None),
    "ULA, metric C": (lambda t, s: Hamiltonian(t, s, 1, adjusted=False), 0.4, None),
    "MALA, plain": (lambda t, s: Hamiltonian(t, s, 1, preconditioned=False), 0.003, 0.57),
    "MALA, metric C": (lambda t, s: Hamiltonian(t, s, 1), 0.2, 0.57),
    "HMC of 8 steps, metric C": (lambda t, s: Hamiltonian(t, s, 8), 0.1, 0.7),
    "HMC of 32 steps, metric C": (lambda t, s: Hamiltonian(t, s, 32), 0.1, 0.7),
    "HMC of 64 steps, metric C": (lambda t, s: Hamiltonian(t, s, 64), 0.1, 0.7),
    "HMC of 32 steps, plain": (lambda t, s: Hamiltonian(t, s, 32, preconditioned=False), 0.003, 0.7),
    "randomize-then-optimize": (RandomizeThenOptimize, 0, None),
    "Crank-Nicolson, latent": (lambda t, s: Latent(t, s, 0), 0.02, 0.25),
    "HMC of 32 steps, latent": (lambda t, s: Latent(t, s, 32), 0.02, 0.7),
}


NEEDS = {"ULA of deepinv": ("deepinv",), "randomize-then-optimize": ("scipy",)}


def effective(chains: np.ndarray) -> float:
    """Return the effective draws of numbers (chains, draws), by Geyer's initial monotone sequence of split chains."""
    half = chains.shape[1] // 2
    parts = np.concatenate([chains[:, :half], chains[:, -half:]])
    centred = parts - parts.mean(1, keepdims=True)
    within = centred.var(1, ddof=1).mean()
    total = within * (half - 1) / half + parts.mean(1).var(ddof=1)
    if total == 0:
        return 0.0
    lags = np.array([(centred[:, lag:] * centred[:, : half - lag]).sum(1).mean() / half for lag in range(half)])
    correlation = 1 - (within - lags) / total
    correlation[0] = 1
    pairs = correlation[: half // 2 * 2].reshape(-1, 2).sum(1)
    ends = np.flatnonzero(pairs <= 0)
    pairs = np.minimum.accumulate(pairs[: ends[0]] if len(ends) else pairs)
    return parts.size / max(2 * pairs.sum() - 1, 1 / np.log10(parts.size))


def measure(name: str, target: Target, evaluations: int) -> dict:
    """Return what a way gives for so many evaluations of each chain."""
    make, step, goal = WAYS[name]
    target.evaluations = 0
    chain = make(target, 1)
    while goal is not None and target.evaluations < evaluations / 5:
        step *= np.exp(0.3 * (chain.advance(step).mean() - goal))
    target.evaluations = 0
    images, acceptances, began = [], [], time.perf_counter()
    while target.evaluations < evaluations:
        acceptances.append(chain.advance(step).mean())
        images.append(chain.images.reshape(CHAINS, -1))
    seconds = time.perf_counter() - began
    draws = np.stack(images, 1)
    side = target.size // 4
    blocks = draws.reshape(CHAINS, -1, 3, 4, side, 4, side).mean((4, 6)).reshape(CHAINS, len(images), -1)
    pixels = draws[:, :, np.random.default_rng(0).integers(draws.shape[2], size=JUDGED)]
    per = 1000 / (CHAINS * evaluations)
    worst = min(effective(blocks[:, :, index]) for index in range(blocks.shape[2]))
    return {
        "step": step,
        "acceptance": float(np.mean(acceptances)),
        "pixel": per * float(np.median([effective(pixels[:, :, index]) for index in range(JUDGED)])),
        "block": per * worst,
        "second": worst / seconds,
        "deviation": float(np.sqrt(draws.reshape(-1, draws.shape[2]).var(0).mean())),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prior", default="faces64", help="name of a shipped prior, or a model file")
    parser.add_argument("--size", type=int, default=16, help="side of the image")
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--evaluations", type=int, default=4000, help="of each of four chains")
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    parser.add_argument("--markdown", type=pathlib.Path, help="where the table goes, in place of standard output")
    options = parser.parse_args()
    target = Target(options.prior, options.size, options.noise, options.threads)
    lines = ["| sampler | step | acceptance | a pixel | the worst block | the same a second | deviation |", "|---|---|---|---|---|---|---|"]
    for name in options.ways:
        missing = [package for package in NEEDS.get(name, ()) if importlib.util.find_spec(package) is None]
        if missing:
            print(f"{name}: left out, {missing[0]} is not installed", file=sys.stderr)
            continue
        found = measure(name, target, options.evaluations)
        numbers = (found[key] for key in ("step", "acceptance", "pixel", "block", "second", "deviation"))
        lines.append("| {} | {:.3g} | {:.2f} | {:.1f} | {:.2f} | {:.2f} | {:.4f} |".format(name, *numbers))
        print(lines[-1], flush=True)
    text = "\n".join(lines) + "\n"
    if options.markdown:
        write(options.markdown, text)


if __name__ == "__main__":
    main()
