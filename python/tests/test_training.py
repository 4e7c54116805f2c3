"""A small prior, trained on a handful of images, and its resumption."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
from PIL import Image

import reglow

SMALL = {"levels": 2, "steps_per_level": 2, "hidden": 8, "crop": 16, "batch": 4, "report_every": 2, "samples_every": 0, "threads": 1}


@pytest.fixture
def folder(photo, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    for index in range(4):
        Image.fromarray(photo[index : index + 50, index : index + 48]).save(images / f"{index}.png")
    (images / "note.png").write_bytes(b"no picture")
    return images


def test_a_prior_is_trained_and_used(folder, tmp_path):
    model = tmp_path / "small.safetensors"
    records = []
    outcome = reglow.train(folder, model, steps=4, on_record=records.append, license="CC0", **SMALL)
    assert outcome.ending == "steps" and outcome.step == 4 and outcome.model == str(model)
    assert [record.step for record in records] == [2, 4] and all(np.isfinite(record.bits_per_dimension) for record in records)
    assert any("note.png" in note for note in outcome.notes)
    prior = reglow.Prior.load(model)
    assert prior.levels == 2 and prior.hidden == 8 and "CC0" in prior.card.values()
    assert prior.sample(size=(16, 16)).shape == (16, 16, 3)


def test_a_training_stops_and_goes_on(folder, tmp_path):
    model = tmp_path / "small.safetensors"
    outcome = reglow.train(folder, model, steps=6, on_step=lambda step, bits: step == 3, **SMALL)
    assert outcome.ending == "interrupted" and outcome.step == 3
    assert reglow.train(folder, model, steps=6, resume=True, **SMALL).step == 6
    whole = tmp_path / "whole.safetensors"
    reglow.train(folder, whole, steps=6, **SMALL)
    z = np.zeros(16 * 16 * 3, np.float32)
    np.testing.assert_array_equal(reglow.Prior.load(model).inverse(z)[0], reglow.Prior.load(whole).inverse(z)[0])


def test_ctrl_c_leaves_a_checkpoint(folder, tmp_path):
    model = tmp_path / "small.safetensors"

    def press(step, bits):
        if step == 2:
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        reglow.train(folder, model, steps=50, on_step=press, **SMALL)
    assert caught.value.result.ending == "interrupted" and (tmp_path / "small.checkpoint").exists()


def test_what_a_callback_raises_comes_out(folder, tmp_path):
    with pytest.raises(LookupError, match="seen"):
        reglow.train(
            folder, tmp_path / "m.safetensors", steps=4, on_record=lambda record: (_ for _ in ()).throw(LookupError("seen")), **SMALL
        )


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"steps": 0}, ValueError, "steps is 0"),
        ({"learning_rate": -1}, ValueError, "learning_rate is -1"),
        ({"coupling": "linear"}, ValueError, "coupling is 'linear'"),
        ({"crop": 15}, reglow.ReglowError, "15"),
        ({"on_step": 3}, TypeError, "on_step is 3"),
        ({"memory": "much"}, ValueError, "memory is 'much'"),
    ],
)
def test_bad_arguments_are_named(folder, tmp_path, options, kind, words):
    with pytest.raises(kind, match=words):
        reglow.train(folder, tmp_path / "m.safetensors", **{**SMALL, **options})


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(OSError, match="nowhere"):
        reglow.train(tmp_path / "nowhere", tmp_path / "m.safetensors", steps=1, **SMALL)
    with pytest.raises(FileNotFoundError, match="nothing"):
        reglow.train(tmp_path, tmp_path / "m.safetensors", start="nothing")
    with pytest.raises(TypeError, match="images is 3"):
        reglow.train(3, tmp_path / "m.safetensors")
