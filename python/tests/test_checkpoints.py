"""Checkpoints imported and models exported, against the command and the priors that they come from."""

from __future__ import annotations

import json
import struct

import numpy as np
import pytest
from PIL import Image

import reglow


def glowip(path, channels=12, hidden=4, seed=3):
    """Write an additive model of glowip's with one level of one step; its file does not say how it squeezes."""
    random = np.random.default_rng(seed)
    half, net = channels // 2, "glow_modules.1.coupling.net."
    shapes = {
        "glow_modules.1.actnorm.logs": (1, channels, 1, 1),
        "glow_modules.1.actnorm.b": (1, channels, 1, 1),
        "glow_modules.1.invconv.W": (channels, channels, 1, 1),
        net + "conv1.weight": (hidden, half, 3, 3),
        net + "conv1.bias": (hidden,),
        net + "conv2.weight": (hidden, hidden, 1, 1),
        net + "conv2.bias": (hidden,),
        net + "conv3.weight": (half, hidden, 3, 3),
        net + "conv3.bias": (half,),
        "glow_modules.1.coupling.net.logs": (half, 1, 1),
    }
    for index in (1, 2):
        shapes[f"{net}actnorm{index}.logs"] = shapes[f"{net}actnorm{index}.b"] = (1, hidden, 1, 1)
    header, data = {}, b""
    for name, shape in shapes.items():
        values = random.normal(size=shape).astype("<f4") * np.float32(0.1)
        if name.endswith("invconv.W"):
            values += np.eye(channels, dtype="<f4").reshape(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + values.nbytes]}
        data += values.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


@pytest.fixture
def exported(affine, tmp_path):
    path = tmp_path / "exported.pt"
    assert reglow.export_model(affine.path, path, hidden=20) == 20
    return path


def test_an_export_imports_to_the_same_maps(affine, exported, tmp_path, photo):
    found = reglow.import_checkpoint(exported, tmp_path / "back.safetensors")
    assert found.family == "rosinality" and found.format == "reglow-glow/1" and found.container == "PyTorch (zip)"
    assert found.steps == affine.steps and found.coupling == "affine" and found.hidden == 20 and found.levels == 2
    assert found.decisions == () and found.bits_per_dimension is None and found.image_size is None and found.notes == ()
    assert found.output == str(tmp_path / "back.safetensors") and found.checkpoint == str(exported)
    back = reglow.Prior.load(found.output)
    assert back.card["imported_from"] == f"rosinality; sha256 {found.sha256}"
    x = photo[:16, :16]
    (z, log_determinant), (other, other_determinant) = affine.forward(x), back.forward(x)
    np.testing.assert_allclose(z, other, atol=2e-5 * np.abs(z).max())
    assert log_determinant == pytest.approx(other_determinant, rel=1e-5)


def test_nothing_is_written_unless_asked(exported, tmp_path):
    found = reglow.import_checkpoint(exported)
    assert found.output is None and [path.name for path in tmp_path.iterdir()] == ["exported.pt"]


def test_what_is_open_is_asked_and_taken(tmp_path):
    path = glowip(tmp_path / "glowip.safetensors")
    with pytest.raises(reglow.FileError, match="does not say squeeze"):
        reglow.import_checkpoint(path)
    found = reglow.import_checkpoint(path, settings={"squeeze": "contiguous", "input_offset": 0.5})
    assert {(one.key, one.value, one.source, one.margin) for one in found.decisions} == {
        ("squeeze", "contiguous", "given", None),
        ("input-offset", "0.5", "given", None),
    }
    assert found.format == "reglow-glow/2" and found.levels == 1


def test_a_probe_measures_and_tells(exported, tmp_path, photo):
    (tmp_path / "images").mkdir()
    Image.fromarray(photo[:16, :16]).save(tmp_path / "images" / "a.png")
    Image.fromarray(photo[:15, :15]).save(tmp_path / "images" / "b.png")
    found = reglow.import_checkpoint(exported, probe=tmp_path / "images", noise_levels=5, threads=1)
    assert found.probe_images == 1 and found.noise_levels == 5 and np.isfinite(found.bits_per_dimension)
    assert len(found.notes) == 1 and "left out" in found.notes[0]


@pytest.mark.parametrize(
    ("options", "kind", "words"),
    [
        ({"settings": {"squeze": "contiguous"}}, ValueError, "squeze"),
        ({"settings": {"squeeze": "a,b"}}, ValueError, "no setting"),
        ({"settings": "squeeze=contiguous"}, TypeError, "mapping"),
        ({"settings": {"squeeze": "contiguous"}}, OSError, "has no squeeze"),
        ({"noise_levels": 9}, ValueError, "noise_levels is 9"),
        ({"threads": 0}, ValueError, "threads is 0"),
        ({"config": 5}, TypeError, "config is 5"),
        ({"config": "lost.json"}, FileNotFoundError, "lost.json"),
        ({"probe": "lost"}, FileNotFoundError, "lost"),
        ({"output": "model.pt"}, ValueError, ".safetensors"),
    ],
)
def test_bad_arguments_are_named(exported, options, kind, words):
    with pytest.raises(kind, match=words) as caught:
        reglow.import_checkpoint(exported, **options)
    assert isinstance(caught.value, reglow.ReglowError)


def test_what_is_no_checkpoint_is_refused(exported, tmp_path):
    damaged = tmp_path / "damaged.pt"
    damaged.write_bytes(exported.read_bytes()[:-500])
    old = tmp_path / "old.safetensors"
    old.write_bytes(b"old")
    with pytest.raises(reglow.FileError, match=r"damaged\.pt"):
        reglow.import_checkpoint(damaged, old)
    with pytest.raises(FileNotFoundError):
        reglow.import_checkpoint(tmp_path / "lost.pt", old)
    assert old.read_bytes() == b"old"


def test_an_export_that_cannot_be_is_refused(affine, tmp_path):
    with pytest.raises(ValueError, match="rosinality"):
        reglow.export_model(affine.path, tmp_path / "e.pt", to="openai")
    with pytest.raises(ValueError, match=r"\.pth"):
        reglow.export_model(affine.path, tmp_path / "e.zip")
    with pytest.raises(OSError, match="need 17"):
        reglow.export_model(affine.path, tmp_path / "e.pt", hidden=16)
    with pytest.raises(ValueError, match="hidden is 0"):
        reglow.export_model(affine.path, tmp_path / "e.pt", hidden=0)
    assert list(tmp_path.iterdir()) == []


def test_pytorch_loads_an_export(exported):
    torch = pytest.importorskip("torch")
    state = torch.load(exported, weights_only=True)
    assert state["blocks.0.flows.0.coupling.net.4.conv.weight"].shape == (12, 20, 3, 3)
    assert all(tensor.isfinite().all() for tensor in state.values())


def test_the_prior_of_the_environment_is_taken(exported, tmp_path, monkeypatch, photo):
    model = tmp_path / "mine.safetensors"
    reglow.import_checkpoint(exported, model)
    monkeypatch.setenv("REGLOW_PRIOR", str(model))
    result = reglow.restore(photo[:16, :16], reglow.Denoise(), noise=0.05, max_evaluations=3)
    assert any("mine" in note for note in result.notes)
    monkeypatch.setenv("REGLOW_PRIOR", str(tmp_path / "lost.safetensors"))
    with pytest.raises(reglow.FileError, match="lost"):
        reglow.restore(photo[:16, :16], reglow.Denoise(), noise=0.05)
