"""Stacks, their names and their flame graph."""

import pathlib
import re
import tempfile
import unittest

from reglow_perf.files import ROOT
from reglow_perf.profiles import kernels, speedscope, stacks

BODIES = ["PointwiseProductBody", "PointwisePairProductBody", "NeighbourhoodBodies", "AffineCouplingBodies"]


class NamesTests(unittest.TestCase):
    def test_every_kernel_of_the_solvers_has_a_name(self):
        names = kernels.Names(kernels.NAMES)
        for body in BODIES:
            source = (ROOT / "Sources" / "KernelBodies" / f"{body}.swift").read_text()
            functions = re.findall(r"^(?:@\S+ )*(?:public |private )*func (\w+)", source, re.MULTILINE)
            self.assertTrue(functions, body)
            for function in functions:
                frames = ["GlowModel.GlowPass.run", "GlowModel.CouplingPass.network", f"KernelsAVX512BF16.{function}"]
                self.assertIsNotNone(names.iteration(frames))
                self.assertNotEqual(names.kernel(frames), "other", function)


class StackTests(unittest.TestCase):
    def test_a_record_of_perf_is_folded(self):
        record = """  7/7  500:
        1a f (/lib/libx.so)
        2b main (/bin/reglow)

  7/9  250:
        3c g (/lib/libx.so)
"""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "record")
            path.write_text(record)
            folded = stacks.folded(stacks.perf_stacks(path))
        self.assertEqual(folded, {"calling thread;main [reglow];f [libx.so]": 500, "other threads;g [libx.so]": 250})

    def test_names_of_swift_are_short(self):
        name = "closure #1 (Swift.Int) -> () in GlowModel.GlowPass.run(at: Swift.Int) -> ()"
        self.assertEqual(stacks.readable(name), "closure in GlowModel.GlowPass.run")
        self.assertEqual(stacks.readable("reabstraction thunk helper from a to b"), "")


class SpeedscopeTests(unittest.TestCase):
    def test_each_thread_is_a_profile_with_all_its_weight(self):
        found = speedscope.profile([(["a thread", "f", "g"], 3), (["a thread", "f"], 1), (["another", "g"], 5)], "bench", "ns")
        self.assertEqual([frame["name"] for frame in found["shared"]["frames"]], ["f", "g"])
        first, second = found["profiles"]
        self.assertEqual((first["samples"], first["weights"], first["endValue"]), ([[0, 1], [0]], [3, 1], 4))
        self.assertEqual((second["name"], second["samples"], second["unit"]), ("bench: another", [[1]], "nanoseconds"))
