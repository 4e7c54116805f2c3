"""Measuring `reglow batch` and what follows from it, on made-up measurements and a command that is none."""

import contextlib
import json
import pathlib
import stat
import struct
import tempfile
import unittest

from reglow_perf.files import PERF, read_json
from reglow_perf.results.markdown import replace_section
from reglow_perf.scale import command, measuring, prediction, processes, tables, workload
from reglow_perf.scale.prediction import Cluster, Machine

DATA = PERF / "data/scale.json.gz"


@contextlib.contextmanager
def command_that(script: str):
    """A script in the place of `reglow`."""
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "reglow")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        yield path


def usage(seconds: float, processor: float, memory: int = 80_000_000) -> dict:
    return {"seconds": seconds, "processor": processor, "memory": memory}


def run(*usages: dict, others: float = 0.0) -> dict:
    return {"processes": list(usages), "others": others, "stolen": 0.0}


def load(kind: str = "faces", problem: str = "deblur", **changes) -> dict:
    """Two images of 2 seconds each."""
    return {
        "kind": kind,
        "problem": problem,
        "images": 2,
        "runs": [run(usage(2.2, 2), usage(2.1, 2)), run(usage(2.4, 2.2), usage(2.3, 2.2))],
        "together": [run(usage(2.42, 4))],
        "size": [64, 64],
        "evaluations": [40, 60],
        "psnr": 30.0,
        "bytes": {"input": 10_000, "output": 9000, "record": 1000},
    } | changes


def report(*loads: dict) -> dict:
    return {
        "header": {"date": "a day", "processor": "a processor", "processors": 2, "isa": "avx2", "repeats": 2},
        "start": [usage(0.06, 0.05), usage(0.05, 0.04)],
        "list": {"entries": 1000, "bytes": 50_000, "first": usage(0.2, 0.17), "later": [usage(0.15, 0.14, 70_100_000)]},
        "around": {
            "images": 11,
            "one": {"short": usage(0.3, 0.2, 70_000_000), "merges": [usage(0.1, 0.05)]},
            "all": {"short": usage(1.3, 0.7), "merges": [usage(0.3, 0.25), usage(0.2, 0.15)]},
        },
        "loads": list(loads or (load(), load("photos", "deblur-window", size=[512, 768], psnr=None))),
        "writing": {"output": [0.001, 0.002], "record": [0.001]},
    }


