"""Tests of the table of rules on made-up solves: python3 -m unittest discover perf/weighting"""

import unittest

import main


def cell(image: str, grid: list[float], rule: float, evaluations: int) -> dict:
    solves = {str(factor): {"psnr": psnr, "evaluations": 100} for factor, psnr in zip(main.GRID, grid)}
    rules = {rule_name: {"psnr": rule, "evaluations": evaluations} for rule_name in main.RULES}
    return {"noise": 0.01, "problem": "deblur", "image": image, "grid": solves, "rules": rules}


class SummaryTests(unittest.TestCase):
    cells = [cell("a", [28, 29, 30, 31, 30], 30.5, 150), cell("b", [20, 20, 20, 20, 20], 20.25, 250)]

    def test_the_loss_is_against_the_best_of_the_grid(self):
        row = main.summary(self.cells)[0]
        self.assertAlmostEqual(row["loss"], (0.5 - 0.25) / 2)
        self.assertAlmostEqual(row["largest_loss"], 0.5)
        self.assertEqual(row["largest_loss_at"], [0.01, "deblur", "a"])

    def test_a_solve_is_one_with_the_variance_of_the_noise(self):
        row = main.summary(self.cells)[0]
        self.assertAlmostEqual(row["solves"], 2)
        self.assertAlmostEqual(row["most_solves"], 2.5)

    def test_every_rule_has_a_line(self):
        lines = main.table(main.summary(self.cells)).splitlines()
        self.assertEqual(len(lines), 2 + len(main.RULES))
        self.assertIn("| 0.12 | 0.50 | deblur, a, noise 0.01 | 2.0 | 2.5 |", lines[2])


if __name__ == "__main__":
    unittest.main()
