"""The optional packages, or the reason why their tests are skipped."""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys
import warnings
from functools import cache

import pytest


def import_torch():
    """Return PyTorch; without it the test, or the module of tests, is skipped."""
    return pytest.importorskip("torch", reason='PyTorch is not installed: pip install "reglow[torch]"')


@cache
def import_deepinv():
    """Return deepinv; without it the test, or the module of tests, is skipped."""
    torch = import_torch()
    if importlib.util.find_spec("deepinv") is None:
        pytest.skip('deepinv is not installed: pip install "reglow[deepinv]"', allow_module_level=True)
    if subprocess.run([sys.executable, "-c", "import torchvision"], capture_output=True).returncode != 0:
        # A torchvision that was built for another PyTorch cannot load its operators, which nothing here needs.
        import_deepinv.operators = torch.library.Library("torchvision", "DEF")
        for name in ("nms", "qnms"):
            import_deepinv.operators.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module("deepinv")
