"""Draws from the posterior: shapes, seeds, what is refused, and agreement with the command."""

from __future__ import annotations

import json

import numpy as np
import pytest

import reglow

FEW = {"posterior": True, "samples": 16, "burn_in": 2, "steps_per_sample": 2, "max_evaluations": 10}


def test_statistics_are_those_of_the_samples(prior, truth):
    y = reglow.Denoise().degrade(truth, noise=0.05, seed=1)
    restored = reglow.restore(y, noise=0.05, prior=prior, quantiles=(0.25, 0.75), **FEW)
    posterior = restored.posterior
    assert posterior.samples.shape == (16, *truth.shape) and posterior.levels == (0.25, 0.75)
    assert restored.image is posterior.mean and posterior.evaluations == 4 * (1 + 6 * 2)
    # Of the mean of 16 draws and of what their gradients make of it.
    assert np.abs(posterior.mean - posterior.samples.mean(0)).mean() < posterior.deviation.mean()
    np.testing.assert_allclose(posterior.deviation, posterior.samples.std(0, ddof=1), atol=1e-5)
    np.testing.assert_allclose(posterior.quantiles, np.quantile(posterior.samples, (0.25, 0.75), axis=0), atol=1e-5)
    mode = reglow.restore(y, noise=0.05, prior=prior, max_evaluations=10)
    np.testing.assert_array_equal(posterior.mode, mode.image)
    assert mode.posterior is None and "R-hat" in repr(restored) and "samples" in repr(posterior)


def test_draws_are_those_of_the_seed_alone(prior, truth):
    problem = reglow.Inpaint(hole=12)
    y = problem.degrade(np.stack([truth, truth[::-1]]), noise=0.02)
    both = reglow.restore(y, problem, noise=0.02, prior=prior, threads=2, **FEW)
    alone = reglow.restore(y[1], problem, noise=0.02, prior=prior, threads=1, **FEW)
    np.testing.assert_array_equal(both[1].posterior.samples, alone.posterior.samples)
    other = reglow.restore(y[1], problem, noise=0.02, prior=prior, posterior_seed=1, **FEW)
    assert not np.array_equal(other.posterior.samples, alone.posterior.samples)


def test_a_self_ensemble_has_a_posterior_of_both_views(prior, truth):
    y = reglow.Denoise().degrade(truth, noise=0.05, seed=1)
    restored = reglow.restore(y, noise=0.05, prior=prior, self_ensemble=True, **FEW)
    posterior = restored.posterior
    assert posterior.samples.shape == (16, *truth.shape) and posterior.evaluations == 4 * (1 + 6 * 2)
    # The second half of the chains begins at the mode of the mirror image, and draws from another density.
    one = reglow.restore(y, noise=0.05, prior=prior, **FEW).posterior
    assert not np.array_equal(posterior.samples[8:], one.samples[8:])
    assert np.abs(posterior.mean - one.mean).mean() < posterior.deviation.mean()
    with pytest.raises(ValueError, match="even with a self-ensemble"):
        reglow.restore(y, noise=0.05, prior=prior, self_ensemble=True, chains=3, **FEW)


def test_every_layout(affine, truth):
    planes = np.ascontiguousarray(np.moveaxis(truth[:32, :32], -1, 0))
    restored = reglow.restore(planes * 255, noise=0.05, prior=affine, channel_axis=0, data_range=255, **FEW)
    assert restored.posterior.deviation.shape == (3, 32, 32) and restored.posterior.samples.shape == (16, 3, 32, 32)
    assert 50 < restored.posterior.mean.mean() < 220
    grey = reglow.restore(truth[:32, :32, 0], noise=0.05, prior=affine, **FEW)
    assert grey.posterior.mean.shape == (32, 32) and grey.posterior.mode.shape == (32, 32)
    operator = reglow.LinearOperator(lambda x: x[::2], lambda y: np.repeat(y, 2, 0) * (np.arange(32) % 2 == 0)[:, None], (32, 32), (16, 32))
    own = reglow.restore(truth[:32:2, :32], operator, noise=0.05, prior=affine, **FEW)
    assert own.posterior.deviation.shape[:2] == (32, 32)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("chains", 0),
        ("samples", 15),
        ("burn_in", 0),
        ("steps_per_sample", 0),
        ("quantiles", (0.5, 1)),
        ("quantiles", 0.5),
        ("posterior", 2),
    ],
)
def test_what_cannot_be_is_refused(prior, truth, name, value):
    with pytest.raises((reglow.ArgumentError, reglow.ArgumentTypeError), match=name):
        reglow.restore(truth, noise=0.05, prior=prior, **{**FEW, name: value})


def test_the_command_gives_the_same(command, prior, truth, tmp_path):
    y = reglow.Denoise().degrade(truth, noise=0.05, seed=1)
    np.save(tmp_path / "y.npy", np.moveaxis(y, -1, 0))
    few = "--problem denoise --noise 0.05 --prior photos --posterior --samples 16 --burn-in 2 --steps-per-sample 2 --max-evaluations 10"
    outputs = [f"--{name}={tmp_path / file}" for name, file in (("output", "x.npy"), ("uncertainty-output", "u.npy"), ("json", "j.json"))]
    command("restore", tmp_path / "y.npy", *few.split(), *outputs)
    restored = reglow.restore(y, noise=0.05, prior=prior, **FEW)
    np.testing.assert_array_equal(np.moveaxis(np.load(tmp_path / "x.npy"), 0, -1), restored.image)
    np.testing.assert_array_equal(np.moveaxis(np.load(tmp_path / "u.npy"), 0, -1), restored.posterior.deviation)
    assert json.loads((tmp_path / "j.json").read_text())["results"][0]["posterior"]["samples"] == 16
