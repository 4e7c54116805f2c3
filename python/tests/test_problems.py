"""The maps A of the library against numpy and scipy, their adjoints, and what is refused."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import ndimage

import reglow

SHAPE = (24, 20, 3)
MASK = np.random.default_rng(3).random(SHAPE[:2]) > 0.4
SPREAD = np.random.default_rng(4).random((5, 3))
PROBLEMS = [
    reglow.Denoise(),
    *(reglow.Deblur("gaussian:1.2", border=border) for border in ("unknown", "periodic", "reflect", "replicate", "zero")),
    reglow.Deblur("motion:5@30"),
    reglow.Deblur(SPREAD, border="periodic", centre="middle"),
    reglow.Superresolve(2),
    reglow.Superresolve(4, "bicubic", border="reflect"),
    reglow.Superresolve(2, "gaussian:0.8"),
    reglow.Inpaint(mask=MASK),
    reglow.Inpaint(mask=np.random.default_rng(5).random(SHAPE) > 0.5),
    reglow.Inpaint(missing=0.6, seed=3),
    reglow.Inpaint(hole=8),
    reglow.Compressive(200, SHAPE[:2], seed=1),
]


@pytest.fixture
def image(random):
    return random.random(SHAPE).astype(np.float32)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: repr(problem)[:40])
@pytest.mark.parametrize("channel_axis", [-1, 0])
def test_the_adjoint_law(problem, channel_axis, random):
    if channel_axis == 0 and isinstance(problem, reglow.Inpaint) and problem.mask is not None and problem.mask.ndim == 3:
        problem = reglow.Inpaint(mask=np.moveaxis(problem.mask, -1, 0))
    shape = SHAPE if channel_axis == -1 else (3, *SHAPE[:2])
    x = random.standard_normal(shape).astype(np.float32)
    forward = problem.apply(x, channel_axis)
    assert forward.shape == problem.measurement_shape(shape, channel_axis) and forward.dtype == np.float32
    y = random.standard_normal(forward.shape).astype(np.float32)
    backward = problem.adjoint(y, image_size=SHAPE[:2], channel_axis=channel_axis)
    assert backward.shape == shape
    one = np.vdot(forward.astype(np.float64), y)
    other = np.vdot(x.astype(np.float64), backward)
    assert abs(one - other) <= 1e-6 * np.linalg.norm(forward) * np.linalg.norm(y)


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: repr(problem)[:40])
def test_pickled_problems_are_the_same(problem, image):
    again = pickle.loads(pickle.dumps(problem))
    np.testing.assert_array_equal(again.apply(image), problem.apply(image))


@pytest.mark.parametrize(("border", "mode"), [("periodic", "wrap"), ("reflect", "reflect"), ("replicate", "nearest"), ("zero", "constant")])
def test_blur_is_scipy_s(image, border, mode):
    problem = reglow.Deblur(SPREAD, border=border, centre="middle")
    weights = (SPREAD / SPREAD.sum())[..., np.newaxis]
    np.testing.assert_allclose(problem.apply(image), ndimage.convolve(image.astype(np.float64), weights, mode=mode), atol=2e-6)


def test_a_blur_with_an_unknown_border_measures_a_window(image):
    problem = reglow.Deblur("uniform:5")
    window = ndimage.uniform_filter(image.astype(np.float64), (5, 5, 1))[2:-2, 2:-2]
    np.testing.assert_allclose(problem.apply(image), window, atol=2e-6)
    np.testing.assert_array_equal(problem.restored_part(image), image[2:-2, 2:-2])
    np.testing.assert_array_equal(problem.restored_part(np.moveaxis(image, -1, 0), 0), np.moveaxis(image[2:-2, 2:-2], -1, 0))
    assert problem.adjoint(window.astype(np.float32)).shape == SHAPE
    np.testing.assert_array_equal(reglow.Deblur(border="periodic").restored_part(image), image)


def test_super_resolution_is_the_mean(image):
    means = image.reshape(12, 2, 10, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(reglow.Superresolve(2).apply(image), means, atol=1e-6)


def test_masks_keep_what_is_known(image):
    np.testing.assert_array_equal(reglow.Inpaint(mask=MASK).apply(image), image * MASK[..., np.newaxis])
    np.testing.assert_array_equal(reglow.Inpaint(mask=MASK).measured(SHAPE), np.broadcast_to(MASK[..., np.newaxis], SHAPE))
    known = reglow.Inpaint(missing=0.6, seed=3).measured(SHAPE)
    assert 0.3 < known.mean() < 0.5 and known.dtype == bool
    hole = reglow.Inpaint(hole=8).measured(SHAPE)
    assert (~hole).sum() == 8 * 8 * 3 and not hole[12, 10].any()


def test_a_compressive_measurement_is_a_row(image):
    problem = reglow.Compressive(200, SHAPE[:2], seed=1)
    y = problem.apply(image)
    assert y.shape == (200,)
    assert problem.apply(np.stack([image, image])).shape == (2, 200)
    np.testing.assert_array_equal(reglow.Compressive(200, SHAPE[:2], seed=1).apply(image), y)
    assert not np.array_equal(reglow.Compressive(200, SHAPE[:2], seed=2).apply(image), y)


def test_noise_has_its_deviation_and_its_seed(image):
    batch = np.stack([image, image])
    y = reglow.Denoise().degrade(batch, noise=0.1, seed=4)
    assert np.std(y - batch) == pytest.approx(0.1, rel=0.05)
    np.testing.assert_array_equal(reglow.Denoise().degrade(image, noise=0.1, seed=5), y[1])
    np.testing.assert_array_equal(reglow.Denoise().degrade(image, noise=0), image)
    missing = reglow.Inpaint(mask=MASK).degrade(image, noise=0.1)
    assert not missing[~MASK].any() and missing[MASK].any()


def test_grey_images_and_batches(image):
    grey = image[..., 0]
    problem = reglow.Deblur("gaussian:1", border="periodic")
    assert problem.apply(grey).shape == grey.shape
    np.testing.assert_array_equal(problem.apply(np.stack([image, image]))[1], problem.apply(image))
    np.testing.assert_array_equal(problem.apply(np.stack([grey, grey]), channel_axis=None)[1], problem.apply(grey))


def test_the_norm_of_a_mean_is_known():
    # The mean over 2 x 2 pixels has rows of norm 1/2.
    assert reglow.Superresolve(2).norm(SHAPE) == pytest.approx(0.5, rel=1e-4)
    assert reglow.Denoise().norm(SHAPE) == pytest.approx(1, rel=1e-5)


def test_notes_tell_of_a_point_spread():
    corner = np.fft.ifftshift(np.exp(-(np.arange(-8, 9)[:, None] ** 2 + np.arange(-8, 9) ** 2) / 2))
    assert any("first entry" in note for note in reglow.Deblur(corner).notes)
    assert reglow.Denoise().notes == []


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: reglow.Deblur("gausian:2"), ValueError, "gaussian"),
        (lambda: reglow.Deblur("gaussian:-1"), ValueError, "sigma|deviation|SIGMA"),
        (lambda: reglow.Deblur("nonsense"), ValueError, "nonsense"),
        (lambda: reglow.Deblur(np.ones((3, 3, 3))), ValueError, r"point_spread has the shape \(3, 3, 3\)"),
        (lambda: reglow.Deblur(np.zeros((3, 3))), ValueError, "point"),
        (lambda: reglow.Deblur(np.full((3, 3), np.nan)), ValueError, "NaN or infinity"),
        (lambda: reglow.Deblur("uniform:3", border="mirror"), ValueError, "border is 'mirror'"),
        (lambda: reglow.Deblur("uniform:3", border=2), TypeError, "border is 2"),
        (lambda: reglow.Deblur("uniform:3", centre="mass"), ValueError, "centre is for"),
        (lambda: reglow.Superresolve(0), ValueError, "scale is 0"),
        (lambda: reglow.Superresolve(1.5), TypeError, "scale is 1.5"),
        (lambda: reglow.Superresolve(2, "cubic"), ValueError, "cubic"),
        (lambda: reglow.Superresolve(2, None), TypeError, "filter is None"),
        (lambda: reglow.Inpaint(), ValueError, "needs one of mask, missing and hole, not none"),
        (lambda: reglow.Inpaint(missing=0.5, hole=3), ValueError, "not missing and hole"),
        (lambda: reglow.Inpaint(missing=1), ValueError, "missing is 1"),
        (lambda: reglow.Inpaint(hole=-3), ValueError, "hole is -3"),
        (lambda: reglow.Inpaint(mask=np.ones(5)), ValueError, "mask has the shape"),
        (lambda: reglow.Compressive(0), ValueError, "measurements is 0"),
        (lambda: reglow.Compressive(5, 64), TypeError, "image_size"),
        (lambda: reglow.Compressive(5, seed=-1), ValueError, "seed is -1"),
    ],
)
def test_bad_problems_are_named_when_they_are_made(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


def test_images_that_do_not_fit_are_named(image):
    with pytest.raises(ValueError, match="mask is 5x5, but the image is 24x20"):
        reglow.Inpaint(mask=np.ones((5, 5))).apply(image)
    with pytest.raises(ValueError, match="24x20|24 x 20|8x8"):
        reglow.Compressive(5, (8, 8)).apply(image)
    with pytest.raises(ValueError, match="measurement has the shape"):
        reglow.Superresolve(2).adjoint(np.zeros((5, 5, 3)), image_size=(24, 20))
    with pytest.raises(ValueError, match="finite"):
        reglow.Denoise().degrade(np.full(SHAPE, np.inf))
    with pytest.raises(ValueError, match="noise is -1"):
        reglow.Denoise().degrade(image, noise=-1)


def test_problems_cannot_be_changed():
    problem = reglow.Superresolve(2)
    with pytest.raises(AttributeError):
        problem.scale = 3
    spread = np.ones((3, 3))
    deblur = reglow.Deblur(spread)
    spread[0] = 7
    assert (deblur.point_spread == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        deblur.point_spread[0] = 7