class ArithmeticTests(unittest.TestCase):
    def test_work_is_processor_time_of_each_image(self):
        self.assertEqual(prediction.work(load()), [2, 2.2])
        self.assertEqual(prediction.spread(load()), 0.2)

    def test_what_a_machine_takes_besides(self):
        machine = Machine.of(report())
        found = (machine.start, machine.listing, machine.dividing, machine.checking, machine.entry, machine.memory)
        for value, expected in zip(found, (0.04, 1e-4, 3e-5, 0.01, 50, 100)):
            self.assertAlmostEqual(value, expected)
        # One process of two threads takes 1.1 times two of one thread.
        self.assertAlmostEqual(machine.efficiency("faces", 2), 1 / 1.1)
        self.assertEqual(machine.efficiency("drawings", 16), 1)

    def test_a_job_that_nothing_disturbs_takes_its_work_over_the_cores(self):
        machine = Machine(start=0, listing=0, dividing=0, checking=0, entry=0, memory=0, serial={})
        even = load(evaluations=[50, 50])
        cluster = Cluster(nodes=4, cores=8, threads=8, names=1e9, bandwidth=1e15, task_seconds=0)
        for rounds in (1, 5):
            found = prediction.predict(even, machine, 3200, prediction.dataclasses.replace(cluster, rounds=rounds))
            self.assertAlmostEqual(found.wall, 3200 * 2 / 32)
            self.assertEqual((found.shards, found.images, found.limit), (4 * rounds, 800 // rounds, "nodes"))

    def test_each_part_counts(self):
        machine = Machine(start=1, listing=0.001, dividing=0.01, checking=0, entry=0, memory=0, serial={"faces": 0.1})
        cluster = Cluster(nodes=2, cores=4, threads=2, rounds=3, task_seconds=0.5)
        found = prediction.predict(load(evaluations=[50, 50]), machine, 1000, cluster)
        # Twelve shards of 84 images, three in turn, on two threads of which a tenth is not shared.
        self.assertAlmostEqual(found.solving, 3 * 84 * 2 * 1.1 / 2)
        self.assertEqual((found.starting, found.dividing, found.queue, found.uneven), (6, 10, 2, 0))

    def test_a_slow_queue_is_waited_for(self):
        machine = Machine(start=1, listing=0, dividing=0, checking=0, entry=0, memory=0, serial={})
        cluster = Cluster(nodes=100, cores=1, threads=1, rounds=2, task_seconds=1)
        found = prediction.predict(load(), machine, 200, cluster)
        # The last of 200 tasks begins after 200 seconds; it solves one image.
        self.assertAlmostEqual(found.queue + found.starting + found.solving, 200 + 1 + 2)

    def test_storage_is_the_limit_of_many_nodes(self):
        cluster = Cluster(nodes=1000, cores=16, threads=16, names=2000, bandwidth=1e9)
        self.assertEqual(prediction.storage_seconds(load(), 1000, cluster), 2)
        large = load(bytes={"input": 1e6, "output": 9e5, "record": 1e5})
        self.assertEqual(prediction.storage_seconds(large, 1000, cluster), 3)
        # A list of 100 MB that a thousand shards read.
        self.assertEqual(prediction.storage_seconds(load(), 1_000_000, cluster, entry=100), 2000)
        self.assertAlmostEqual(prediction.storage_seconds(large, 1_000_000, cluster, entry=100), 3000 + 100)
        machine = Machine(start=0, listing=0, dividing=0, checking=0, entry=0, memory=0, serial={})
        self.assertEqual(prediction.predict(load(), machine, 10_000_000, cluster).limit, "storage")
        nodes = prediction.storage_limit(load(), cluster)
        self.assertAlmostEqual(nodes * cluster.cores / 2, 500)

    def test_more_images_even_out(self):
        self.assertEqual(prediction.unevenness(load(), 100, 1), 0)
        few, many = (prediction.unevenness(load(), images, 64) for images in (100, 400))
        self.assertAlmostEqual(few, 2 * many)


class TextTests(unittest.TestCase):
    def test_numbers_and_durations(self):
        numbers = {1234567: "1,230,000", 0.01234: "0.0123", 9.996: "10.0", 0: "0", 1.5: "1.50", 123.4: "123"}
        self.assertEqual([tables.digits(value) for value in numbers], list(numbers.values()))
        durations = {45: "45 s", 200: "3.3 min", 9000: "2.5 h", 864000: "10 days"}
        self.assertEqual([tables.duration(value) for value in durations], list(durations.values()))

    def test_every_line_has_every_column(self):
        for text in (tables.measured(report()), tables.planned(report(), Cluster())):
            found = []
            for block in text.split("\n\n"):
                lines = [line for line in block.splitlines() if line.startswith("|")]
                found += lines
                self.assertLessEqual(len({line.count("|") for line in lines}), 1, block)
            self.assertTrue(found)

    def test_every_problem_has_words(self):
        self.assertEqual(set(tables.TITLES), {*workload.FACES, *workload.MORE_PHOTOS})
        self.assertLessEqual({*workload.FACES, *workload.MORE_PHOTOS}, set(workload.OPERATORS))

    def test_a_busy_machine_is_told(self):
        self.assertIn("quiet.", tables.doubts(report()))
        busy = load(runs=[run(usage(9, 2), usage(9, 2), others=0.5)])
        self.assertIn("others took up to 50 % of its processors", tables.doubts(report(busy)))
        self.assertIsNone(prediction.serial_share(report(busy), "faces"))
        self.assertIn("no quiet run", tables.planned(report(busy), Cluster()))

    def test_the_report_is_the_same_after_its_text(self):
        self.assertEqual(json.loads(command.text_of(report())), report())


class PublishedTests(unittest.TestCase):
    def test_the_tables_are_those_of_their_data(self):
        data, text = read_json(DATA), (PERF / "docs/scale.md").read_text()
        self.assertEqual(replace_section(text, tables.measured(data), "measured"), text)
        self.assertEqual(replace_section(text, tables.planned(data, Cluster()), "plan"), text)


class WorkloadTests(unittest.TestCase):
    def test_a_picture_is_continued_by_its_mirror_image(self):
        header = str({"descr": "<f4", "fortran_order": False, "shape": (1, 2, 3)}).encode() + b"\n"
        numbers = struct.pack("<6f", 1, 2, 3, 4, 5, 6)
        array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + numbers
        wide = workload.widen(array, 5)
        length = int.from_bytes(wide[8:10], "little")
        self.assertEqual((10 + length) % 64, 0)
        self.assertIn(b"(1, 2, 5)", wide[:74])
        self.assertEqual(struct.unpack("<10f", wide[10 + length :]), (1, 2, 3, 3, 2, 4, 5, 6, 6, 5))
        with self.assertRaises(ValueError):
            workload.widen(array, 7)

    def test_compressive_sensing_has_one_matrix_and_a_window_no_truth(self):
        with command_that("exit 0") as reglow, tempfile.TemporaryDirectory() as name:
            folder, truths = pathlib.Path(name), [pathlib.Path("a.png"), pathlib.Path("b.png")]
            lists = {}
            for problem in ("deblur", "deblur-window", "compressive"):
                path = workload.write_list(workload.Load("faces", problem, 3), truths, reglow, folder / problem)
                lists[problem] = [json.loads(line) for line in path.read_text().splitlines()]
        self.assertEqual([line["seed"] for line in lists["deblur"]], [0, 0, 1])
        self.assertEqual([pathlib.Path(line["truth"]).name for line in lists["deblur"]], ["a.png", "b.png", "a.png"])
        self.assertEqual([line["seed"] for line in lists["compressive"]], [0, 0, 0])
        self.assertEqual(lists["compressive"][0]["input"], "0000.npy")
        self.assertNotIn("truth", lists["deblur-window"][0])


class ProcessTests(unittest.TestCase):
    def test_processes_run_at_once_and_are_counted_one_by_one(self):
        # Each waits for the file of the other.
        script = 'touch "$1"; while [ ! -e "$2" ]; do sleep 0.01; done'
        with command_that(script) as reglow, tempfile.TemporaryDirectory() as name:
            a, b = f"{name}/a", f"{name}/b"
            usages = processes.run_at_once(reglow, [[a, b], [b, a]])
        for each in usages:
            self.assertGreater(each.seconds, 0)
            self.assertGreater(each.memory, 0)

    def test_a_failure_ends_the_program_in_its_own_words(self):
        with command_that("echo no such face >&2; exit 3") as reglow, self.assertRaisesRegex(SystemExit, "reglow batch: no such face"):
            processes.run(reglow, "batch")


class MeasuringTests(unittest.TestCase):
    def test_records_are_read(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            record = {"status": "done", "complete": True, "evaluations": 7, "psnr": 30, "size": [64, 64]}
            for index in range(2):
                sizes = {"input_bytes": 10 + 2 * index, "output_bytes": 5}
                (folder / f"{index}.png.json").write_text(json.dumps({**record, **sizes}))
            found = measuring.records(folder, folder)
        self.assertEqual((found["evaluations"], found["psnr"], found["size"]), ([7, 7], 30, [64, 64]))
        self.assertEqual((found["bytes"]["input"], found["bytes"]["output"]), (11, 5))

    def test_a_file_is_written_whole(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            measuring.write_durably(folder, "a", b"123")
            self.assertEqual([(path.name, path.read_bytes()) for path in folder.iterdir()], [("a", b"123")])
