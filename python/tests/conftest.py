"""What the tests share: the shipped priors, a picture and a face, the command, and seeded numbers."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import reglow

TOP = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def prior():
    return reglow.Prior.load("photos")


@pytest.fixture(scope="session")
def faces():
    return reglow.Prior.load(TOP / "Models" / "faces64.safetensors")


@pytest.fixture(scope="session")
def photo():
    """A part of a photograph, uint8, whose sides are no multiples of the flow's: (60, 52, 3)."""
    return np.asarray(Image.open(TOP / "Examples" / "astronaut-256.png").convert("RGB"))[40:100, 90:142]


@pytest.fixture(scope="session")
def truth(photo):
    """The same as floats."""
    return photo.astype(np.float32) / np.float32(255)


@pytest.fixture(scope="session")
def face():
    return np.asarray(Image.open(TOP / "Examples" / "astronaut-face-64.png").convert("RGB")).astype(np.float32) / np.float32(255)


@pytest.fixture(scope="session")
def affine(photo, tmp_path_factory):
    """A small flow with affine coupling, trained for some steps."""
    folder = tmp_path_factory.mktemp("affine")
    (folder / "images").mkdir()
    Image.fromarray(photo).save(folder / "images" / "photo.png")
    small = {"levels": 2, "steps_per_level": 2, "hidden": 16, "crop": 16, "batch": 8, "samples_every": 0, "warm_up": 5}
    reglow.train(folder / "images", folder / "affine.safetensors", coupling="affine", steps=60, learning_rate=5e-3, **small)
    return reglow.Prior.load(folder / "affine.safetensors")


@pytest.fixture
def random():
    return np.random.default_rng(7)


@pytest.fixture(scope="session")
def command():
    """A function that calls the command; the test is skipped, with the reason, where it is not built."""
    path = os.environ.get("REGLOW_COMMAND") or shutil.which("reglow") or TOP / ".build" / "release" / "reglow"
    if not Path(path).exists():
        pytest.skip("the command reglow is not built (make build), so that nothing can be compared with it")

    def call(*arguments):
        return subprocess.run([str(path), *map(str, arguments)], check=True, capture_output=True, text=True)

    return call
