"""What is said of estimates, for draws around a mean that is known."""

import types
import unittest
import unittest.mock

from tests import require

require("numpy", "PIL")

import numpy as np  # noqa: E402

from reglow_perf.quality import estimates  # noqa: E402


class EstimatesTests(unittest.TestCase):
    def setUp(self):
        self.random = np.random.default_rng(1)
        self.truth = self.random.random((32, 32, 3)).astype(np.float32)

    def draws(self, error: np.ndarray | float, deviation: float = 0.2) -> np.ndarray:
        """24 draws of 4 chains, around the truth plus an error."""
        return self.truth + error + deviation * self.random.standard_normal((24, 32, 32, 3))

    def posterior(self, samples: np.ndarray):
        return types.SimpleNamespace(
            samples=samples,
            mean=samples.mean(0),
            mode=samples[0],
            deviation=samples.std(0),
            r_hat=1.0,
            median_effective_samples=24.0,
            evaluations=100,
        )

    def test_the_exact_mean_is_seen_through_few_draws(self):
        errors = estimates.errors(self.truth, self.draws(0.05), 4)
        # Of 24 draws the mean itself errs by 0.05^2 + 0.2^2 / 24.
        self.assertAlmostEqual(estimates.exact_square(errors), 0.0025, delta=0.0003)
        self.assertGreater((errors.mean(0) ** 2).mean(), 0.0038)

    def test_errors_of_two_densities_multiply(self):
        a, b = (estimates.errors(self.truth, self.draws(error), 4) for error in (0.1, -0.06))
        self.assertAlmostEqual(estimates.exact_square(a, b), -0.006, delta=0.0005)

    def test_a_row_turns_the_mirror_image_back(self):
        # An error that is the same on the truth of both views, and one that is opposite.
        slope = np.linspace(-0.1, 0.1, 32)[None, :, None]
        here, there = self.draws(slope, 0.01), self.draws(-slope, 0.01)
        restored = [types.SimpleNamespace(posterior=self.posterior(each), evaluations=9) for each in (here, there[:, :, ::-1])]
        ensemble = types.SimpleNamespace(image=self.truth + 0.01, evaluations=12)
        with unittest.mock.patch.object(estimates, "ssim", lambda truth, image: 1 - float(np.abs(truth - image).mean())):
            found = estimates.row(self.truth, restored, ensemble, 4)
        self.assertGreater(found["psnr_both"], found["psnr_mean"] + 10)
        self.assertAlmostEqual(found["psnr_self_ensemble"], 40, places=3)
        self.assertLess(found["square_both"], 0.1 * found["square_mean"])
        self.assertEqual((found["evaluations_both"], found["evaluations_self_ensemble"]), (200, 12))
        self.assertGreater(found["ssim_both"], found["ssim_mean"])
        self.assertGreater(found["pixels_both"], found["pixels"])
        named = found | {"problem": "denoise", "noise": 0.1, "samples": 24}
        lines = estimates.table([named, named]).splitlines()
        self.assertEqual(len(lines), 3)
        self.assertIn("| denoise | 0.1 | 2 | 24 |", lines[2])
        self.assertEqual(len({line.count("|") for line in lines}), 1)


if __name__ == "__main__":
    unittest.main()
