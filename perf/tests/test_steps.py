"""Step functions on made-up traces."""

import pathlib
import tempfile
import unittest

from reglow_perf import steps


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
