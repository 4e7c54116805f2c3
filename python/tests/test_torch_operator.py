"""Modules and functions of PyTorch as the problem of restore."""

from __future__ import annotations

import numpy as np
import pytest
from extras import import_torch

import reglow

torch = import_torch()
import reglow.torch  # noqa: E402

SHAPE = (3, 32, 24)


def blur(channels=3):
    """The uniform blur of 5x5 with a periodic border, as a module with a parameter."""
    module = torch.nn.Conv2d(channels, channels, 5, groups=channels, padding=2, padding_mode="circular", bias=False)
    with torch.no_grad():
        module.weight.fill_(1 / 25)
    return module


def function_blur(x):
    return torch.nn.functional.avg_pool2d(torch.nn.functional.pad(x, (2, 2, 2, 2), mode="circular"), 5, 1)


@pytest.fixture
def measured(truth):
    """A blurred image, (3, H, W)."""
    y = reglow.Deblur("uniform:5", border="periodic").degrade(truth[:32, :24], noise=0.01, seed=1)
    return np.ascontiguousarray(np.moveaxis(y, -1, 0))


@pytest.fixture
def built_in(measured, prior):
    return reglow.restore(measured, reglow.Deblur("uniform:5", border="periodic"), noise=0.01, prior=prior, channel_axis=0)


def agree(result, built_in):
    """Both minimize the same objective; a solve ends where it falls by no more than a part of 3e-4 in ten steps."""
    assert result.objective == pytest.approx(built_in.objective, rel=3e-3)
    assert np.sqrt(np.mean((result.image - built_in.image) ** 2)) < 2e-3


def test_a_module_gives_what_the_built_in_blur_gives(measured, built_in, prior):
    module = blur()
    problem = reglow.torch.LinearOperator(module, SHAPE, nonnegative=True)
    assert problem.measured_shape == SHAPE and "(3, 32, 24)" in repr(problem)
    former = torch.get_num_threads()
    result = reglow.restore(torch.from_numpy(measured), problem, noise=0.01, prior=prior)
    assert torch.get_num_threads() == former and module.weight.grad is None
    agree(result, built_in)
    assert torch.from_numpy(result.image).shape == SHAPE
    two = reglow.restore(torch.from_numpy(np.stack([measured, measured])), problem, noise=0.01, prior=prior)
    np.testing.assert_array_equal(two[1].image, result.image)


def test_an_adjoint_of_one_s_own_and_that_of_autograd(measured, built_in, prior, random):
    own = reglow.torch.LinearOperator(function_blur, SHAPE, adjoint=function_blur, nonnegative=True)
    agree(reglow.restore(measured, own, noise=0.01, prior=prior), built_in)
    mask = torch.from_numpy(random.random((1, 1, 32, 24)).astype(np.float32))

    def apply(x):
        return function_blur(mask * x)[..., ::2, ::2]

    found = reglow.torch.LinearOperator(apply, SHAPE)
    y = random.standard_normal((3, 16, 12)).astype(np.float32)
    spread = torch.zeros(1, *SHAPE)
    spread[..., ::2, ::2] = torch.from_numpy(y)
    np.testing.assert_allclose(found.adjoint(y, channel_axis=0), (mask * function_blur(spread))[0].numpy(), atol=1e-6)
    assert found.check() < 1e-6


def test_it_works_where_gradients_are_off_or_on(measured, prior):
    problem = reglow.torch.LinearOperator(blur(), SHAPE)
    options = {"noise": 0.01, "prior": prior, "max_evaluations": 3}
    expected = reglow.restore(measured, problem, **options).image
    for mode in (torch.no_grad, torch.inference_mode, torch.enable_grad):
        with mode():
            np.testing.assert_array_equal(reglow.restore(measured, problem, **options).image, expected)


def test_the_adjoint_is_that_of_the_map_as_it_is(random):
    """What autograd recorded serves one adjoint: a map that was changed since is recorded anew."""
    module = blur()
    found = reglow.torch.LinearOperator(module, SHAPE)
    x, y = random.normal(size=SHAPE).astype(np.float32), random.normal(size=SHAPE).astype(np.float32)
    found.apply(x, channel_axis=0)
    before = found.adjoint(y, channel_axis=0)
    module.weight.data.mul_(2)
    np.testing.assert_allclose(found.adjoint(y, channel_axis=0), 2 * before, rtol=1e-6)
    assert found.check() < 1e-6


