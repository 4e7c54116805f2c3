"""`restore` with everything that a user may give it."""

from __future__ import annotations

import inspect
import logging
from pathlib import Path

import numpy as np
import pytest

import reglow
from reglow._settings import DEFAULTS

BLUR = reglow.Deblur("gaussian:1.2")
FEW = {"max_evaluations": 8}


@pytest.fixture
def blurred(truth):
    return BLUR.degrade(truth, noise=0.01, seed=1)


def planar(image):
    return np.moveaxis(image, -1, 0)


def test_a_picture_that_does_not_fit_is_done_in_windows(random):
    y = random.random((3, 320, 320)).astype(np.float32)
    options = {"channel_axis": 0, "noise": 0.1, "prior": "photos", "max_evaluations": 2}
    assert reglow.restore(y[:, :64, :64], **options).windows == 0
    with pytest.raises(reglow.OutOfMemoryError, match="memory"):
        reglow.restore(y, memory="1MB", **options)
    status = Path("/proc/self/status").read_text().splitlines()
    resident = next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmRSS"))
    seen = []
    result = reglow.restore(y, memory=resident + 60_000_000, progress=seen.append, **options)
    assert result.windows > 1 and result.image.shape == y.shape and np.isnan(result.objective)
    assert {each.windows for each in seen} == {result.windows} and {each.window for each in seen} == set(range(result.windows))
    assert len(result.trace) == 0 and any("windows" in note for note in result.notes)


def test_the_layout_that_comes_in_goes_out(blurred, prior):
    options = {"noise": 0.01, "prior": prior, **FEW}
    expected = reglow.restore(blurred, BLUR, **options)
    assert expected.image.shape == blurred.shape and expected.image.flags.c_contiguous
    front = reglow.restore(planar(blurred), BLUR, channel_axis=0, **options)
    np.testing.assert_array_equal(front.image, planar(expected.image))
    for changed in (blurred.astype(np.float64), np.asfortranarray(blurred), np.repeat(blurred, 2, axis=1)[:, ::2]):
        np.testing.assert_array_equal(reglow.restore(changed, BLUR, **options).image, expected.image)
    batch = reglow.restore(np.stack([blurred, blurred[::-1]]), BLUR, **options)
    assert len(batch) == 2 and batch.images.shape == (2, *blurred.shape)
    np.testing.assert_array_equal(batch[0].image, expected.image)
    np.testing.assert_array_equal(batch[:1].images[0], expected.image)
    channels_first = reglow.restore(np.stack([planar(blurred)]), BLUR, channel_axis=1, **options)
    np.testing.assert_array_equal(channels_first.images[0], planar(expected.image))
    different = reglow.restore([blurred, blurred[:40]], BLUR, **options)
    np.testing.assert_array_equal(different[0].image, expected.image)
    assert different[1].image.shape == (40, *blurred.shape[1:])
    scaled = reglow.restore(blurred * 1023, BLUR, data_range=1023, **options)
    np.testing.assert_allclose(scaled.image, expected.image * 1023, rtol=1e-2, atol=2)
    assert "2 of 2" in repr(batch)


def test_grey_images_come_back_grey(truth, prior, command, tmp_path):
    grey = truth[..., 1]
    result = reglow.restore(grey, "denoise", noise=0.05, prior=prior, **FEW)
    assert result.image.shape == grey.shape
    np.save(tmp_path / "y.npy", grey)
    options = ["--problem", "denoise", "--noise", 0.05, "--max-evaluations", 8, "--prior", "photos", "--output", tmp_path / "x.npy"]
    command("restore", tmp_path / "y.npy", *options)
    np.testing.assert_array_equal(result.image, np.load(tmp_path / "x.npy").reshape(grey.shape))
    assert reglow.restore(grey[..., None], "denoise", noise=0.05, prior=prior, **FEW).image.shape == (*grey.shape, 1)


def test_trusted_pixels(blurred, random, prior):
    options = {"noise": 0.01, "prior": prior, **FEW}
    trusted = random.random(blurred.shape[:2]) > 0.1
    spoilt = np.where(trusted[..., None], blurred, 9)
    one = reglow.restore(spoilt, BLUR, trusted=trusted, **options)
    assert one.missing_pixels == (~trusted).sum()
    two = reglow.restore(np.where(trusted[..., None], blurred, np.nan), BLUR, trusted=trusted, **options)
    np.testing.assert_array_equal(one.image, two.image)
    each = np.stack([trusted, np.ones_like(trusted)])
    batch = reglow.restore(np.stack([spoilt, blurred]), BLUR, trusted=each, **options)
    np.testing.assert_array_equal(batch[0].image, one.image)
    assert batch[1].missing_pixels == 0
    with pytest.raises(ValueError, match="keeps no pixel"):
        reglow.restore(blurred, BLUR, trusted=np.zeros(blurred.shape[:2], bool), **options)


