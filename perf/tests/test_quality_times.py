"""Times to quality on made-up curves."""

import unittest

from reglow_perf.quality import quality_times


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
