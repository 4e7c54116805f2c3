"""The flow as a module: its derivatives, what is kept for them, and what is refused."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import threading
import warnings

import numpy as np
import pytest
from extras import import_torch

import reglow

torch = import_torch()
import reglow.torch  # noqa: E402

UNIT = 2.0**-24


@pytest.fixture(params=["additive", "affine"])
def flow(request):
    """A flow without and with a log-determinant that depends on the image."""
    return reglow.torch.FlowPrior(request.getfixturevalue("prior" if request.param == "additive" else "affine"))


@pytest.fixture
def images(photo):
    x = np.stack([photo[:16, :24], photo[20:36, 10:34], photo[30:46, 20:44]])
    return torch.from_numpy(np.moveaxis(x, -1, 1).astype(np.float32) / 255)


def normal(shape, seed=0, dtype=torch.float32):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def product(a, b):
    return float((a.double() * b.double()).sum())


def points_at(monkeypatch, name):
    """Count the evaluations of a map."""
    calls = []
    evaluate = getattr(reglow.Point, name)
    monkeypatch.setattr(reglow.Point, name, lambda self, *args, **kwargs: calls.append(1) or evaluate(self, *args, **kwargs))
    return calls


def test_maps_are_those_of_the_prior(flow, images):
    latents, log_determinants = flow(images)
    expected, expected_determinants = flow.prior.forward(images.numpy(), channel_axis=1)
    np.testing.assert_array_equal(latents.numpy(), expected)
    np.testing.assert_array_equal(log_determinants.numpy(), expected_determinants)
    assert log_determinants.dtype == torch.float64
    back, inverse_determinants = flow.inverse(latents, (16, 24))
    np.testing.assert_allclose(back.numpy(), images.numpy(), atol=1e-4)
    np.testing.assert_allclose(inverse_determinants.numpy(), -expected_determinants, rtol=1e-5)
    np.testing.assert_allclose(flow.log_prob(images).numpy(), flow.prior.log_likelihood(images.numpy(), channel_axis=1), rtol=1e-9)


@pytest.mark.filterwarnings("ignore")  # what forward mode warns of is PyTorch's own
@pytest.mark.parametrize("name", ["forward", "inverse"])
def test_products_are_adjoint(flow, images, name):
    """<J v, w> = <v, J' w>: sums of 1152 products that are each right to a unit or so differ by about their roundings."""
    x = images if name == "forward" else flow(images)[0]
    function = flow.forward if name == "forward" else lambda z: flow.inverse(z, (16, 24))
    v = normal(x.shape, 1)
    (y, _), (pushed, rates) = torch.func.jvp(function, (x,), (v,))
    w, c = normal(y.shape, 2), normal((3,), 3, torch.float64)
    point = x.clone().requires_grad_()
    outputs = function(point)
    (pulled,) = torch.autograd.grad(outputs, point, (w, c), retain_graph=True)
    error = abs(product(pushed, w) + product(rates, c) - product(v, pulled))
    assert error <= 1e-6 * float(pushed.norm() * w.norm() + rates.norm() * c.norm())
    (alone,) = torch.autograd.grad(outputs[0], point, w, retain_graph=True)
    assert abs(product(pushed, w) - product(v, alone)) <= 1e-6 * float(pushed.norm() * w.norm())
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, v)
        assert torch.equal(torch.autograd.forward_ad.unpack_dual(function(dual)[0]).tangent, pushed)


