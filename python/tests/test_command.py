"""`restore` and `degrade` against the command, byte for byte."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

import reglow

BLUR = reglow.Deblur("gaussian:1.2")
FEW = {"max_evaluations": 8}


def planar(image):
    return np.moveaxis(image, -1, 0)


CASES = {
    "denoise": (reglow.Denoise(), ["denoise"], {}, []),
    "deblur": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {}, []),
    "deblur, other border": (
        reglow.Deblur("motion:5@30", "reflect"),
        ["deblur", "--point-spread", "motion:5@30", "--border", "reflect"],
        {},
        [],
    ),
    "superres": (reglow.Superresolve(2), ["superres"], {}, []),
    "superres, bicubic": (reglow.Superresolve(4, "bicubic"), ["superres", "--scale", "4", "--filter", "bicubic"], {}, []),
    "inpaint, random": (reglow.Inpaint(missing=0.6, seed=1), ["inpaint", "--missing", "0.6", "--seed", "1"], {}, []),
    "inpaint, hole": (reglow.Inpaint(hole=12), ["inpaint", "--hole", "12"], {}, []),
    "compressive": (
        reglow.Compressive(500, (60, 52), 1),
        ["compressive", "--measurements", "500", "--size", "60x52", "--seed", "1"],
        {},
        [],
    ),
    "ensemble": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"ensemble": 2}, ["--ensemble", "2"]),
    "self-ensemble": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"self_ensemble": True}, ["--self-ensemble"]),
    "discrepancy": (reglow.Denoise(), ["denoise"], {"regularization_weight": "discrepancy"}, ["--lambda", "discrepancy"]),
    "whiteness": (reglow.Denoise(), ["denoise"], {"regularization_weight": "whiteness"}, ["--lambda", "whiteness"]),
    "a weight": (reglow.Denoise(), ["denoise"], {"regularization_weight": 3e-4}, ["--lambda", "3e-4"]),
    "an estimate": (reglow.Denoise(), ["denoise"], {"noise": "auto"}, ["--noise", "auto"]),
    "analysis": (reglow.Superresolve(2), ["superres"], {"method": "analysis"}, ["--method", "analysis"]),
    "synthesis by adam": (
        reglow.Superresolve(2),
        ["superres"],
        {"method": "synthesis", "solver": "adam"},
        ["--method", "synthesis", "--solver", "adam"],
    ),
    "gauss-newton": (reglow.Superresolve(2), ["superres"], {"solver": "gauss-newton"}, ["--solver", "gauss-newton"]),
    "full map": (reglow.Denoise(), ["denoise"], {"full_map": True}, ["--full-map"]),
    "bf16": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"precision": "bf16"}, ["--precision", "bf16"]),
    "mixed": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"precision": "mixed"}, ["--precision", "mixed"]),
    "auto precision": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"precision": "auto"}, ["--precision", "auto"]),
    "a tolerance": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"tolerance": 0.01}, ["--tolerance", "0.01"]),
    "a start": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"start": "zero"}, ["--start", "zero"]),
    "saturated": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"saturated": 0.8}, ["--saturated", "0.8"]),
    "one thread": (BLUR, ["deblur", "--point-spread", "gaussian:1.2"], {"threads": 1}, ["--threads", "1"]),
}


@pytest.mark.parametrize("name", CASES)
def test_bytes_are_those_of_the_command(name, truth, command, tmp_path):
    problem, words, options, flags = CASES[name]
    y = problem.degrade(truth, noise=0.02, seed=1)
    source, target = tmp_path / "y.npy", tmp_path / "x.npy"
    np.save(source, y if problem.is_vector else planar(y))
    noise = [] if "noise" in options else ["--noise", "0.02"]
    command("restore", source, "--problem", *words, *flags, *noise, "--max-evaluations", 12, "--prior", "photos", "--output", target)
    options = {"noise": 0.02, "max_evaluations": 12, "prior": "photos", **options}
    result = reglow.restore(y, problem, **options)
    np.testing.assert_array_equal(planar(result.image), np.load(target))


def test_degrade_is_that_of_the_command(truth, command, tmp_path):
    source, target = tmp_path / "x.npy", tmp_path / "y.npy"
    np.save(source, planar(truth))
    for problem, words in (
        (reglow.Deblur("disk:2"), ["deblur", "--point-spread", "disk:2", "--border", "unknown"]),
        (reglow.Inpaint(missing=0.5, seed=7), ["inpaint", "--missing", "0.5"]),
        (reglow.Compressive(300, (60, 52), 7), ["compressive", "--measurements", "300"]),
    ):
        command("degrade", source, "--problem", *words, "--noise", 0.03, "--seed", 7, "--output", target)
        y = problem.degrade(truth, noise=0.03, seed=7)
        np.testing.assert_array_equal(
            y if problem.is_vector else planar(y), np.load(target).reshape(-1) if problem.is_vector else np.load(target)
        )


def test_a_picture_of_8_bits_is_the_command_s(photo, command, tmp_path):
    Image.fromarray(photo).save(tmp_path / "y.png")
    command("restore", tmp_path / "y.png", "--problem", "denoise", "--max-evaluations", 8, "--output", tmp_path / "x.npy")
    result = reglow.restore(photo, "denoise", **FEW)
    assert result.image.dtype == np.float32 and result.estimated_noise >= 0 and result.certainty is not None
    np.testing.assert_array_equal(planar(result.image), np.load(tmp_path / "x.npy"))


def test_masks_are_the_command_s(truth, random, command, tmp_path):
    mask = random.random(truth.shape[:2]) > 0.5
    y = reglow.Inpaint(mask=mask).degrade(truth, noise=0.01)
    np.save(tmp_path / "y.npy", planar(y))
    np.save(tmp_path / "mask.npy", mask.astype(np.float32))
    arguments = ["--noise", 0.01, "--max-evaluations", 8, "--prior", "photos", "--output", tmp_path / "x.npy"]
    command("restore", tmp_path / "y.npy", "--problem", "inpaint", "--mask", tmp_path / "mask.npy", *arguments)
    result = reglow.restore(y, reglow.Inpaint(mask=mask), noise=0.01, prior="photos", **FEW)
    np.testing.assert_array_equal(planar(result.image), np.load(tmp_path / "x.npy"))
    assert result.missing_pixels == (~mask).sum()
    hidden = np.ma.masked_array(y, np.repeat(~mask[..., None], 3, axis=2))
    np.testing.assert_array_equal(reglow.restore(hidden, noise=0.01, prior="photos", **FEW).image, result.image)
    with_nan = np.where(mask[..., None], y, np.nan)
    np.testing.assert_array_equal(
        reglow.restore(with_nan, reglow.Inpaint(mask=mask), noise=0.01, prior="photos", **FEW).image, result.image
    )


def test_a_point_spread_of_an_array_is_the_command_s(truth, random, command, tmp_path):
    spread = random.random((5, 7)).astype(np.float32)
    problem = reglow.Deblur(spread, border="periodic")
    y = problem.degrade(truth, noise=0.01)
    np.save(tmp_path / "y.npy", planar(y))
    np.save(tmp_path / "spread.npy", spread)
    words = ["--problem", "deblur", "--point-spread", tmp_path / "spread.npy", "--border", "periodic", "--noise", 0.01, "--prior", "photos"]
    command("restore", tmp_path / "y.npy", *words, "--max-evaluations", 8, "--output", tmp_path / "x.npy")
    result = reglow.restore(y, problem, noise=0.01, prior="photos", **FEW)
    np.testing.assert_array_equal(planar(result.image), np.load(tmp_path / "x.npy"))
