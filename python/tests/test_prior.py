"""What a prior is, and its maps: the inverse, the laws of the Jacobian, likelihoods, samples."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

import reglow

HALF_ULP = 2.0**-24


@pytest.fixture
def images(prior, truth):
    side = prior.size_multiple
    return np.stack([truth[: 2 * side, : 3 * side], truth[side : 3 * side, : 3 * side]])


def relative(a, b):
    return float(np.linalg.norm(np.subtract(a, b, dtype=np.float64)) / np.linalg.norm(b))


def test_a_prior_says_what_it_is(prior):
    assert prior.name == "photos" and prior.channels == 3 and prior.size_multiple == 2**prior.levels
    assert len(prior.steps) == prior.levels and len(prior.sha256) == 64 and prior.fixed_size is None
    assert "photos" in repr(prior) and prior.precision in repr(prior)
    assert prior.card and all(isinstance(value, str) for value in prior.card.values())
    assert "photos" in reglow.priors()


def test_a_missing_prior_is_a_missing_file():
    with pytest.raises(FileNotFoundError, match="photso"):
        reglow.Prior.load("photso")
    with pytest.raises(reglow.MissingFileError, match="nowhere"):
        reglow.Prior.load("/nowhere/model.safetensors")


def test_a_file_that_is_no_model_is_refused(tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(reglow.FileError, match="model.safetensors"):
        reglow.Prior.load(path)


@pytest.mark.parametrize(("name", "kind"), [(3, TypeError), (None, TypeError), ("", ValueError), ("a\0b", ValueError)])
def test_a_name_that_is_none_is_refused(name, kind):
    with pytest.raises(kind, match="prior"):
        reglow.Prior.load(name)


def test_bad_options_are_named():
    with pytest.raises(ValueError, match="precision is 'fp16'"):
        reglow.Prior.load("photos", precision="fp16")
    with pytest.raises(ValueError, match="threads is 0"):
        reglow.Prior.load("photos", threads=0)


def test_inverse_of_forward_is_the_image(prior, images):
    latents, forward = prior.forward(images)
    back, inverse = prior.inverse(latents, size=images.shape[1:3])
    # Each of the steps rounds once or twice; errors of the inverse grow with its condition.
    assert relative(back, images) < 1e-4
    np.testing.assert_allclose(forward, -inverse, rtol=1e-5)


def test_layouts_and_types_of_the_maps_agree(prior, images):
    latents, determinants = prior.forward(images)
    planar = np.ascontiguousarray(np.moveaxis(images, -1, 1))
    np.testing.assert_array_equal(prior.forward(planar, channel_axis=1)[0], latents)
    one, determinant = prior.forward(images[0])
    np.testing.assert_array_equal(one, latents[0])
    assert isinstance(determinant, float) and determinant == determinants[0]
    np.testing.assert_array_equal(prior.forward(images[0].astype(np.float64))[0], latents[0])
    np.testing.assert_array_equal(prior.forward((images[0] * 255).round().astype(np.uint8))[0], latents[0])
    assert prior.inverse(latents, (images.shape[1], images.shape[2]), channel_axis=1)[0].shape == planar.shape


def test_a_batch_of_any_length_is_its_images(prior, random):
    side = prior.size_multiple
    batch = random.random((300, side, side, 3)).astype(np.float32)
    latents, _ = prior.forward(batch)
    for index in (0, 255, 256, 299):
        np.testing.assert_array_equal(prior.forward(batch[index])[0], latents[index])


@pytest.mark.parametrize("name", ["photos", "faces64"])
def test_the_adjoint_law_of_both_products(name, request, random):
    flow = request.getfixturevalue("prior" if name == "photos" else "faces")
    x = random.random((64, 64, 3)).astype(np.float32)
    z, _ = flow.forward(x)
    v, w = random.standard_normal(x.shape).astype(np.float32), random.standard_normal(z.shape).astype(np.float32)

    def law(forward, backward, left, right):
        one = float(np.vdot(forward.astype(np.float64), right))
        other = float(np.vdot(left.astype(np.float64), backward))
        scale = float(np.linalg.norm(forward) * np.linalg.norm(right))
        assert abs(one - other) <= 1e-6 * scale

    law(flow.forward_jvp(x, v), flow.forward_vjp(x, w), v, w)
    law(flow.inverse_jvp(z, w), flow.inverse_vjp(z, v), w, v)


def test_jvp_is_the_derivative(prior, images, random):
    x = images[0].astype(np.float64)
    v = random.standard_normal(x.shape)
    product = prior.forward_jvp(images[0], v.astype(np.float32)).astype(np.float64)

    def quotient(h):
        ends = [prior.forward((x + sign * h * v).astype(np.float32))[0].astype(np.float64) for sign in (1, -1)]
        return (ends[0] - ends[1]) / (2 * h)

    h = 2.0**-13
    # The networks are piecewise linear, so that the error of a difference is of the first order in h wherever a relu changes between both
    # ends: twice what changes with half of the step. Rounding adds that of x, which J carries on, and of z at both ends, one error for each
    # flow step.
    truncation = 2 * np.linalg.norm(quotient(h) - quotient(h / 2))
    gain = np.linalg.norm(product) / np.linalg.norm(v)
    magnitude = np.abs(prior.forward(images[0])[0]).max() + gain
    rounding = sum(prior.steps) * HALF_ULP * magnitude * np.sqrt(x.size) / h
    assert np.linalg.norm(quotient(h) - product) <= truncation + rounding
    # The bound means something.
    assert truncation + rounding < 0.1 * np.linalg.norm(product)


def test_log_determinant_is_that_of_the_matrix(prior, random):
    side = prior.size_multiple
    x = random.random((side, side, 3)).astype(np.float32)
    point = prior.point(side, side)
    point.forward(np.moveaxis(x, -1, 0)[np.newaxis])
    basis = np.eye(point.dimensions, dtype=np.float32)
    jacobian = np.stack([point.forward_jvp(row[np.newaxis])[0] for row in basis], axis=1)
    _, expected = np.linalg.slogdet(jacobian.astype(np.float64))
    assert prior.log_determinant(x) == pytest.approx(expected, rel=1e-4)


def test_gradients_of_likelihood_and_determinant(prior, images):
    latents, determinant = prior.forward(images[0])
    constant = latents.size / 2 * np.log(2 * np.pi)
    energy = np.vdot(latents.astype(np.float64), latents) / 2
    assert prior.log_likelihood(images[0]) == pytest.approx(determinant - constant - energy, rel=1e-6)
    score, gradient = prior.log_likelihood_gradient(images[0]), prior.log_determinant_gradient(images[0])
    assert score.shape == gradient.shape == images[0].shape
    np.testing.assert_allclose(score, prior.forward_vjp(images[0], -latents, 1), rtol=1e-5)
    # Along itself the slope is large, and so little disturbed by the relus that change on the way.
    along = score / np.linalg.norm(score)
    h = 2.0**-10
    ends = [prior.log_likelihood(images[0] + np.float32(sign * h) * along) for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(np.linalg.norm(score), rel=2e-2)
    if prior.coupling == "additive":
        assert not gradient.any()


def test_an_affine_flow_has_a_determinant_of_its_own_everywhere(affine, random):
    """A trained affine flow, whose log-determinant has a gradient."""
    side = 2 * affine.size_multiple
    x = random.random((side, side, 3)).astype(np.float32)
    assert affine.coupling == "affine" and affine.log_determinant(x) != affine.log_determinant(x[::-1].copy())
    gradient = affine.log_determinant_gradient(x)
    along = gradient / np.linalg.norm(gradient)
    h = 2.0**-8
    ends = [affine.log_determinant(x + np.float32(sign * h) * along) for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(np.linalg.norm(gradient), rel=2e-2)
    z, _ = affine.forward(x)
    inverse = affine.inverse_vjp(z, None, 1.0, size=x.shape[:2])
    along = inverse / np.linalg.norm(inverse)
    ends = [affine.inverse(z + np.float32(sign * h) * along, x.shape[:2])[1] for sign in (1, -1)]
    assert (ends[0] - ends[1]) / (2 * h) == pytest.approx(np.linalg.norm(inverse), rel=2e-2)


def test_each_image_has_a_cotangent_of_its_own(prior, images, random):
    w = random.standard_normal((2, images[0].size)).astype(np.float32)
    c = np.array([0.5, -2.0])
    together = prior.forward_vjp(images, w, c)
    for index in range(2):
        np.testing.assert_array_equal(prior.forward_vjp(images[index], w[index], c[index]), together[index])


def test_bits_per_dimension_of_a_photograph_are_few(prior, images, random):
    natural = prior.bits_per_dimension(images)
    noise = prior.bits_per_dimension(random.random(images.shape).astype(np.float32))
    assert natural.shape == (2,) and (natural < noise).all() and (natural > 0).all()
    np.testing.assert_array_equal(prior.bits_per_dimension(images), natural)
    assert prior.bits_per_dimension(images, seed=1)[0] != natural[0]


def test_samples_depend_on_seed_and_index_alone(prior):
    three = prior.sample(3, (32, 16), seed=5)
    assert three.shape == (3, 32, 16, 3) and three.dtype == np.float32
    np.testing.assert_array_equal(prior.sample(2, (32, 16), seed=5), three[:2])
    np.testing.assert_array_equal(prior.sample(size=(32, 16), seed=5, channel_axis=0), np.moveaxis(three[0], -1, 0))
    assert not np.array_equal(prior.sample(1, (32, 16), seed=6), three[:1])
    grey = prior.inverse(np.zeros(32 * 16 * 3, np.float32), (32, 16))[0]
    np.testing.assert_allclose(prior.sample(size=(32, 16), temperature=0), grey, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda p, x: p.forward(x[:5]), "multiples of"),
        (lambda p, x: p.forward(x[..., 0]), "3 channels"),
        (lambda p, x: p.forward(np.where(x > 0.5, np.nan, x)), "not finite"),
        (lambda p, x: p.forward(np.moveaxis(x, -1, 0)), "channel_axis=0"),
        (lambda p, x: p.forward(np.ma.masked_greater(x, 0.5)), "masked"),
        (lambda p, x: p.inverse(np.zeros(7)), "size"),
        (lambda p, x: p.inverse(np.zeros((2, 3, 4))), r"\(N, D\)"),
        (lambda p, x: p.inverse(np.zeros(x.size), size=(16, 16)), "16x16"),
        (lambda p, x: p.forward_jvp(x, x[1:]), "tangents has the shape"),
        (lambda p, x: p.forward_vjp(x), "both|zeros|NULL"),
        (lambda p, x: p.forward_vjp(x, np.zeros(5)), "cotangents has the shape"),
        (lambda p, x: p.forward_vjp(x, None, np.zeros(5)), "log_determinant_cotangents"),
        (lambda p, x: p.sample(0), "count is 0"),
        (lambda p, x: p.sample(1, (5, 5)), "multiples of"),
        (lambda p, x: p.sample(1, temperature=-1), "temperature is -1"),
        (lambda p, x: p.sample(1, seed=-1), "seed is -1"),
        (lambda p, x: p.bits_per_dimension(x, 9), "noise_bits is 9"),
    ],
)
def test_bad_arguments_are_named(prior, images, call, words):
    with pytest.raises(ValueError, match=words):
        call(prior, images[0])


def test_pickled_by_its_path(prior, images):
    again = pickle.loads(pickle.dumps(prior))
    assert again.path == prior.path and again.sha256 == prior.sha256
    np.testing.assert_array_equal(again.forward(images)[0], prior.forward(images)[0])
    assert copy.deepcopy(prior).path == prior.path


def test_a_pickled_prior_whose_file_changed_is_refused(prior, faces, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(Path(prior.path).read_bytes())
    data = pickle.dumps(reglow.Prior.load(path))
    path.write_bytes(Path(faces.path).read_bytes())
    with pytest.raises(reglow.FileError, match="another model"):
        pickle.loads(data)


def test_a_closed_prior_says_so(images):
    with reglow.Prior.load("photos") as one:
        latents, _ = one.forward(images)
    assert "closed" in repr(one)
    with pytest.raises(reglow.StateError, match="closed"):
        one.forward(images)
    one.close()
    assert latents.any()


def test_collected_priors_release_their_memory(images):
    one = reglow.Prior.load("photos")
    one.forward(images)
    release = one._handle._release
    del one
    gc.collect()
    assert not release.alive


def test_threads_share_a_prior(prior, images):
    expected, _ = prior.forward(images)
    wrong = []

    def work():
        for _ in range(5):
            if not np.array_equal(prior.forward(images)[0], expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