@pytest.mark.parametrize("name", ["forward", "inverse"])
def test_differences_are_integrals_of_gradients(flow, images, name):
    """L(x + h d) - L(x - h d) = integral of <grad L(x + t d), d> over t from -h to h, L = <w, y> + <c, log-determinants>.

    That holds for ReLUs too, which have kinks on the way. The n midpoints of a slope of total
    variation V miss its mean by at most V / n; V is taken as twice what is seen at the midpoints.
    Rounding: values of y are right to some units of their largest, 64 of them, one for each rounding
    of a path, independent over the terms of L.
    """
    x = images if name == "forward" else flow(images)[0]
    function = flow.forward if name == "forward" else lambda z: flow.inverse(z, (16, 24))
    y, _ = function(x)
    w, c = normal(y.shape, 2), normal((3,), 3, torch.float64)

    def gradient(at):
        point = at.clone().requires_grad_()
        return torch.autograd.grad(function(point), point, (w, c))[0]

    def value(at):
        mapped, determinants = function(at)
        return product(mapped, w) + product(determinants, c)

    step, nodes = 0.02 * float(x.abs().max()), 16
    direction = gradient(x)
    direction /= direction.norm()
    slopes = [product(gradient(x + (2 * (k + 0.5) / nodes - 1) * step * direction), direction) for k in range(nodes)]
    quotient = (value(x + step * direction) - value(x - step * direction)) / (2 * step)
    variation = 2 * float(np.abs(np.diff(slopes)).sum())
    bound = variation / nodes + 64 * UNIT * float(y.abs().max()) * float(w.norm()) / step
    assert bound < 0.02 * abs(quotient), "the bound would hide errors"
    assert abs(np.mean(slopes) - quotient) <= bound


def test_each_image_has_its_own_cotangents(flow, images):
    w, c = normal(flow(images)[0].shape, 1), torch.tensor([2.0, 0.0, -3.0], dtype=torch.float64)
    together = images.clone().requires_grad_()
    torch.autograd.backward(flow(together), (w, c))
    for index in range(3):
        alone = images[index : index + 1].clone().requires_grad_()
        torch.autograd.backward(flow(alone), (w[index : index + 1], c[index : index + 1]))
        np.testing.assert_array_equal(together.grad[index].numpy(), alone.grad[0].numpy())


def test_parts_of_the_outputs(flow, images):
    x = images.clone().requires_grad_()
    latents, log_determinants = flow(x)
    (of_latents,) = torch.autograd.grad(latents.sum(), x, retain_graph=True)
    (of_determinants,) = torch.autograd.grad(log_determinants.float().sum(), x, retain_graph=True)
    assert of_latents.abs().max() > 0
    assert (of_determinants.abs().max() > 0) == (flow.prior.coupling == "affine")
    (score,) = torch.autograd.grad(flow.log_prob(x).sum(), x)
    np.testing.assert_allclose(score.numpy(), flow.prior.log_likelihood_gradient(images.numpy(), channel_axis=1), rtol=1e-5, atol=1e-3)


def test_another_evaluation_may_come_between(prior, images, monkeypatch):
    def gradients(memory, between):
        flow = reglow.torch.FlowPrior(prior, memory=memory)
        one, two = images[:2].clone().requires_grad_(), images[1:].clone().requires_grad_()
        first, second = flow(one)[0], flow(two)[0]
        flow(between)
        return [torch.autograd.grad(z.square().sum(), x)[0] for z, x in ((first, one), (second, two))]

    calls = points_at(monkeypatch, "forward")
    kept = gradients("256MB", images[:1])
    assert len(calls) == 3
    # One point for all: used anew by a batch as large, released for one of another size.
    for between in (images[:2], images[:1]):
        calls.clear()
        again = gradients(1, between)
        assert len(calls) == 5
        for a, b in zip(kept, again, strict=True):
            assert torch.equal(a, b)


def test_points_are_used_again_when_a_graph_is_released(prior, images):
    flow = reglow.torch.FlowPrior(prior)
    for _ in range(4):
        x = images.clone().requires_grad_()
        flow(x)[0].sum().backward()
    latents = flow(x)[0]
    assert len(flow._records._places) <= 2
    del latents
    gc.collect()
    flow(images)
    assert len(flow._records._places) <= 2


