"""The pictures, of made-up measurements."""

import json
import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from tests import require

require("matplotlib")

from reglow_perf.engine import PROBLEMS, WINDOW  # noqa: E402
from reglow_perf.figures import curves, curves_figure, roofline_figure  # noqa: E402


def drawn(draw, report: dict) -> str:
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "picture.svg")
        draw(report, path)
        return path.read_text()


class CurvesTests(unittest.TestCase):
    def report(self) -> dict:
        curve = {"psnr": [(2, 5.0), (10, 20.0), (600, 30.0)], "objective": [(2, 100.0), (10, 1.0), (600, 0.2)]}
        problems = [{"name": name, "curves": dict.fromkeys(curves.SOLVERS, curve)} for name in curves_figure.TITLES]
        return {"settings": {"noise": 0.01, "prior": "p<q", "images": 1}, "problems": problems}

    def test_it_is_well_formed_and_names_every_problem_and_solver(self):
        text = drawn(curves_figure.draw, self.report())
        words = "".join(ElementTree.fromstring(text).itertext())
        for expected in (*curves_figure.TITLES.values(), *curves_figure.WORDS.values(), "p<q"):
            self.assertIn(expected, words)

    def test_it_has_every_curve(self):
        text = drawn(curves_figure.draw, self.report())
        for line in curves_figure.LINES.values():
            # A line in each panel of the six problems, the dots and the key.
            self.assertGreaterEqual(text.count(f"stroke: {line['color']}"), 2 * len(curves_figure.TITLES) + 1)

    def test_it_is_the_same_after_json_and_holds_no_white_space_at_an_end(self):
        report = self.report()
        text = drawn(curves_figure.draw, report)
        self.assertEqual(drawn(curves_figure.draw, json.loads(curves.text_of(report))), text)
        self.assertNotRegex(text, r"[ \t]\n")

    def test_every_problem_and_solver_has_words(self):
        self.assertEqual(list(curves_figure.TITLES), [*PROBLEMS, *WINDOW])
        self.assertEqual(set(curves_figure.LINES), set(curves.SOLVERS))
        self.assertEqual(set(curves_figure.WORDS), set(curves.SOLVERS))

    def test_a_panel_leaves_out_what_is_far_away(self):
        low, high = curves_figure.span(self.report()["problems"][0], "psnr")
        self.assertTrue(13 < low < 14 and 30 < high < 31)


class RooflineTests(unittest.TestCase):
    def report(self, precision: str) -> dict:
        products = [
            {"model": model, "level": level, "layer": layer, "gflops": 100.0 / level, "operations_per_byte": 512.0 / 4**level}
            for model in roofline_figure.MODELS
            for level in (1, 2)
            for layer in roofline_figure.LAYERS
        ]
        peaks = [
            {"precision": name, "threads": threads, "gflops": rate * threads}
            for name, rate in (("fp32", 100.0), ("bf16", 200.0))
            for threads in (1, 2)
        ]
        triads = [{"threads": threads, "gigabytes_per_second": 20.0} for threads in (1, 2)]
        return {
            "products": products,
            "peaks": peaks,
            "triads": triads,
            "precision": precision,
            "isa": "avx2",
            "threads": 2,
            "processor": "a processor",
        }

    def test_every_roof_layer_and_level_has_words(self):
        for precision, peak in (("fp32", "2 threads: 200 GFLOP/s, 20 GB/s"), ("bf16", "fp32, 2 threads: 200 GFLOP/s")):
            words = "".join(ElementTree.fromstring(drawn(roofline_figure.draw, self.report(precision))).itertext())
            for expected in (peak, "level 1", "level 2", *(words for _, words in roofline_figure.LAYERS.values())):
                self.assertIn(expected, words)
