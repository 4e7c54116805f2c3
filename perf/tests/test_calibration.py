"""The statistics of the calibration, for draws whose coverage is known."""

import argparse
import pathlib
import tempfile
import types
import unittest

from tests import require

require("numpy", "PIL")

import numpy as np  # noqa: E402

from reglow_perf.quality import calibration  # noqa: E402


class CalibrationTests(unittest.TestCase):
    def posterior(self, scale: float, bias: float = 0.0):
        """A truth and draws around the same mean, whose deviation is `scale` times that of the truth."""
        random = np.random.default_rng(3)
        truth = random.standard_normal((40, 40, 3)).astype(np.float32)
        samples = bias + scale * random.standard_normal((400, 40, 40, 3))
        posterior = types.SimpleNamespace(
            samples=samples,
            mean=samples.mean(0),
            mode=samples[0],
            deviation=samples.std(0),
            r_hat=1.0,
            effective_samples=400.0,
            median_effective_samples=400.0,
            acceptance=0.7,
            evaluations=1,
            seconds=1.0,
        )
        return calibration.row(truth, types.SimpleNamespace(posterior=posterior, evaluations=1), seed=1)

    def test_draws_like_the_truth_cover_it(self):
        found = self.posterior(1)
        self.assertAlmostEqual(found["pixels"], 0.9, delta=0.02)
        self.assertAlmostEqual(found["functionals"], 0.9, delta=0.08)
        self.assertLess(calibration.uneven(np.array(found["pixel_ranks"])), 0.02)
        self.assertEqual(sum(found["functional_ranks"]), calibration.FUNCTIONALS)

    def test_draws_that_are_too_sure_or_beside_it_do_not(self):
        self.assertLess(self.posterior(0.5)["pixels"], 0.65)
        self.assertGreater(self.posterior(2)["pixels"], 0.98)
        self.assertLess(self.posterior(1, bias=2)["pixels"], 0.5)

    def test_the_table_has_a_line_for_each_group(self):
        rows = [
            {"prior": "faces64", "size": 32, "noise": 0.1, "is_drawn": drawn, "problem": word} | self.posterior(1)
            for drawn in (True, False)
            for word in ("denoise", "deblur", "deblur")
        ]
        lines = calibration.table(rows).splitlines()
        self.assertEqual(len(lines), 2 + 4)
        self.assertIn("2 drawn", lines[3])

    def test_pictures_are_cut_to_their_middle(self):
        from PIL import Image

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "a.png"
            Image.fromarray(np.arange(6 * 8 * 3, dtype=np.uint8).reshape(6, 8, 3)).save(path)
            options = argparse.Namespace(images=[path], truths=1, size=4)
            ((name, values),) = calibration.truths(options, None)
        self.assertEqual((name, values.shape), ("a", (4, 4, 3)))
        self.assertAlmostEqual(float(values[0, 0, 0]) * 255, (1 * 8 + 2) * 3, places=3)


if __name__ == "__main__":
    unittest.main()