def test_a_large_batch_goes_in_parts(prior, images):
    few = images[:, :, :8, :8].clone().requires_grad_()
    reglow.torch.FlowPrior(prior)(few)[0].square().sum().backward()
    for memory in ("256MB", 1):
        many = images[:, :, :8, :8].repeat(600, 1, 1, 1).requires_grad_()
        latents, _ = reglow.torch.FlowPrior(prior, memory=memory)(many)
        latents.square().sum().backward()
        np.testing.assert_array_equal(many.grad.reshape(600, *few.shape).numpy(), few.grad.expand(600, *few.shape).numpy())
    assert len(many) * 64 > 16 * 64 * 64, "one part does"


def test_a_tensor_that_changed_is_noticed(prior, images):
    x = images.clone().requires_grad_()
    latents = reglow.torch.FlowPrior(prior)(x)[0]
    with torch.no_grad():
        x.add_(1)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        latents.sum().backward()


def test_it_is_differentiated_once(prior, images):
    x = images.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(reglow.torch.FlowPrior(prior).log_prob(x).sum(), x, create_graph=True)
    with pytest.raises(reglow.StateError, match="once only"):
        gradient.sum().backward()


def test_without_gradients_and_with_transforms(prior, images):
    flow = reglow.torch.FlowPrior(prior)
    expected = flow(images)[0]
    with torch.no_grad():
        assert not flow(images.clone().requires_grad_())[0].requires_grad
    with torch.inference_mode():
        assert torch.equal(flow(images)[0], expected)
    strided = images.permute(0, 1, 3, 2).contiguous().permute(0, 1, 3, 2)
    assert not strided.is_contiguous() and torch.equal(flow(strided)[0], expected)
    x = images.clone().requires_grad_()
    (score,) = torch.autograd.grad(flow.log_prob(x).sum(), x)
    assert torch.equal(torch.func.grad(lambda t: flow.log_prob(t).sum())(images), score)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        compiled = torch.compile(lambda t: 2 * flow(t)[0], backend="eager")
        (gradient,) = torch.autograd.grad(compiled(x).sum(), x)
    assert torch.equal(gradient, torch.autograd.grad(2 * flow(x)[0].sum(), x)[0])


def test_it_is_a_module_without_parameters(prior, images):
    flow = reglow.torch.FlowPrior(prior)
    model = torch.nn.Sequential(flow)
    assert not list(model.parameters()) and not model.state_dict() and "photos" in repr(model)
    file = io.BytesIO()
    torch.save(flow, file)
    file.seek(0)
    for other in (pickle.loads(pickle.dumps(flow)), copy.deepcopy(flow), torch.load(file, weights_only=False)):
        assert torch.equal(other(images)[0], flow(images)[0])


def test_samples_follow_the_generator_of_torch(prior):
    flow = reglow.torch.FlowPrior(prior)
    torch.manual_seed(3)
    one = flow.sample(2, (16, 24))
    torch.manual_seed(3)
    assert one.shape == (2, 3, 16, 24) and torch.equal(one, flow.sample(2, (16, 24)))
    assert not torch.equal(one, flow.sample(2, (16, 24)))
    expected = prior.sample(2, (16, 24), 0.5, seed=4, channel_axis=1)
    np.testing.assert_array_equal(flow.sample(2, (16, 24), temperature=0.5, seed=4).numpy(), expected)


