"""The peers of quality on small problems."""

import unittest

from tests import require

require("torch", "skimage", "safetensors")

import numpy as np  # noqa: E402
import torch  # noqa: E402

from reglow_perf.glow import folded  # noqa: E402
from reglow_perf.quality import images, lbfgs, problems, scores, total_variation  # noqa: E402


class ProblemTests(unittest.TestCase):
    truth = torch.rand(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))

    def measurement(self, problem: str) -> problems.Measurement:
        return problems.simulate(problem, self.truth, "a name", sigma=0.01, seed=0)

    def test_the_adjoint_law(self):
        for problem in problems.NAMES:
            measurement = self.measurement(problem)
            y = torch.rand(measurement.y.shape, generator=torch.Generator().manual_seed(1))
            left, right = (measurement.apply(self.truth) * y).sum(), (self.truth * measurement.adjoint(y)).sum()
            torch.testing.assert_close(left, right, rtol=1e-5, atol=0)

    def test_both_parametrizations_lower_their_objective_and_count_evaluations(self):
        model = folded.random(2, 1, 8)
        for method in lbfgs.METHODS:
            objective, start = lbfgs.pose(method, model, self.measurement("deblur"), 1e-4, torch.float32)
            image, report = lbfgs.minimize(objective, start, 7)
            self.assertEqual(report["evaluations"], 7)
            self.assertLess(report["objective"], report["first_objective"])
            self.assertEqual(image.shape, self.truth.shape)

    def test_total_variation_ends_below_its_start(self):
        for problem in total_variation.PROBLEMS:
            measurement = self.measurement(problem)
            start = measurement.normalized_adjoint() + 0.5
            end = total_variation.minimize(problem, measurement, 0.01, start, 50)
            energies = [total_variation.objective(u, measurement, 0.01) for u in (start, end)]
            self.assertLess(energies[1], energies[0])

    def test_the_differences_and_their_adjoint(self):
        u, p = torch.rand(1, 3, 5, 4), torch.rand(2, 3, 5, 4)
        left = (total_variation.gradient(u) * p).sum()
        torch.testing.assert_close(left, (u * total_variation.gradient_adjoint(p)).sum())


class ScoreTests(unittest.TestCase):
    def test_both_ways_to_psnr_agree_and_a_perfect_image_has_all(self):
        truth, image = np.random.default_rng(0).random((2, 3, 16, 16))
        self.assertAlmostEqual(scores.score(truth, image)["psnr"], images.psnr(truth, image))
        self.assertEqual(images.psnr(truth, truth), float("inf"))
        self.assertAlmostEqual(scores.score(truth, truth)["ssim"], 1)

    def test_the_deviation_is_that_of_a_sample(self):
        self.assertEqual(scores.mean_and_deviation([1.0, 3.0]), {"mean": 2.0, "std": 2**0.5})
        self.assertEqual(scores.mean_and_deviation([1.0])["std"], 0)
