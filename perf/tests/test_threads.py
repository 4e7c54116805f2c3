"""The model of threads, on a made-up machine that it must find again."""

import unittest

from reglow_perf.files import PERF, read_json
from reglow_perf.scale.threads import LARGE, SIZES, SMALL, Levels, Model, checks, plans

ARCHITECTURE = {"coupling": "additive", "hidden": 64, "image_channels": 3, "steps": [8, 8, 8]}


def machine(crowding: float, meeting: float) -> dict:
    rows = []
    for size in SIZES:
        levels, alone = Levels(ARCHITECTURE, size, 16), 1.5e-6 * size[0] * size[1]
        two = alone * levels.share(2) * crowding + levels.meetings(2) * meeting
        for threads, seconds in ((1, alone), (2, two)):
            rows.append({"height": size[0], "width": size[1], "threads": threads, "seconds": seconds})
    return {"architecture": ARCHITECTURE, "lanes": 16, "rows": rows}


class ThreadsTests(unittest.TestCase):
    def test_both_constants_are_found_and_predict_all_sizes(self):
        model = Model(machine(crowding=1.03, meeting=2e-6), arrival=1e-7, bandwidth=2e11)
        self.assertAlmostEqual(model.crowding, 1.03, places=4)
        self.assertAlmostEqual(model.meeting, 2e-6, places=8)
        for height, width in SIZES:
            self.assertAlmostEqual(model.predicted((height, width), 2) / model.seconds[height, width, 2], 1, places=3)
        self.assertEqual(len(checks(model)), len(SIZES))

    def test_what_was_measured_is_predicted_within_five_percent(self):
        model = Model(read_json(PERF / "data/threads.json.gz"), arrival=1e-7, bandwidth=2e11)
        for height, width in SIZES:
            self.assertLess(abs(model.predicted((height, width), 2) / model.seconds[height, width, 2] - 1), 0.05)

    def test_the_busiest_thread_of_a_small_level_has_a_whole_vector(self):
        face = Levels(ARCHITECTURE, SMALL, 16)
        self.assertEqual(face.share(1), 1)
        self.assertAlmostEqual(face.share(2), 0.5)
        # Level 3 has four vectors: 64 threads share no more than four of it.
        self.assertGreater(face.share(64), 1 / 64)

    def test_a_large_level_is_cut_into_strips_and_meets_more_often(self):
        self.assertEqual(Levels(ARCHITECTURE, SMALL, 16).meetings(2), 2 * (3 * 3 + 24 * 2 + 1))
        self.assertGreater(Levels(ARCHITECTURE, LARGE, 16).meetings(2), Levels(ARCHITECTURE, SMALL, 16).meetings(2))
        # More threads have room for longer strips.
        self.assertLess(Levels(ARCHITECTURE, LARGE, 16).meetings(64), Levels(ARCHITECTURE, LARGE, 16).meetings(2))

    def test_more_threads_are_faster_until_memory_or_meetings_count(self):
        model = Model(machine(crowding=1.02, meeting=2e-6), arrival=1e-7, bandwidth=2e11)
        times = [model.predicted(LARGE, threads) for threads in (1, 2, 8, 32)]
        self.assertEqual(times, sorted(times, reverse=True))
        self.assertGreater(model.predicted(SMALL, 64), model.predicted(SMALL, 8) / 4)
        slow = Model(machine(crowding=1.02, meeting=2e-6), arrival=1e-7, bandwidth=1e9)
        self.assertEqual(slow.predicted(LARGE, 64), slow.levels(LARGE).bytes() / 1e9)
        self.assertEqual(len(plans(model)), 3)


if __name__ == "__main__":
    unittest.main()
