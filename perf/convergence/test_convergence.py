"""Tests of the curves and their picture on made-up traces: python3 -m unittest discover perf/convergence"""

import json
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

import figure
import main
import quality_times
import steps


class StepTests(unittest.TestCase):
    def test_a_trace_is_read_by_input(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "trace.csv")
            path.write_text('input,passes,psnr\n"a,1.npy",2,10\nb.npy,3,7\n"a,1.npy",6,inf\n')
            traces = steps.read_traces(path)
        self.assertEqual(list(traces), ["a,1.npy", "b.npy"])
        self.assertEqual(steps.steps(traces["a,1.npy"], "passes", "psnr"), [(2, 10), (6, float("inf"))])

    def test_the_mean_holds_each_value_until_the_next(self):
        self.assertEqual(steps.mean([[(2, 1.0), (6, 3.0)], [(4, 5.0), (5, 7.0)]]), [(4, 3), (5, 4), (6, 5)])
        self.assertEqual(steps.mean([[(2, 1.0), (2, 4.0)]]), [(2, 4)])

    def test_effort_until_it_stays(self):
        curve = [(1, 5.0), (2, 9.0), (3, 7.0), (4, 8.0), (5, 9.0)]
        self.assertEqual(steps.effort_until(curve, 8), 4)
        self.assertEqual(steps.effort_until(curve, 5), 1)
        self.assertIsNone(steps.effort_until(curve, 9.5))
        self.assertIsNone(steps.effort_until([(1, float("nan"))], 0))


class QualityTimeTests(unittest.TestCase):
    """Synthesis ends at 30 dB, so the bar is 29.9 dB."""

    curves = {
        "reglow": {"a": [(0.1, 20.0), (0.2, 30.95)], "b": [(0.1, 20.0), (0.3, 28.9)]},
        "bf16 gradients": {"a": [(0.1, 20.0), (0.15, 30.9)], "b": [(0.1, 20.0), (0.25, 28.9)]},
        "self-ensemble": {"a": [(0.4, 31.0)], "b": [(0.5, 29.0)]},
        "bf16 gradients, self-ensemble": {"a": [(0.3, 31.0)], "b": [(0.1, 20.0), (0.4, 29.0)]},
        "analysis": {"a": [(1, 10.0), (9, 29.0)], "b": [(1, 10.0), (9, 29.0)]},
        "synthesis": {"a": [(1, 10.0), (2, 30.9), (8, 31.0)], "b": [(1, 10.0), (4, 29.0)]},
    }

    def row(self, **together):
        return quality_times.row("deblur", self.curves, together)

    def test_the_bar_is_that_of_the_better_peer(self):
        row = self.row()
        self.assertAlmostEqual(row["bar"], 29.9)
        engine = {"reglow": 0.3, "bf16 gradients": 0.25, "self-ensemble": 0.5, "bf16 gradients, self-ensemble": 0.4}
        self.assertEqual(row["seconds"], engine | {"analysis": None, "synthesis": 4})
        self.assertEqual(row["ratio"], {solver: seconds / 4 for solver, seconds in engine.items()})

    def test_each_image_has_its_own_bar(self):
        images = self.row()["images"]
        self.assertEqual([image["seconds"]["reglow"] for image in images], [0.2, 0.3])
        self.assertEqual([image["ratio"]["reglow"] for image in images], [0.2 / 2, 0.3 / 4])
        later = self.curves | {"reglow": self.curves["reglow"] | {"b": [(0.1, 20.0)]}}
        self.assertIsNone(quality_times.row("deblur", later, {})["images"][1]["ratio"]["reglow"])

    def test_together_the_peer_takes_one_after_the_other(self):
        row = self.row(reglow={"a": [(0.4, 30.9)], "b": [(0.5, 28.9)]})
        self.assertEqual(row["together"], {"seconds": {"reglow": 0.5}, "peer": 8, "ratio": {"reglow": 0.5 / 8}})

    def test_the_table_says_never(self):
        slow = self.curves | {"reglow": {name: [(1, 5.0)] for name in "ab"}}
        lines = quality_times.table([self.row(reglow=slow["reglow"])]).splitlines()
        self.assertEqual({line.count("|") for line in lines}, {len(quality_times.HEAD) + 1})
        self.assertIn("never", quality_times.table([quality_times.row("deblur", slow, {})]))


class FigureTests(unittest.TestCase):
    def report(self):
        curve = {"psnr": [(2, 5.0), (10, 20.0), (600, 30.0)], "objective": [(2, 100.0), (10, 1.0), (600, 0.2)]}
        problems = [{"name": name, "curves": {solver: curve for solver in main.SOLVERS}} for name in figure.TITLES]
        return {"settings": {"noise": 0.01, "prior": "p<q", "images": 1}, "problems": problems}

    def test_it_is_well_formed_and_has_every_curve(self):
        root = ElementTree.fromstring(figure.draw(self.report()))
        lines = root.findall(".//{http://www.w3.org/2000/svg}polyline")
        self.assertEqual(len(lines), len(figure.TITLES) * 2 * len(main.SOLVERS))

    def test_it_is_the_same_after_json(self):
        report = self.report()
        self.assertEqual(figure.draw(json.loads(main.text_of(report))), figure.draw(report))

    def test_every_problem_and_solver_has_words(self):
        self.assertEqual(list(figure.TITLES), [*main.PROBLEMS, *main.WINDOW])
        self.assertEqual(set(figure.STYLES), set(main.SOLVERS))

    def test_a_panel_leaves_out_what_is_far_away(self):
        low, high = figure.span(self.report()["problems"][0], "psnr")
        self.assertTrue(13 < low < 14 and 30 < high < 31)
        scale = figure.Scale(2, 600, 0, 100, logarithmic=True)
        self.assertEqual(scale.ticks(), [2, 5, 10, 20, 50, 100, 200, 500])
        self.assertEqual(figure.Scale(13.4, 30.6, 0, 100, logarithmic=False).ticks(), [14, 16, 18, 20, 22, 24, 26, 28, 30])


if __name__ == "__main__":
    unittest.main()
