"""The table's reading and arithmetic, on made-up measurements; and that the published table is that of its data."""

import json
import pathlib
import tempfile
import unittest

from reglow_perf import watch
from reglow_perf.files import PERF, read_json
from reglow_perf.glow import random_model
from reglow_perf.results import markdown, plan, rows, tools
from reglow_perf.results.record import Record

QUIET = {"seconds": 1.0, "own": 0.9, "others": 0.0, "stolen": 0.0}
BOOTSTRAP_KEY = plan.bench_key(plan.BOOTSTRAP, "fp32")


def bench(seconds: float, batch: int = 1, peak: float = 200, threads: int = 2) -> dict:
    times = {"min": seconds, "median": 1.1 * seconds, "p95": 2 * seconds}
    return {
        "analysis": times,
        "synthesis": times,
        "gflop": 3.2 * batch,
        "peak_gflops": peak,
        "precision": "fp32",
        "threads": threads,
        "batch": batch,
        "peak_memory_bytes": 54_000_000,
    }


def peer(*seconds: float, objective: float = 1.0) -> dict:
    variants = [{"name": f"fp32 layout{index}", "min": each, "median": each, "objective": objective} for index, each in enumerate(seconds)]
    return {"analysis": {"best": variants[0], "least_peak_memory_bytes": 10**9, "variants": [*variants, {"failed": "no"}]}}


def record_of(reports: dict, **watched) -> Record:
    record = Record(pathlib.Path("unused"), {"date": "a day", "commit": "0"})
    for key, report in reports.items():
        record.measurements[key] = {"command": f"run {key}", "watch": QUIET | watched, "report": report}
    return record


def row(record: Record, words: str) -> dict:
    found = [row for _, rows_ in rows.Rows(record, 2).sections() for row in rows_ if words in row["what"]]
    return found[0]


class RowTests(unittest.TestCase):
    words = "shipped prior, L 4, K 16, h 128, fp32, batch 1, 2 threads"

    def test_limit_percent_and_ratio(self):
        key = plan.peer_key("pytorch", plan.BOOTSTRAP, "fp32")
        found = row(record_of({BOOTSTRAP_KEY: bench(0.020), key: peer(0.050, 0.060)}), self.words)
        self.assertAlmostEqual(found["min"], 20)
        self.assertAlmostEqual(found["limit"], 16)
        self.assertAlmostEqual(found["percent_of_peak"], 80)
        self.assertAlmostEqual(found["pytorch"]["ratio"], 2.5)
        self.assertEqual([goal["met"] for goal in found["goals"]], [True, False])
        self.assertEqual(found["doubts"], [])

    def test_the_better_of_eager_and_compiled_pytorch_is_the_goal(self):
        keys = plan.peer_key("pytorch", plan.BOOTSTRAP, "fp32"), plan.COMPILED_KEY.format("bootstrap", "fp32")
        for seconds, met in ((0.070, True), (0.050, False)):
            record = record_of({BOOTSTRAP_KEY: bench(0.020), keys[0]: peer(0.065), keys[1]: peer(seconds)})
            self.assertEqual(row(record, self.words)["goals"][1]["met"], met)

    def test_batches_are_counted_for_each_image(self):
        key = plan.bench_key(plan.BOOTSTRAP, "fp32", 8)
        found = row(record_of({key: bench(0.160, batch=8)}), "shipped prior, L 4, K 16, h 128, fp32, batch 8, 2 threads")
        self.assertAlmostEqual(found["min"], 20)
        self.assertAlmostEqual(found["limit"], 16)

    def test_cost_of_a_pixel_is_compared_with_the_smallest_size(self):
        large = plan.bench_key(plan.BOOTSTRAP, "fp32", size=(128, 128))
        for seconds, met in ((0.087, True), (0.089, False)):
            found = row(record_of({BOOTSTRAP_KEY: bench(0.020), large: bench(seconds)}), "128x128")
            self.assertEqual(found["goals"][0]["met"], met)

    def test_what_was_not_measured_is_neither_met_nor_missed(self):
        found = row(record_of({}), self.words)
        self.assertEqual([goal["met"] for goal in found["goals"]], [None, None])
        self.assertEqual(found["doubts"], ["not measured"])

    def test_an_error_stands_in_the_row(self):
        record = record_of({})
        record.measurements[plan.parts_key("fp32")] = {"error": "this reglow has no `bench --parts`"}
        self.assertEqual(row(record, "around the flow, fp32")["doubts"], ["this reglow has no `bench --parts`"])

    def test_parts(self):
        report = bench(0.020) | {
            "maps": {"forward": {"seconds": 1, "passes": 1}, "forwardJVP": {"seconds": 1.1, "passes": 1.1}},
            "around": {"superres_x2": {"analysis": 0.01, "synthesis": 0.031}},
        }
        record = record_of({plan.parts_key("fp32"): report})
        self.assertEqual(row(record, "forwardJVP, fp32")["goals"][0]["met"], False)
        self.assertEqual(row(record, "superres x2, fp32")["goals"][0]["met"], False)


