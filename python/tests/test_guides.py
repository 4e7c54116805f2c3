"""Every code block of the guides runs, in its order, as somebody would type them."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

import pytest
from extras import import_deepinv, import_torch

TOP = Path(__file__).resolve().parents[2]
GUIDES = ["docs/python.md", "docs/own-operator.md", "docs/posterior.md", "docs/threads-and-containers.md", "python/README.md"]
EXTRAS = {"docs/pytorch.md": import_torch, "docs/deepinv.md": import_deepinv}


@pytest.mark.parametrize("guide", GUIDES)
def test_the_blocks_of_a_guide_run(guide, tmp_path, monkeypatch):
    run(guide, tmp_path, monkeypatch)


# deepinv warns of its own changes.
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("guide", EXTRAS)
def test_the_blocks_of_a_guide_with_extras_run(guide, tmp_path, monkeypatch):
    EXTRAS[guide]()
    run(guide, tmp_path, monkeypatch)


def run(guide, tmp_path, monkeypatch):
    """Run the blocks in a folder that has what a guide reads."""
    path = TOP / guide
    text = path.read_text()
    blocks = re.findall(r"^```python\n(.*?)^```$", text, re.S | re.M)
    assert blocks, f"{guide} has no blocks"
    monkeypatch.chdir(tmp_path)
    for name in ("astronaut-256.png", "astronaut-face-64.png"):
        (tmp_path / name).symlink_to(TOP / "Examples" / name)
    (tmp_path / "faces64.safetensors").symlink_to(TOP / "Models" / "faces64.safetensors")
    names: dict[str, object] = {"__name__": "guide"}
    for number, block in enumerate(blocks):
        line = text[: text.index(block)].count("\n")
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile("\n" * line + block, f"{guide}, block {number + 1}", "exec"), names)
