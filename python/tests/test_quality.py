"""PSNR, SSIM and the estimate of noise."""

from __future__ import annotations

import numpy as np
import pytest

import reglow


def test_psnr_is_its_formula(truth, random):
    other = truth + 0.1 * random.standard_normal(truth.shape).astype(np.float32)
    expected = -10 * np.log10(np.mean((other.astype(np.float64) - truth) ** 2))
    assert reglow.psnr(other, truth) == pytest.approx(expected, rel=1e-6)
    assert reglow.psnr(truth, truth) == np.inf
    batch = reglow.psnr(np.stack([other, truth]), np.stack([truth, truth]))
    assert batch.shape == (2,) and batch[0] == reglow.psnr(other, truth)


def test_ssim_knows_equal_from_different(truth, random):
    assert reglow.ssim(truth, truth) == pytest.approx(1)
    noisy = truth + 0.1 * random.standard_normal(truth.shape).astype(np.float32)
    assert 0.2 < reglow.ssim(noisy, truth) < 0.95
    with pytest.raises(ValueError, match="11"):
        reglow.ssim(truth[:8], truth[:8])


def test_noise_is_estimated(random):
    # Smooth, so that what is fine is noise.
    rows, columns = np.mgrid[0:128, 0:128] / 128
    smooth = np.stack([0.3 + 0.4 * rows, 0.5 + 0.2 * columns, 0.4 + 0.1 * rows * columns], axis=-1)
    noisy = smooth + 0.03 * random.standard_normal(smooth.shape)
    estimate = reglow.estimate_noise(noisy)
    assert estimate.noise == pytest.approx(0.03, rel=0.1) and estimate.certainty == "measured"
    noisy[:20] = np.nan
    measured = np.ones((128, 128), bool)
    measured[:20] = False
    assert reglow.estimate_noise(noisy, measured).noise == pytest.approx(0.03, rel=0.1)


def test_bad_arguments_are_named(truth):
    with pytest.raises(ValueError, match="truth has"):
        reglow.psnr(truth, truth[1:])
    with pytest.raises(ValueError, match="image .*finite"):
        reglow.psnr(np.full_like(truth, np.nan), truth)
    with pytest.raises(ValueError, match="one image"):
        reglow.estimate_noise(np.stack([truth, truth]))
