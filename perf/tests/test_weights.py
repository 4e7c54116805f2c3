"""The table of rules for lambda, on made-up solves."""

import unittest

from reglow_perf.quality import weights


def cell(image: str, grid: list[float], rule: float, evaluations: int) -> dict:
    solves = {str(factor): {"psnr": psnr, "evaluations": 100} for factor, psnr in zip(weights.GRID, grid)}
    rules = {rule_name: {"psnr": rule, "evaluations": evaluations} for rule_name in weights.RULES}
    return {"noise": 0.01, "problem": "deblur", "image": image, "grid": solves, "rules": rules}


class SummaryTests(unittest.TestCase):
    # The best lambda of a is 1 / 2, that of b 1, that of both 1 / 2 or 1.
    cells = [
        cell("a", [28, 29, 30, 30, 30, 31, 30], 30.5, 150),
        cell("b", [20, 20, 20, 21, 20, 20, 20], 20.25, 250),
        {**cell("a", [30] * 7, 29.9, 100), "noise": 0.1},
    ]

    def test_a_loss_is_against_the_best_lambda_of_all_images(self):
        row = weights.summary(self.cells)[0]
        self.assertAlmostEqual(row["largest_loss"], 25.5 - (30.5 + 20.25) / 2)
        self.assertEqual(row["largest_loss_at"], [0.01, "deblur"])
        self.assertAlmostEqual(row["loss"], (row["largest_loss"] + 0.1) / 2)

    def test_that_of_an_image_is_against_its_own(self):
        row = weights.summary(self.cells)[0]
        self.assertAlmostEqual(row["largest_loss_of_an_image"], 0.75)
        self.assertEqual(row["largest_loss_of_an_image_at"], [0.01, "deblur", "b"])

    def test_a_solve_is_one_with_the_variance_of_the_noise(self):
        row = weights.summary(self.cells)[0]
        self.assertAlmostEqual(row["solves"], 5 / 3)
        self.assertAlmostEqual(row["most_solves"], 2.5)

    def test_every_rule_has_a_line(self):
        lines = weights.table(weights.summary(self.cells)).splitlines()
        self.assertEqual(len(lines), 2 + len(weights.RULES))
        self.assertIn("| 0.11 | 0.12 (deblur, 0.01) | 0.75 (deblur, 0.01, b) | 1.7 | 2.5 |", lines[2])
