"""Operators of one's own: functions, matrices, scipy; against the built-in ones, and with every fault."""

from __future__ import annotations

import threading
import traceback

import numpy as np
import pytest
from scipy import ndimage, sparse
from scipy.sparse.linalg import LinearOperator as ScipyOperator

import reglow

SHAPE = (32, 24, 3)


def blur(x):
    return ndimage.uniform_filter(x, (5, 5, 1), mode="wrap")


@pytest.fixture
def image(truth):
    return np.ascontiguousarray(truth[: SHAPE[0], : SHAPE[1]])


@pytest.fixture
def measured(image):
    return reglow.Deblur("uniform:5", border="periodic").degrade(image, noise=0.01, seed=1)


@pytest.fixture
def built_in(measured, prior):
    return reglow.restore(measured, reglow.Deblur("uniform:5", border="periodic"), noise=0.01, prior=prior)


def agree(result, built_in):
    """Both minimize the same objective; a solve ends where it falls by no more than a part of 3e-4 in ten steps."""
    assert result.objective == pytest.approx(built_in.objective, rel=3e-3)
    assert np.sqrt(np.mean((result.image - built_in.image) ** 2)) < 2e-3


def test_two_functions_give_what_the_built_in_blur_gives(measured, built_in, prior):
    problem = reglow.LinearOperator(blur, blur, SHAPE, nonnegative=True)
    agree(reglow.restore(measured, problem, noise=0.01, prior=prior), built_in)
    agree(reglow.restore(measured, (blur, blur), noise=0.01, prior=prior), built_in)


def test_channels_in_front_and_channel_by_channel(measured, built_in, prior):
    def planar(x):
        assert x.shape == (3, *SHAPE[:2]) and x.dtype == np.float32 and not x.flags.writeable
        return ndimage.uniform_filter(x, (1, 5, 5), mode="wrap")

    first = reglow.LinearOperator(planar, planar, (3, *SHAPE[:2]), channel_axis=0, nonnegative=True)
    result = reglow.restore(np.moveaxis(measured, -1, 0), first, noise=0.01, prior=prior)
    assert result.image.shape == (3, *SHAPE[:2])
    result.image.setflags(write=True)
    np.testing.assert_allclose(np.moveaxis(result.image, 0, -1), built_in.image, atol=2e-2)

    def grey(x):
        assert x.shape == SHAPE[:2]
        return ndimage.uniform_filter(x, 5, mode="wrap")

    each = reglow.LinearOperator(grey, grey, SHAPE[:2], nonnegative=True)
    assert each.is_channelwise
    agree(reglow.restore(measured, each, noise=0.01, prior=prior), built_in)
    assert reglow.restore(measured[..., 0], each, noise=0.01, prior=prior).image.shape == SHAPE[:2]


def test_a_scipy_operator_and_a_matrix(random, prior):
    image = random.random((16, 16, 3)).astype(np.float32)
    size = image.size

    def matvec(v):
        return blur(v.reshape(image.shape)).ravel()

    operator = ScipyOperator((size, size), matvec=matvec, rmatvec=matvec, dtype=np.float32)
    matrix = np.stack([matvec(row) for row in np.eye(size, dtype=np.float32)], axis=1)
    y = blur(image)
    expected = reglow.LinearOperator(blur, blur, image.shape).adjoint(y)
    for given in (operator, matrix, sparse.csr_array(matrix)):
        problem = reglow.LinearOperator.wrap(given, image.shape)
        np.testing.assert_allclose(problem.apply(image), y, atol=1e-6)
        np.testing.assert_allclose(problem.adjoint(y), expected, atol=1e-6)
    one, two = (reglow.restore(y, given, noise=0.01, prior=prior, max_evaluations=5) for given in (operator, matrix))
    np.testing.assert_allclose(one.image, two.image, atol=1e-4)


def test_a_matrix_with_fewer_rows_needs_the_shape_of_the_image(random, prior):
    matrix = random.standard_normal((100, 256)).astype(np.float32) / 10
    image = random.random((16, 16, 3)).astype(np.float32)
    problem = reglow.LinearOperator.wrap(matrix, (16, 16))
    y = problem.apply(image)
    assert y.shape == (100, 3) and problem.is_vector
    np.testing.assert_allclose(y[:, 1], matrix @ image[..., 1].ravel(), atol=1e-4)
    result = reglow.restore(y, problem, noise=0.01, prior=prior, max_evaluations=10)
    assert result.image.shape == image.shape
    assert reglow.restore(y[:, 0], matrix, image_shape=(16, 16), noise=0.01, prior=prior, max_evaluations=3).image.shape == (16, 16)
    batch = reglow.restore(np.stack([y, y]), problem, noise=0.01, prior=prior, max_evaluations=10)
    np.testing.assert_array_equal(batch[1].image, result.image)
    with pytest.raises(ValueError, match="image_shape"):
        reglow.restore(y[:, 0], matrix, noise=0.01)
    with pytest.raises(ValueError, match="noise must be given"):
        reglow.restore(y, problem)