class DoubtTests(unittest.TestCase):
    def test_a_sagging_peak(self):
        other = plan.bench_key(plan.BOOTSTRAP, "fp32", 8)
        record = record_of({BOOTSTRAP_KEY: bench(0.020, peak=180), other: bench(0.160, batch=8)})
        self.assertEqual(row(record, RowTests.words)["doubts"], ["the peak sagged"])

    def test_others_at_work(self):
        record = record_of({BOOTSTRAP_KEY: bench(0.020)}, others=0.06)
        self.assertEqual(row(record, RowTests.words)["doubts"], ["the machine was busy"])

    def test_the_faster_of_two_counts_and_a_difference_is_told(self):
        record = record_of({BOOTSTRAP_KEY: bench(0.030), BOOTSTRAP_KEY + plan.AGAIN: bench(0.020)})
        found = row(record, RowTests.words)
        self.assertAlmostEqual(found["min"], 20)
        self.assertEqual(found["doubts"], ["50 % slower at another time of the run"])

    def test_peers_that_disagree(self):
        keys = [plan.peer_key(name, plan.BOOTSTRAP, "fp32") for name in ("pytorch", "jax")]
        record = record_of({BOOTSTRAP_KEY: bench(0.020), keys[0]: peer(0.050), keys[1]: peer(0.040, objective=1.01)})
        self.assertEqual(row(record, RowTests.words)["doubts"], ["the peers disagree in the objective: [1.0, 1.01]"])

    def test_the_processors_are_counted(self):
        report = watch.Watch().report()
        self.assertTrue(report["others"] >= 0 and report["own"] >= 0 and report["stolen"] >= 0)


class PlanTests(unittest.TestCase):
    def test_keys_are_unique_and_dependencies_come_first(self):
        for pace in (plan.FULL, plan.QUICK):
            engine = plan.engine_tasks(pace, 2)
            tasks = engine + plan.peer_tasks(pace, 2, ["pytorch", "jax"], True) + plan.again(pace, engine)
            keys = [task.key for task in tasks]
            self.assertEqual(len(keys), len(set(keys)))
            for index, task in enumerate(tasks):
                self.assertTrue(task.variants_of is None or task.variants_of in keys[:index])

    def test_rows_find_every_task(self):
        engine = plan.engine_tasks(plan.FULL, 2)
        tasks = engine + plan.peer_tasks(plan.FULL, 2, ["pytorch", "jax"], False)
        record = record_of({})
        record.measurements = {task.key: {"error": task.key} for task in tasks}
        doubts = {doubt for _, each in rows.Rows(record, 2).sections() for found in each for doubt in found["doubts"]}
        self.assertEqual({task.key for task in engine} - doubts, set())
        self.assertNotIn("not measured", doubts)

    def test_the_fastest_variants_are_taken_over(self):
        key = plan.peer_key("pytorch", plan.BOOTSTRAP, "fp32")
        task = plan.Task("batch", "pytorch", (), variants_of=key, variants=1)
        self.assertEqual(tools.fastest_variants(task, record_of({key: peer(0.1, 0.2)})), ["--variant", "fp32 layout0"])
        with self.assertRaises(tools.ToolError):
            tools.fastest_variants(task, record_of({}))


class TextTests(unittest.TestCase):
    def test_the_table_takes_the_place_between_the_marks(self):
        text = f"a\n{markdown.BEGIN}\nold\n{markdown.END}\nb\n"
        self.assertEqual(markdown.replace_section(text, "new\n"), f"a\n{markdown.BEGIN}\nnew\n{markdown.END}\nb\n")
        with self.assertRaises(SystemExit):
            markdown.replace_section("no marks", "new\n")

    def test_every_line_has_every_column(self):
        key = plan.peer_key("jax", plan.BOOTSTRAP, "fp32")
        record = record_of({BOOTSTRAP_KEY: bench(0.020), key: peer(0.050)})
        text = markdown.table(record.header, rows.Rows(record, 2).sections(), record.measurements)
        lines = [line for line in text.splitlines() if line.startswith("|")]
        self.assertEqual({line.count("|") for line in lines}, {len(markdown.HEAD) + 1})
        self.assertIn("20.0, 22.0 ms | 80 % | 16.0 |", text)
        self.assertIn("50.0, 50.0 (2.50 x, layout0)", text)
        self.assertIn(f"1  run {BOOTSTRAP_KEY}", text)
        self.assertIn(" | 1, 2 |", text)

    def test_complaints(self):
        unknown = tools.complaint_of("Error: Unknown option '--parts'\nUsage: ...", 64)
        self.assertEqual(unknown, "this reglow has no `bench --parts`")
        self.assertEqual(tools.complaint_of("Error: no model\nUsage: ...", 64), "Error: no model")
        self.assertEqual(tools.complaint_of("one of many\nfailed", 1), "failed")
        self.assertEqual(tools.complaint_of("", -9), "exit code -9")


class PublishedTests(unittest.TestCase):
    def test_the_table_is_that_of_its_data(self):
        data = read_json(PERF / "data/results.json.gz")
        sections = [(section["section"], section["rows"]) for section in data["table"]]
        text = (PERF / "docs/results.md").read_text()
        self.assertEqual(markdown.replace_section(text, markdown.table(data["header"], sections, data["measurements"])), text)


class RecordTests(unittest.TestCase):
    def test_resuming_keeps_what_succeeded(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "measurements.json")
            record = Record(path, {"date": "yesterday", "binary": "1"})
            record.keep("a", {"report": {}})
            record.keep("b", {"error": "no"})
            resumed = Record(path, {"date": "today", "binary": "1"})
            resumed.resume()
            self.assertEqual(list(resumed.measurements), ["a"])
            self.assertEqual(resumed.header["date"], "yesterday")
            with self.assertRaises(SystemExit):
                Record(path, {"date": "today", "binary": "2"}).resume()


class RandomModelTests(unittest.TestCase):
    def test_the_file_is_as_long_as_its_header_says(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.safetensors")
            random_model.write(2, 1, 8, path)
            data = path.read_bytes()
            length = int.from_bytes(data[:8], "little")
            header = json.loads(data[8 : 8 + length])
            end = max(entry["data_offsets"][1] for name, entry in header.items() if name != "__metadata__")
            self.assertEqual(len(data), 8 + length + end)