def test_threads_share_a_module(prior, images):
    flow = reglow.torch.FlowPrior(prior, memory=1)
    x = images.clone().requires_grad_()
    (expected,) = torch.autograd.grad(flow.log_prob(x).sum(), x)
    wrong = []

    def work():
        mine = images.clone().requires_grad_()
        for _ in range(10):
            (found,) = torch.autograd.grad(flow.log_prob(mine).sum(), mine)
            if not torch.equal(found, expected):
                wrong.append(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


class Scores(torch.utils.data.Dataset):
    """Scores images in the workers of a DataLoader."""

    def __init__(self, flow, images):
        self.flow, self.images = flow, images

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        x = self.images[index : index + 1].clone().requires_grad_()
        return torch.autograd.grad(self.flow.log_prob(x).sum(), x)[0][0]


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_workers_of_a_loader(prior, images, method):
    scores = Scores(reglow.torch.FlowPrior(prior), images)
    expected = torch.stack([scores[index] for index in range(3)])
    loader = torch.utils.data.DataLoader(scores, batch_size=3, num_workers=1, multiprocessing_context=method, timeout=100)
    assert torch.equal(next(iter(loader)), expected)


def test_a_loop_of_torch_finds_what_restore_finds(prior, photo):
    truth = np.ascontiguousarray(photo[:32, :32]).astype(np.float32) / 255
    y = reglow.Denoise().degrade(truth, noise=0.1)
    expected = reglow.restore(y, "denoise", noise=0.1, prior=prior, tolerance=1e-5)
    flow, measured = reglow.torch.FlowPrior(prior), torch.from_numpy(y).permute(2, 0, 1)[None].contiguous()
    x = measured.clone().requires_grad_()
    optimizer = torch.optim.LBFGS([x], max_iter=150, history_size=20, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        objective = (x - measured).square().sum() / 2 + 0.1**2 / 2 * flow(x)[0].square().sum()
        objective.backward()
        return objective

    with reglow.torch.one_thread():
        optimizer.step(closure)
    assert closure().item() == pytest.approx(expected.objective, rel=2e-3)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda x: x.double(), TypeError, "torch.float64, but must hold torch.float32: x.float"),
        (lambda x: x.half(), TypeError, "torch.float16"),
        (lambda x: x.to("meta"), ValueError, r"on meta, but Reglow computes on the CPU: x.cpu\(\)"),
        (lambda x: x.to_sparse(), TypeError, "dense"),
        (lambda x: x.numpy(), TypeError, "ndarray"),
        (lambda x: x[0], ValueError, r"shape \(3, 16, 24\), but must be \(N, 3, H, W\)"),
        (lambda x: x[:, :1], ValueError, r"\(N, 3, H, W\)"),
        (lambda x: x[:0], ValueError, r"\(N, 3, H, W\)"),
        (lambda x: x[..., :15], ValueError, "multiples of 8"),
    ],
)
def test_wrong_images_are_refused(prior, images, make, kind, words):
    with pytest.raises(kind, match=words) as caught:
        reglow.torch.FlowPrior(prior)(make(images))
    assert isinstance(caught.value, reglow.ReglowError) and caught.value.argument == "x"


@pytest.mark.parametrize(
    ("shape", "size", "words"),
    [
        ((2, 5), None, "none that is square"),
        ((2, 1152), (16, 16), "16x16"),
        ((1152,), (16, 24), r"\(N, D\)"),
        ((1, 675), None, "multiples of 8"),
    ],
)
def test_wrong_latents_are_refused(prior, shape, size, words):
    with pytest.raises(ValueError, match=words):
        reglow.torch.FlowPrior(prior).inverse(torch.zeros(shape), size)


def test_wrong_options_are_refused(prior):
    with pytest.raises(ValueError, match="precision is for a prior that is loaded here"):
        reglow.torch.FlowPrior(prior, precision="bf16")
    with pytest.raises(ValueError, match="memory"):
        reglow.torch.FlowPrior(prior, memory="much")
    with pytest.raises(FileNotFoundError):
        reglow.torch.FlowPrior("nothing")
    assert reglow.torch.FlowPrior("photos", precision="bf16", threads=1).prior.precision == "bf16"


def test_threads_of_torch_are_put_back():
    former = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with reglow.torch.one_thread():
            assert torch.get_num_threads() == 1
            with reglow.torch.one_thread():
                assert torch.get_num_threads() == 1
            assert torch.get_num_threads() == 1
            seen = []

            def other():
                with reglow.torch.one_thread():
                    seen.append(torch.get_num_threads())
                seen.append(torch.get_num_threads())

            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
            assert seen == [1, 3]
        assert torch.get_num_threads() == 3
        with pytest.raises(ZeroDivisionError), reglow.torch.one_thread():
            raise ZeroDivisionError
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(former)