def test_a_start_of_one_s_own(blurred, prior):
    options = {"noise": 0.01, "prior": prior, "max_evaluations": 1, "method": "analysis"}
    result = reglow.restore(blurred, BLUR, start=blurred, **options)
    np.testing.assert_allclose(result.image, blurred, atol=1e-6)
    different = [reglow.restore(blurred, BLUR, start="random", start_seed=seed, **options).image for seed in (1, 2)]
    assert not np.array_equal(*different)
    with pytest.raises(ValueError, match="start has the shape"):
        reglow.restore(blurred, BLUR, start=blurred[1:], **options)
    with pytest.raises(ValueError, match="start is 'zeros'.*'zero'"):
        reglow.restore(blurred, BLUR, start="zeros", **options)


def test_a_result_tells_how_it_was_found(blurred, prior):
    result = reglow.restore(blurred, BLUR, noise=0.01, prior=prior)
    assert result.has_converged and result.stop in ("gradient", "progress", "no-further-progress")
    assert result.objective == pytest.approx(result.data_fidelity + result.prior, rel=1e-6)
    assert result.noise == 0.01 and result.regularization_weight == pytest.approx(1e-4)
    assert result.prior_name == "photos" and result.precision == "fp32" and result.windows == 0
    assert result.trace["evaluations"][0] == 1 and result.trace["evaluations"][-1] <= result.evaluations
    assert result.trace["objective"].min() == pytest.approx(result.objective, rel=1e-6)
    assert (np.diff(result.trace["evaluations"]) > 0).all()
    assert result.path == () and result.is_regularization_settled
    assert str(result.image.shape) in repr(result)
    searched = reglow.restore(blurred, BLUR, noise=0.01, prior=prior, regularization_weight="discrepancy", max_evaluations=50)
    assert len(searched.path) >= 1 and searched.path[0].evaluations > 0


def test_a_result_says_whether_it_can_be_trusted(blurred, prior):
    cut = reglow.restore(blurred, BLUR, prior=prior, noise=0.01, max_evaluations=2)
    assert cut.trust in ("doubtful", "unusable") and "before it had converged" in " ".join(cut.trust_reasons)
    assert any(note.startswith("trust: ") for note in cut.notes)


def test_notes_reach_the_result_and_the_log(photo, caplog):
    with caplog.at_level(logging.INFO, logger="reglow"):
        result = reglow.restore(photo, "denoise", **FEW)
    assert any("photos" in note for note in result.notes)
    assert {record.getMessage() for record in caplog.records} >= set(result.notes)


def test_a_limit_of_time_ends_a_solve(blurred, prior):
    result = reglow.restore(blurred, BLUR, noise=0.001, prior=prior, max_seconds=1e-3, tolerance=0)
    assert result.stop == "time"