@pytest.mark.parametrize("dtype", [np.float64, np.float16, np.int32])
def test_functions_may_return_any_real_numbers(measured, prior, dtype):
    problem = reglow.LinearOperator(lambda x: (2 * x).astype(dtype), lambda y: (2 * y).astype(dtype), SHAPE, check=False)
    assert problem.apply(np.ones(SHAPE, np.float32)).dtype == np.float32
    np.testing.assert_array_equal(problem.apply(np.ones(SHAPE)), np.full(SHAPE, 2, np.float32))


@pytest.mark.parametrize(
    ("apply", "adjoint", "words"),
    [
        (lambda x: np.roll(x, 1, 0), lambda y: y, "adjoint is not the adjoint"),
        (blur, lambda y: 1.05 * blur(y), "adjoint is not the adjoint"),
        (lambda x: x + 1, lambda y: y, "not linear|not the adjoint"),
        (lambda x: x[1:], lambda y: y, r"apply returned the shape \(31, 24, 3\)"),
        (lambda x: x, lambda y: None, "adjoint returned None"),
    ],
)
def test_a_wrong_operator_is_refused_when_it_is_made(apply, adjoint, words):
    with pytest.raises(ValueError, match=words):
        reglow.LinearOperator(apply, adjoint, SHAPE)


def test_what_a_function_raises_comes_out_with_its_traceback(measured, prior):
    calls = []

    def fails(x):
        calls.append(1)
        if len(calls) > 5:
            raise ZeroDivisionError("in my operator")
        return blur(x)

    problem = reglow.LinearOperator(fails, blur, SHAPE, check=False)
    with pytest.raises(ZeroDivisionError, match="in my operator") as caught:
        reglow.restore(measured, problem, noise=0.01, prior=prior)
    assert any(frame.name == "fails" for frame in traceback.extract_tb(caught.value.__traceback__))
    # The library is as good as before.
    assert reglow.restore(measured, (blur, blur), noise=0.01, prior=prior, max_evaluations=2).evaluations > 0
    calls.clear()
    calls.extend(range(6))
    with pytest.raises(ZeroDivisionError):
        problem.apply(measured)


def test_a_function_that_gives_no_numbers_is_named(measured, prior):
    problem = reglow.LinearOperator(lambda x: x * np.nan, blur, SHAPE, check=False)
    with pytest.raises(reglow.SolveError, match="apply of the operator returned values that are not finite"):
        reglow.restore(measured, problem, noise=0.01, prior=prior)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: reglow.LinearOperator(1, blur, SHAPE), TypeError, "apply is int"),
        (lambda: reglow.LinearOperator(blur, blur, (2, *SHAPE)), ValueError, "must be that of one image"),
        (lambda: reglow.LinearOperator(blur, blur, 7), TypeError, "image_shape"),
        (lambda: reglow.LinearOperator(blur, blur, (3, 32, 24)), ValueError, "channel_axis=0"),
        (lambda: reglow.LinearOperator.wrap(np.eye(5), (2, 3)), ValueError, "image_shape"),
        (lambda: reglow.LinearOperator.wrap(np.ones((4, 6)), (2, 3), (5,)), ValueError, "measurement_shape"),
        (lambda: reglow.LinearOperator.wrap("A", (2, 3)), TypeError, "operator"),
        (lambda: reglow.LinearOperator.wrap(np.eye(6, dtype=complex), (2, 3)), TypeError, "complex"),
    ],
)
def test_bad_arguments_are_named(make, kind, words):
    with pytest.raises(kind, match=words):
        make()


def test_a_measurement_that_does_not_fit_is_named(prior):
    problem = reglow.LinearOperator(blur, blur, SHAPE)
    with pytest.raises(ValueError, match=r"y has the shape \(5, 5, 3\)"):
        reglow.restore(np.zeros((5, 5, 3)), problem, noise=0.01, prior=prior)
    with pytest.raises(TypeError, match="problem is"):
        reglow.restore(np.zeros((5, 5, 3)), 7)


@pytest.mark.parametrize(("side", "count"), [(24, 1), (200, 1), (24, 3), (72, 20)])
def test_functions_are_called_on_the_thread_that_called(side, count, random, prior):
    """Also where the loops over an image, or the images of a batch, are shared by threads."""
    threads = set()

    def blur(x):
        threads.add(threading.get_ident())
        return ndimage.uniform_filter(x, (3, 3, 1), mode="wrap")

    y = 0.5 + 0.1 * random.standard_normal((count, side, side, 3)).astype(np.float32)
    problem = reglow.LinearOperator(blur, blur, y.shape[1:], nonnegative=True)
    for rule in (None, "discrepancy"):
        options = {"noise": 0.05, "prior": prior, "max_evaluations": 3, "regularization_weight": rule}
        assert len(reglow.restore(y, problem, **options)) == count
    assert threads == {threading.get_ident()}