def test_defaults_of_torch_do_not_matter(measured, prior):
    problem = reglow.torch.LinearOperator(blur(), SHAPE)
    expected = reglow.restore(measured, problem, noise=0.01, prior=prior, max_evaluations=3).image
    module = blur()
    torch.set_default_dtype(torch.float64)
    try:
        again = reglow.torch.LinearOperator(module, SHAPE)
        np.testing.assert_array_equal(reglow.restore(measured, again, noise=0.01, prior=prior, max_evaluations=3).image, expected)
    finally:
        torch.set_default_dtype(torch.float32)


def test_the_threads_are_one_while_it_is_called(measured, prior):
    seen = []

    def apply(x):
        seen.append((torch.get_num_threads(), torch.is_grad_enabled()))
        return function_blur(x)

    former = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        problem = reglow.torch.LinearOperator(apply, SHAPE, adjoint=apply)
        reglow.restore(measured, problem, noise=0.01, prior=prior, max_evaluations=2)
        assert set(seen) == {(1, False)} and torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(former)


def test_a_function_may_work_in_place(measured, prior):
    def doubled(x):
        return x.mul_(2)

    problem = reglow.torch.LinearOperator(doubled, SHAPE, adjoint=doubled)
    np.testing.assert_array_equal(problem.apply(measured, channel_axis=0), 2 * measured)
    assert reglow.restore(measured, problem, noise=0.01, prior=prior, max_evaluations=2).evaluations == 2


def test_grey_images(measured, prior):
    problem = reglow.torch.LinearOperator(torch.nn.AvgPool2d(2), (32, 24))
    assert problem.measured_shape == (16, 12) and problem.is_channelwise
    grey = problem.apply(measured[0])
    options = {"noise": 0.01, "prior": prior, "max_evaluations": 10}
    expected = reglow.restore(grey, reglow.Superresolve(2), channel_axis=None, **options)
    result = reglow.restore(torch.from_numpy(grey), problem, **options)
    assert result.image.shape == (32, 24)
    np.testing.assert_allclose(result.image, expected.image, atol=0.02)
    each = reglow.restore(torch.from_numpy(np.stack([grey] * 3)), problem, channel_axis=0, **options)
    assert each.image.shape == SHAPE


def test_measurements_that_are_rows(measured, prior, random):
    matrix = torch.from_numpy(random.standard_normal((200, 3 * 16 * 16)).astype(np.float32) / 16)
    problem = reglow.torch.LinearOperator(lambda x: x.flatten(1) @ matrix.T, (3, 16, 16))
    assert problem.measured_shape == (200,) and problem.is_vector
    y = problem.apply(measured[:, :16, :16], channel_axis=0)
    np.testing.assert_allclose(y, matrix.numpy() @ measured[:, :16, :16].ravel(), atol=1e-5)
    assert reglow.restore(torch.from_numpy(y), problem, noise=0.01, prior=prior, max_evaluations=5).image.shape == (3, 16, 16)


@pytest.mark.parametrize(
    ("apply", "adjoint", "words"),
    [
        (lambda x: x.relu(), None, "not the adjoint|not linear"),
        (torch.nn.Conv2d(3, 3, 1), None, "not linear|not the adjoint"),
        (lambda x: torch.roll(x, 1, -1), lambda y: y, "adjoint is not the adjoint"),
        (lambda x: x, lambda y: y[..., 1:], "adjoint returned the shape"),
        (lambda x: x.numpy(), None, "apply returned ndarray"),
        (lambda x: x[0], None, r"apply returned the shape \(3, 32, 24\), but must return a batch of one"),
        (lambda x: x + 0j, None, "complex64"),
        (lambda x: x.to("meta"), None, "on meta"),
        (lambda x: torch.from_numpy(x.detach().numpy() * 2), None, "cannot be differentiated by autograd: give its adjoint"),
        (7, None, "apply is int"),
        (function_blur, 7, "adjoint is int"),
    ],
)
def test_wrong_functions_are_refused(apply, adjoint, words):
    with pytest.raises((ValueError, TypeError), match=words) as caught:
        reglow.torch.LinearOperator(apply, SHAPE, adjoint=adjoint)
    assert isinstance(caught.value, reglow.ReglowError)


@pytest.mark.parametrize("shape", [(2, 32, 24), (1, 3, 32, 24), (32,), 7])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises((ValueError, TypeError), match="image_shape"):
        reglow.torch.LinearOperator(function_blur, shape)


def test_what_a_function_raises_comes_out(measured, prior):
    calls = []

    def fails(x):
        calls.append(1)
        if len(calls) > 9:
            raise ZeroDivisionError("in my module")
        return function_blur(x)

    former = torch.get_num_threads()
    problem = reglow.torch.LinearOperator(fails, SHAPE, adjoint=function_blur)
    with pytest.raises(ZeroDivisionError, match="in my module"):
        reglow.restore(measured, problem, noise=0.01, prior=prior)
    assert torch.get_num_threads() == former