def test_a_bar(blurred, prior, capsys, monkeypatch):
    reglow.restore(blurred, BLUR, noise=0.01, prior=prior, progress=True, **FEW)
    assert "restore" in capsys.readouterr().err
    monkeypatch.setitem(__import__("sys").modules, "tqdm.auto", None)
    reglow.restore(blurred, BLUR, noise=0.01, prior=prior, progress=True, **FEW)
    assert "objective" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"problem": "deblurr"}, ValueError, "problem is 'deblurr'"),
        ({"problem": reglow.Deblur}, TypeError, r"reglow.Deblur\(...\)"),
        ({"noise": -0.1}, ValueError, "noise is -0.1"),
        ({"noise": 25}, ValueError, "noise=25/255"),
        ({"noise": "loud"}, ValueError, "noise is 'loud'"),
        ({"noise": float("nan")}, ValueError, "noise is nan"),
        ({"noise": [0.1]}, TypeError, "noise is"),
        ({"prior": "face64"}, FileNotFoundError, "face64"),
        ({"prior": 7}, TypeError, "prior"),
        ({"regularization_weight": -1}, ValueError, "regularization_weight is -1"),
        ({"regularization_weight": "discrepency"}, ValueError, "discrepancy"),
        ({"solver": "bfgs"}, ValueError, "solver is 'bfgs'"),
        ({"method": "both"}, ValueError, "method is 'both'"),
        ({"method": "analysis", "solver": "auto"}, ValueError, "leave out one"),
        ({"method": "synthesis", "solver": "gauss-newton"}, ValueError, "gauss-newton"),
        ({"method": "synthesis", "full_map": True}, ValueError, "full_map"),
        ({"max_evaluations": 0}, ValueError, "max_evaluations is 0"),
        ({"max_evaluations": 1.5}, TypeError, "max_evaluations is 1.5"),
        ({"max_seconds": 0}, ValueError, "max_seconds is 0"),
        ({"tolerance": 1}, ValueError, "tolerance is 1"),
        ({"precision": "fp64"}, ValueError, "precision is 'fp64'"),
        ({"threads": 0}, ValueError, "threads is 0"),
        ({"threads": 10**6}, ValueError, "threads is 1000000"),
        ({"max_batch": 0}, ValueError, "max_batch is 0"),
        ({"memory": "lots"}, ValueError, "memory is 'lots'"),
        ({"memory": -5}, ValueError, "memory is -5"),
        ({"ensemble": 17}, ValueError, "ensemble is 17"),
        ({"ensemble": True}, TypeError, "ensemble is True"),
        ({"self_ensemble": "yes"}, TypeError, "self_ensemble is 'yes'"),
        ({"saturated": 0}, ValueError, "saturated is 0"),
        ({"start_seed": -1}, ValueError, "start_seed is -1"),
        ({"data_range": 0}, ValueError, "data_range is 0"),
        ({"image_shape": (4, 4)}, ValueError, "image_shape is for"),
        ({"trusted": np.ones((3, 3), bool)}, ValueError, "trusted has the shape"),
        ({"channel_axis": 7}, ValueError, "channel_axis is 7"),
        ({"problem": reglow.Inpaint(mask=np.ones((3, 3)))}, ValueError, "mask has the shape"),
    ],
)
def test_bad_arguments_are_named(truth, options, kind, words):
    problem = options.pop("problem", reglow.Denoise())
    with pytest.raises(kind, match=words):
        reglow.restore(truth, problem, **options)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda y: y * 255, "255|data_range"),
        (lambda y: y * 2 - 1, "-1"),
        (lambda y: np.where(y > 0.5, np.nan, y), "not finite"),
        (lambda y: np.moveaxis(y, -1, 0), "channel_axis=0"),
        (lambda y: np.dstack([y, y[..., :1]]), "transparency"),
        (lambda y: [], r"\(0,\)|shape"),
    ],
)
def test_measurements_that_cannot_be_are_refused(truth, change, words):
    with pytest.raises(ValueError, match=words):
        reglow.restore(change(truth))


def test_a_prior_in_another_precision_is_refused(truth, prior):
    with pytest.raises(ValueError, match="precision='bf16'"):
        reglow.restore(truth, prior=prior, precision="bf16")


def test_a_prior_by_its_path_is_the_one_that_is_there_now(truth, prior, faces, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    images = []
    for other in (prior, faces, prior):
        Path("model.safetensors").unlink(missing_ok=True)
        Path("model.safetensors").write_bytes(Path(other.path).read_bytes())
        images.append(reglow.restore(truth, noise=0.05, prior="model.safetensors", max_evaluations=3).image)
    np.testing.assert_array_equal(images[0], images[2])
    assert not np.array_equal(images[0], images[1])


def test_one_bad_image_of_a_list_is_named(truth, prior):
    with pytest.raises(ValueError, match="y"):
        reglow.restore([truth, truth[None]], "denoise", noise=0.05, prior=prior, max_evaluations=1)
    with pytest.raises(ValueError, match="trusted has 1 arrays"):
        reglow.restore([truth, truth], "denoise", noise=0.05, prior=prior, trusted=[np.ones(truth.shape[:2], bool)])


def test_every_argument_is_documented():
    for function in (reglow.restore, reglow.train):
        for name in inspect.signature(function).parameters:
            assert f"{name} :" in function.__doc__ or f"{name}," in function.__doc__ or f", {name} :" in function.__doc__, name


def test_a_restorer_takes_the_options_of_restore():
    parameters = inspect.signature(reglow.restore).parameters
    of_a_call = {"y", "problem", "trusted", "start", "progress"}
    assert {name: each.default for name, each in parameters.items() if name not in of_a_call} == DEFAULTS
