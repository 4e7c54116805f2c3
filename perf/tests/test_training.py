"""What the training on a GPU computes, here in Triton's interpreter where there is no GPU."""

import unittest

from tests import require

require("torch", "triton", "safetensors")

from reglow_training import check  # noqa: E402


class CheckTests(unittest.TestCase):
    def test_errors_are_what_bfloat16_lets_expect(self):
        for errors, bound in check.bounded_errors():
            for name, error in errors.items():
                self.assertLessEqual(error, bound, name)
