"""deepinv's physics through the solver, and the prior in deepinv's optimizers."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from extras import import_deepinv, import_torch

import reglow

torch = import_torch()
deepinv = import_deepinv()
import reglow.deepinv  # noqa: E402

models = deepinv.physics
# What deepinv itself warns of is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

SHAPE = (3, 32, 32)
# Filters of three channels, the last of them another one.
COLOURS = torch.stack([torch.ones(5, 5) / 25, torch.ones(5, 5) / 25, torch.eye(5) / 5])[None]
UNIFORM, EVEN = torch.ones(1, 1, 5, 5) / 25, torch.ones(1, 1, 4, 4) / 16
SLOPE = torch.tensor([[[[0.0, 0.1, 0.2], [0.1, 0.2, 0.3], [0.0, 0.1, 0.0]]]])
GAUSSIAN = models.functional.gaussian_blur(sigma=(1.0, 1.0))


def noisy(sigma=0.01, seed=0):
    return models.GaussianNoise(sigma, rng=torch.Generator().manual_seed(seed))


def psnr(x, truth):
    return reglow.psnr(np.moveaxis(np.asarray(x), 0, -1), np.moveaxis(np.asarray(truth), 0, -1))


@pytest.fixture
def images(photo):
    return torch.from_numpy(
        np.stack([np.moveaxis(photo[:32, :32], -1, 0), np.moveaxis(photo[20:52, 16:48], -1, 0)]).astype(np.float32) / 255
    )


@pytest.fixture
def model(prior):
    return reglow.deepinv.FlowReconstructor(prior)


# Each physics that Reglow has an operator for, and that operator.
SAME = {
    "denoising": (lambda: models.Denoising(noisy()), reglow.Denoise, {}),
    "inpainting": (lambda: models.Inpainting(SHAPE, 0.4, noise_model=noisy()), reglow.Inpaint, {}),
    "inpainting of each channel": (lambda: models.Inpainting(SHAPE, 0.4, pixelwise=False, noise_model=noisy()), reglow.Inpaint, {}),
    "demosaicing": (lambda: models.Demosaicing(SHAPE[1:], noise_model=noisy()), reglow.Inpaint, {}),
    "blur by FFT": (lambda: models.BlurFFT(SHAPE, SLOPE / SLOPE.sum(), noise_model=noisy()), reglow.Deblur, {"border": "periodic"}),
    "blur by FFT, even": (lambda: models.BlurFFT(SHAPE, EVEN, noise_model=noisy()), reglow.Deblur, {"border": "periodic"}),
    "circular blur": (lambda: models.Blur(SLOPE / SLOPE.sum(), "circular", noise_model=noisy()), reglow.Deblur, {"border": "periodic"}),
    "blur with replicated border": (
        lambda: models.Blur(GAUSSIAN, "replicate", noise_model=noisy()),
        reglow.Deblur,
        {"border": "replicate"},
    ),
    "blur with zeros": (lambda: models.Blur(GAUSSIAN, "constant", noise_model=noisy()), reglow.Deblur, {"border": "zero"}),
    "bicubic downsampling": (
        lambda: models.Downsampling(SHAPE, "bicubic", 2, noise_model=noisy()),
        reglow.Superresolve,
        {"filter": "bicubic", "border": "periodic"},
    ),
    "bilinear downsampling": (
        lambda: models.Downsampling(SHAPE, "bilinear", 2, noise_model=noisy()),
        reglow.Superresolve,
        {"filter": "triangle", "border": "periodic"},
    ),
}
# Physics that it takes by their own A and A_adjoint.
OTHER = {
    "blur with reflected border": lambda: models.Blur(GAUSSIAN, "reflect", noise_model=noisy()),
    "blur of the inside": lambda: models.Blur(UNIFORM, "valid", noise_model=noisy()),
    "blur that brightens": lambda: models.BlurFFT(SHAPE, 2 * UNIFORM, noise_model=noisy()),
    "blur of channels": lambda: models.BlurFFT(SHAPE, COLOURS, noise_model=noisy()),
    "downsampling by 4": lambda: models.Downsampling(SHAPE, "bicubic", 4, noise_model=noisy()),
    "decimation": lambda: models.Downsampling(SHAPE, None, 2, noise_model=noisy()),
    "weighted pixels": lambda: models.Inpainting(SHAPE, torch.linspace(0, 1, 1024).reshape(1, 32, 32), noise_model=noisy()),
    "compressive sensing": lambda: models.CompressedSensing(500, SHAPE, noise_model=noisy()),
    "tomography": lambda: models.Tomography(20, 32, normalize=True, noise_model=noisy()),
    "a sum of colours": lambda: models.Decolorize(noise_model=noisy()),
    "a function": lambda: models.LinearPhysics(lambda x: x.flip(-1), A_adjoint=lambda y: y.flip(-1), noise_model=noisy()),
    "two in a row": lambda: models.Downsampling(SHAPE, None, 2, noise_model=noisy()) * models.BlurFFT(SHAPE, UNIFORM),
}


@pytest.mark.parametrize("name", SAME)
def test_where_both_have_an_operator_it_is_the_same(name, images):
    make, kind, options = SAME[name]
    physics = make()
    problem = reglow.deepinv.problem_of(physics, SHAPE)
    assert type(problem) is kind and all(getattr(problem, key) == value for key, value in options.items())
    y = physics.A(images)
    found = problem.apply(images.numpy(), channel_axis=1)
    np.testing.assert_allclose(found, y.numpy(), atol=1e-5)
    v = torch.randn(y.shape, generator=torch.Generator().manual_seed(1))
    adjoint = problem.adjoint(v.numpy(), channel_axis=1)
    np.testing.assert_allclose(adjoint, physics.A_adjoint(v).numpy(), atol=1e-5 * float(v.abs().max()))


@pytest.mark.parametrize("name", OTHER)
def test_other_physics_keep_their_operator(name, images):
    physics = OTHER[name]()
    problem = reglow.deepinv.problem_of(physics, SHAPE)
    assert isinstance(problem, reglow.torch.LinearOperator)
    y = physics.A(images[:1])[0]
    np.testing.assert_allclose(problem.apply(images[0].numpy(), channel_axis=0), y.numpy(), atol=1e-6)


@pytest.mark.parametrize("name", [*SAME, *OTHER])
def test_physics_are_adjoint_by_deepinv_s_test_and_ours(name, images):
    """Reglow's operator as a physics passes the test of deepinv, in single precision.

    The test takes one random pair, whose product may be small by chance: 1e-3 leaves room for that.
    """
    physics = (SAME[name][0] if name in SAME else OTHER[name])()
    problem = reglow.deepinv.problem_of(physics, SHAPE)

    def apply(x):
        return torch.from_numpy(np.stack([problem.apply(each.numpy(), channel_axis=0) for each in x]))

    def adjoint(y):
        return torch.from_numpy(np.stack([problem.adjoint(each.numpy(), channel_axis=0) for each in y]))

    ours = models.LinearPhysics(apply, A_adjoint=adjoint, img_size=SHAPE)
    torch.manual_seed(0)
    assert float(ours.adjointness_test(images)) < 1e-3
    torch.manual_seed(0)
    assert float(physics.adjointness_test(images)) < 1e-3


FIVE = {
    "deblurring": (lambda: models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy()), reglow.Deblur("uniform:5", border="periodic")),
    "inpainting": (lambda: models.Inpainting(SHAPE, _mask(), noise_model=noisy()), None),
    "downsampling": (lambda: models.Downsampling(SHAPE, "bicubic", 2, noise_model=noisy()), reglow.Superresolve(2, "bicubic", "periodic")),
    "compressive sensing": (lambda: models.CompressedSensing(1000, SHAPE, noise_model=noisy()), reglow.Compressive(1000, SHAPE[1:])),
    "tomography": (lambda: models.Tomography(30, 32, normalize=True, noise_model=noisy()), None),
}


def _mask():
    return (torch.rand(1, 32, 32, generator=torch.Generator().manual_seed(0)) > 0.6).float()


@pytest.mark.parametrize("name", FIVE)
def test_five_physics_are_solved_as_well_as_by_the_solver_alone(name, images, model, prior):
    torch.manual_seed(0)
    make, own = FIVE[name]
    physics, truth = make(), images[:1]
    y = physics(truth)
    restored = model(y, physics)
    assert restored.shape == (1, *SHAPE) and restored.dtype == torch.float32 and not restored.requires_grad
    found = psnr(restored[0], truth[0])
    assert model.restorations[0].has_converged and model.restorations[0].noise == pytest.approx(0.01)
    if name == "tomography":
        # Reglow has none of its own: it is held against deepinv's two linear reconstructions.
        linear = max(psnr(x[0], truth[0]) for x in (physics.A_dagger(y), physics.fbp(y)))
        assert found > linear + 2
        return
    own = own or reglow.Inpaint(mask=_mask()[0].numpy() > 0)
    if name == "compressive sensing":
        # Another matrix of the same law.
        y = torch.from_numpy(own.degrade(np.moveaxis(truth[0].numpy(), 0, -1), noise=0.01)[np.newaxis])
    expected = reglow.restore(y[0].numpy(), own, noise=0.01, prior=prior, channel_axis=0)
    assert found == pytest.approx(psnr(expected.image, truth[0]), abs=1.0 if name == "compressive sensing" else 0.02)


def test_a_physics_that_is_reglow_s_gives_what_the_command_gives(images, model, tmp_path, command):
    physics = models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy())
    y = physics(images[:1])
    np.save(tmp_path / "y.npy", y[0].numpy())
    options = ("--point-spread", "uniform:5", "--border", "periodic", "--noise", 0.01, "--prior", "photos")
    command("restore", tmp_path / "y.npy", "--problem", "deblur", *options, "--output", tmp_path / "x.npy")
    by_command = np.load(tmp_path / "x.npy")
    assert psnr(model(y, physics)[0], images[0]) == pytest.approx(psnr(by_command, images[0]), abs=0.02)


def test_batches_and_what_belongs_to_each_image(images, prior):
    model = reglow.deepinv.FlowReconstructor(prior)
    shared = models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy())
    y = shared(images)
    both = model(y, shared)
    assert torch.equal(both[1:], model(y[1:], shared)) and len(model.restorations) == 1
    # A filter, a mask and a sigma for each image.
    filters = torch.cat([UNIFORM, torch.nn.functional.pad(torch.ones(1, 1, 3, 3) / 9, (1, 1, 1, 1))])
    masks = (torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0)) > 0.5).float()
    for make in (
        lambda k: models.Blur(filters[k], "circular", noise_model=noisy()),
        lambda k: models.Inpainting(SHAPE, masks[k], noise_model=noisy()),
        lambda k: models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy(torch.tensor([0.02, 0.05])[k])),
    ):
        physics = make(slice(None))
        y = physics(images)
        together = model(y, physics)
        objectives = [each.objective for each in model.restorations]
        for index in range(2):
            # One solver has Reglow's operator and the other that of the physics; a wrong filter or mask would be far off.
            alone = model(y[index : index + 1], make(slice(index, index + 1)))
            assert objectives[index] == pytest.approx(model.restorations[0].objective, rel=0.02)
            assert float((together[index] - alone[0]).square().mean().sqrt()) < 0.02


def test_grey_images(images, prior):
    model = reglow.deepinv.FlowReconstructor(prior, max_evaluations=10)
    grey = images.mean(1, keepdim=True)
    for physics in (
        models.BlurFFT((1, 32, 32), UNIFORM, noise_model=noisy()),
        models.Inpainting((1, 32, 32), 0.5, noise_model=noisy()),
        models.Tomography(20, 32, normalize=True, noise_model=noisy()),
        models.CompressedSensing(300, (1, 32, 32), noise_model=noisy()),
    ):
        y = physics(grey)
        restored = model(y, physics)
        assert restored.shape == (2, 1, 32, 32)
        assert psnr(restored[0], grey[0]) > max(psnr(physics.A_adjoint(y)[0], grey[0]), 15)


def test_noise_comes_from_the_physics_or_by_hand(images, prior):
    physics = models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy(0.03))
    y = physics(images[:1])

    def sigma(noise_model, **options):
        model = reglow.deepinv.FlowReconstructor(prior, max_evaluations=2, **options)
        physics.set_noise_model(noise_model)
        model(y, physics)
        return model.restorations[0].noise

    assert sigma(noisy(0.03)) == pytest.approx(0.03)
    assert sigma(models.ZeroNoise()) == 0
    assert sigma(noisy(0.03), noise=0.05) == pytest.approx(0.05)
    assert sigma(models.UniformGaussianNoise(0.0, 0.1)) == pytest.approx(0.03, rel=0.3)
    assert sigma(models.PoissonNoise(0.01), noise="auto") == pytest.approx(0.03, rel=0.3)
    for other in (models.PoissonNoise(0.01), models.LaplaceNoise(), models.RicianNoise(0.01), models.UniformNoise(0.1)):
        with pytest.raises(ValueError, match=f"{type(other).__name__}.*noise="):
            sigma(other)
    with pytest.raises(ValueError, match="3 values of sigma"):
        sigma(models.GaussianNoise(torch.tensor([0.1, 0.2, 0.3])))


def test_measurements_on_another_scale(images, prior):
    """A physics times 500 with sigma times 500 is the same problem."""
    one = models.LinearPhysics(lambda x: x.flip(-1), A_adjoint=lambda y: y.flip(-1), noise_model=noisy(0.05))
    large = models.LinearPhysics(lambda x: 500 * x.flip(-1), A_adjoint=lambda y: 500 * y.flip(-1), noise_model=noisy(25.0))
    y = one(images[:1])
    for weight in (None, 0.0025):
        x = reglow.deepinv.FlowReconstructor(prior, regularization_weight=weight)(y, one)
        scaled = None if weight is None else weight * 500**2
        model = reglow.deepinv.FlowReconstructor(prior, regularization_weight=scaled)
        np.testing.assert_allclose(model(500 * y, large).numpy(), x.numpy(), atol=5e-3)


@pytest.mark.parametrize(
    ("make", "kind", "words"),
    [
        (lambda: models.Haze(), TypeError, "Haze, which is not linear"),
        (lambda: models.RandomPhaseRetrieval(100, SHAPE), TypeError, "RandomPhaseRetrieval, which is not linear"),
        (lambda: models.BlurFFT(SHAPE, UNIFORM, sensor_model=lambda y: y.clip(0, 0.5)), ValueError, "sensor_model"),
        (lambda: models.LinearPhysics(lambda x: x, A_adjoint=lambda y: 2 * y), ValueError, "physics LinearPhysics .*not the adjoint"),
        (lambda: models.LinearPhysics(lambda x: x**2, A_adjoint=lambda y: y), ValueError, "physics LinearPhysics .*not"),
        (lambda: torch.nn.Identity(), TypeError, "physics is Identity"),
        (lambda: models.Tomography(20, 32, normalize=True, adjoint_via_backprop=False), ValueError, "adjoint_via_backprop=True"),
    ],
)
def test_physics_that_cannot_be_solved_are_refused(make, kind, words, images, model):
    physics = make()
    y = images[:1] if not isinstance(physics, models.Tomography) else physics.A(images[:1])
    with pytest.raises(kind, match=words) as caught:
        model(y, physics)
    assert isinstance(caught.value, reglow.ReglowError) and caught.value.argument == "physics"


def test_wrong_measurements_and_options_are_refused(images, model, prior):
    physics = models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy())
    with pytest.raises(TypeError, match="float64"):
        model(images.double(), physics)
    with pytest.raises(TypeError, match="TensorList"):
        model(physics.stack(physics)(images), physics.stack(physics))
    with pytest.raises(TypeError, match="no option 'channel_axis'"):
        reglow.deepinv.FlowReconstructor(prior, channel_axis=0)
    with pytest.raises(ValueError, match="noise must be given"):
        compressive = models.CompressedSensing(100, SHAPE, noise_model=models.UniformGaussianNoise())
        model(compressive.A(images), compressive)


def test_deepinv_tests_the_model(images, prior, tmp_path):
    physics = models.BlurFFT(SHAPE, UNIFORM, noise_model=noisy())
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, physics(images)), batch_size=2)
    model = reglow.deepinv.FlowReconstructor(prior, max_evaluations=30)
    found = deepinv.test(model, loader, physics, metrics=[deepinv.metric.PSNR()], verbose=False, show_progress_bar=False)
    assert found["PSNR"] > found["PSNR no learning"] + 3
    again = pickle.loads(pickle.dumps(model))
    assert torch.equal(again(physics.A(images[:1]), physics), model(physics.A(images[:1]), physics))


def test_the_prior_in_an_optimizer_of_deepinv(images, prior, model):
    g = reglow.deepinv.FlowPrior(prior)
    assert g.explicit_prior
    latents = prior.forward(images.numpy(), channel_axis=1)[0].astype(np.float64)
    np.testing.assert_allclose(g.fn(images).numpy(), (latents**2).sum(1) / 2, rtol=1e-6)
    gradient = g.grad(images)
    np.testing.assert_allclose(gradient.numpy(), prior.forward_vjp(images.numpy(), latents.astype(np.float32), channel_axis=1), rtol=1e-6)
    assert not gradient.requires_grad and not images.requires_grad
    density = reglow.deepinv.FlowPrior(prior, full_map=True)
    likelihood = prior.log_likelihood(images.numpy(), channel_axis=1)
    constant = 0.5 * latents.shape[1] * np.log(2 * np.pi)
    np.testing.assert_allclose(density.fn(images).numpy(), -likelihood - constant, rtol=1e-5)
    # Denoising by deepinv's gradient descent ends at Reglow's objective.
    physics = models.Denoising(noisy(0.1))
    y = physics(images[:1])
    descent = deepinv.optim.GD(data_fidelity=deepinv.optim.L2(), prior=g, lambda_reg=0.01, stepsize=0.003, max_iter=300)
    with reglow.torch.one_thread():
        x = descent(y, physics)
    objective = float((x - y).square().sum() / 2 + 0.01 * g.fn(x).sum())
    model(y, physics)
    assert objective == pytest.approx(model.restorations[0].objective, rel=0.02)
