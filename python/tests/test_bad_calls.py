"""Calls with random arguments, most of them wrong: an exception that was meant, never a crash or one of something inside."""

from __future__ import annotations

import faulthandler
import inspect

import numpy as np
import pytest

import reglow

MOST_CALLS = 1500
# A plain TypeError or ValueError would be one of numpy's or Python's from somewhere inside.
MEANT = (reglow.ReglowError, MemoryError)


def odd_values(random):
    """What a user may give by mistake, and now and then what is right."""
    grey = random.random((16, 16))
    return [
        *(None, True, False, -1, 0, 1, 2, 3, 8, 16, 2**40, 2**70, -0.5, 0.0, 0.01, 0.5, 1.0, 1.5, 1e300),
        *(float("nan"), float("inf"), 1j, "", "x", "auto", "zero", "uniform:3", "gaussian:1", "periodic", "mean", "\0", b"bytes"),
        *(
            [],
            (),
            (16, 16),
            [16, 16],
            (16, 16, 3),
            (0, 3),
            {},
            object(),
            lambda *_: None,
            lambda x: x,
            lambda x: None,
            np.float64(0.5),
            np.int8(3),
        ),
        *(grey, grey.astype(np.float32), random.random((16, 16, 3)), random.random((3, 16, 16)), random.random((2, 16, 16, 3))),
        *(random.random((16, 16, 3)) > 0.5, (255 * grey).astype(np.uint8), np.full((16, 16, 3), np.nan), np.zeros((0, 16, 3))),
        *(
            np.zeros(768),
            np.zeros((2, 768)),
            np.zeros((1, 1)),
            np.array(5.0),
            np.array(["a"]),
            np.array([None]),
            np.ma.masked_all((16, 16)),
        ),
        *(np.broadcast_to(np.float32(0.5), (16, 16, 3)), random.random((16, 32, 3))[:, ::2], np.zeros((16, 16, 3), ">f4")),
        *(reglow.Denoise(), reglow.Deblur(), reglow.Superresolve(2), reglow.Inpaint(missing=0.5), reglow.Compressive(20, (16, 16))),
    ]


def right_values(random):
    """What is right for an argument of this name, in most functions."""
    image = random.random((16, 16, 3))
    shape = {"image_shape": (16, 16, 3), "size": (16, 16), "image_size": (16, 16)}
    arrays = dict.fromkeys(["y", "image", "images", "truth", "tangents"], image)
    latents = dict.fromkeys(["latents", "cotangents"], np.zeros(768))
    functions = dict.fromkeys(["apply", "adjoint"], lambda x: x)
    return {**shape, **arrays, **latents, **functions, "noise": 0.05, "measurement": random.random((12, 12, 3)), "channel_axis": -1}


def functions(prior):
    """Each function with the names of its arguments, and what all calls of it have."""
    point = prior.point(16, 16, 2)
    problems = [reglow.Deblur(), reglow.Superresolve(2), reglow.Inpaint(hole=3), reglow.Compressive(20, (16, 16))]
    few = {"max_evaluations": 1, "threads": 1}
    restore = (
        "y problem noise prior channel_axis data_range trusted saturated regularization_weight self_ensemble solver method start memory"
    )
    calls = [
        (reglow.restore, restore.split(), few),
        (reglow.restore, ["y", "noise", "trusted", "start", "precision", "tolerance", "progress"], few),
        (reglow.restore, ["y", "problem", "image_shape", "noise"], few),
        (reglow.Deblur, ["point_spread", "border", "centre"], {}),
        (reglow.Superresolve, ["scale", "filter", "border"], {}),
        (reglow.Inpaint, ["mask", "missing", "hole", "seed"], {}),
        (reglow.Compressive, ["measurements", "image_size", "seed"], {}),
        (reglow.LinearOperator, ["apply", "adjoint", "image_shape", "measurement_shape", "channel_axis"], {}),
        (reglow.LinearOperator.wrap, ["operator", "image_shape", "measurement_shape"], {}),
        (reglow.psnr, ["image", "truth", "channel_axis"], {}),
        (reglow.ssim, ["image", "truth", "channel_axis"], {}),
        (reglow.estimate_noise, ["image", "measured", "channel_axis"], {}),
        (reglow.Prior.load, ["name_or_path", "precision", "threads"], {}),
        (prior.forward, ["images", "channel_axis"], {}),
        (prior.inverse, ["latents", "size", "channel_axis"], {}),
        (prior.forward_jvp, ["images", "tangents"], {}),
        (prior.forward_vjp, ["images", "cotangents", "log_determinant_cotangents"], {}),
        (prior.inverse_jvp, ["latents", "tangents", "size"], {}),
        (prior.inverse_vjp, ["latents", "cotangents", "log_determinant_cotangents", "size"], {}),
        (prior.sample, ["count", "size", "temperature", "seed", "channel_axis"], {}),
        (prior.bits_per_dimension, ["images", "noise_bits", "seed"], {}),
        (prior.point, ["height", "width", "capacity", "threads"], {}),
        (point.forward, ["images", "out"], {}),
        (point.inverse, ["latents", "out"], {}),
        (point.forward_jvp, ["tangents", "record", "out"], {}),
        (point.inverse_vjp, ["cotangents", "log_determinant_cotangents", "record", "out"], {}),
    ]
    for problem in problems:
        calls += [
            (problem.apply, ["image", "channel_axis"], {}),
            (problem.adjoint, ["measurement", "image_size", "channel_axis"], {}),
            (problem.degrade, ["image", "noise", "seed"], {}),
            (problem.measured, ["image_shape", "channel_axis"], {}),
            (problem.norm, ["image_shape", "iterations"], {}),
            (problem.restored_part, ["truth"], {}),
        ]
    return calls


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.filterwarnings("ignore")
def test_random_calls_raise_what_was_meant(prior, seed):
    faulthandler.enable()
    random = np.random.default_rng(seed)
    values, right, calls = odd_values(random), right_values(random), functions(prior)
    done = 0
    for _ in range(MOST_CALLS // 3):
        function, names, fixed = calls[random.integers(len(calls))]
        parameters = inspect.signature(function).parameters
        needed = {name for name in names if parameters[name].default is inspect.Parameter.empty}
        chosen = [name for name in names if name in needed or random.random() < 0.3]
        given = {name: values[random.integers(len(values))] for name in chosen}
        given.update({name: right[name] for name in chosen if name in right and random.random() < 0.6})
        try:
            function(**given, **fixed)
            done += 1
        except MEANT:
            pass
        except Exception as error:
            pytest.fail(f"{function.__qualname__}({given}) raised {type(error).__name__}: {error}")
    assert done > 0
    # The library is as good as before.
    assert prior.forward(np.full((16, 16, 3), 0.5))[0].shape == (768,)
