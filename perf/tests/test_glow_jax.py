"""The model in JAX against a golden file."""

import unittest

from tests import require

require("jax", "safetensors")

from reglow_perf.peers import glow_jax, golden_jax  # noqa: E402


class GoldenTests(unittest.TestCase):
    def test_every_form_gives_the_golden_vectors(self):
        for layout in ("nchw", "nhwc"):
            for network in ("convolution", "taps"):
                for name, error in golden_jax.errors(glow_jax.Form(layout, network)).items():
                    self.assertLessEqual(error, golden_jax.TOLERANCE, f"{layout} {network}, {name}")
