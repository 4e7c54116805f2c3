"""The simulation of the last shard, where it can be worked out by hand."""

import pathlib
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from tests import require

require("numpy")

import numpy as np  # noqa: E402

from reglow_perf.scale import prediction, stragglers, stragglers_report  # noqa: E402
from reglow_perf.scale.stragglers import Nodes  # noqa: E402
from tests.test_scale import load, report  # noqa: E402


class StragglerTests(unittest.TestCase):
    def setUp(self):
        self.rng = np.random.default_rng(1)

    def test_the_mean_cost_is_one(self):
        for tail in (0, 0.1):
            values, likely = stragglers.costs([40, 60], tail)
            self.assertAlmostEqual(values @ likely, 1)
            self.assertAlmostEqual(likely.sum(), 1)
        self.assertAlmostEqual(values[2] / values[1], 5)

    def test_a_shard_has_its_number_of_images(self):
        work = stragglers.shard_work(self.rng, np.ones(1), np.ones(1), 10, 4, 2)
        self.assertEqual(work.tolist(), [[3, 3, 2, 2]] * 2)

    def test_a_free_node_takes_the_next_shard(self):
        work = np.array([[4.0, 1, 1, 1, 2]])
        # The first node has the 4, the second the others; where it is half as fast, the first has the last 1 too.
        self.assertEqual(stragglers.ends(work, np.ones((1, 2))), [5])
        self.assertEqual(stragglers.ends(work, np.array([[1.0, 0.5]])), [8])
        self.assertEqual(stragglers.ends(work, np.ones((1, 5)), fixed=0.5), [4.5])
        self.assertEqual(stragglers.lateness(work, np.ones((1, 2))), [5 / 4.5])

    def test_one_slow_node_holds_all_up_until_there_are_more_shards(self):
        kinds = [Nodes("alike"), Nodes("one slow", slow=1)]
        late = stragglers.simulate([50], 6400, 16, (1, 8), kinds, fixed=0, tail=0, repeats=3)
        for found, expected in zip(late["alike"], (1, 1)):
            self.assertAlmostEqual(found[0], expected)
        # Twice its share, where 15.5 nodes' worth of work could be shared; with eight shards the slow one does half as many.
        self.assertAlmostEqual(late["one slow"][0][0], 2 * 15.5 / 16)
        self.assertLess(late["one slow"][1][0], 1.25)

    def test_what_the_plan_expects_is_what_is_simulated(self):
        each = load(evaluations=[40, 50, 60, 90])
        late = stragglers.simulate(each["evaluations"], 64 * 100, 64, (1,), [Nodes("alike")], fixed=0, tail=0, repeats=400)
        expected = 1 + prediction.unevenness(each, 100, 64)
        self.assertAlmostEqual(late["alike"][0][0], expected, delta=0.1 * (expected - 1))


class ReportTests(unittest.TestCase):
    def test_table_and_picture_have_every_job(self):
        found = stragglers_report.simulated(report(), prediction.Cluster(), tail=0.02, repeats=2)
        lines = stragglers_report.table(found).splitlines()
        self.assertEqual({line.count("|") for line in lines}, {2 + len(stragglers_report.ROUNDS)})
        self.assertEqual(len(lines), 2 + 2 * (len(stragglers_report.KINDS) + 1))
        require("matplotlib")
        from reglow_perf.figures import stragglers_figure

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "picture.svg")
            stragglers_figure.draw(found, path)
            words = "".join(ElementTree.fromstring(path.read_text()).itertext())
        for expected in ("1,000,000 faces", "10,000 photos", "256 nodes", *(kind.name for kind in stragglers_report.KINDS)):
            self.assertIn(expected, words)
