"""What comes before the first evaluation, by the events of a profile."""

import unittest

from reglow_perf.profiles import start


class StartTests(unittest.TestCase):
    EVENTS = [
        {"ph": "M", "name": "process_name"},
        {"name": "reading files", "ts": 500.0, "dur": 9000.0},
        {"name": "loading the prior", "ts": 2000.0, "dur": 7000.0},
        {"name": "setup", "ts": 9600.0, "dur": 300.0},
        {"name": "start", "ts": 10000.0, "dur": 24000.0},
        {"name": "inverse", "ts": 11000.0, "dur": 8000.0},
        {"name": "start", "ts": 34500.0, "dur": 6500.0},
        {"name": "inverse", "ts": 41000.0, "dur": 8000.0},
    ]

    def test_parts_add_up_to_the_end_of_the_start(self):
        parts = start.parts(self.EVENTS)
        self.assertEqual(parts, {start.LOADING: 7.0, start.REST: 3.5, start.START: 30.5})
        self.assertEqual(sum(parts.values()), 41.0)

    def test_a_profile_without_a_solve_is_named(self):
        with self.assertRaisesRegex(SystemExit, "start"):
            start.parts(self.EVENTS[:4])

    def test_the_table_has_least_and_median_of_each_part_and_of_the_sum(self):
        lines = start.table([{"a": 1.0, "b": 5.0}, {"a": 3.0, "b": 1.0}, {"a": 2.0, "b": 9.0}]).splitlines()
        self.assertEqual([line.split()[-2:] for line in lines[1:]], [["1.0", "2.0"], ["1.0", "5.0"], ["4.0", "6.0"]])
