"""Every kernel of the solvers has a name in names.tsv."""

import pathlib
import re
import unittest

import kernels

ROOT = pathlib.Path(__file__).resolve().parents[2]
BODIES = ["PointwiseProductBody", "PointwisePairProductBody", "NeighbourhoodBodies", "AffineCouplingBodies"]


class NamesTest(unittest.TestCase):
    def test_functions_of_the_bodies(self):
        names = kernels.Names(kernels.NAMES)
        for body in BODIES:
            source = (ROOT / "Sources" / "KernelBodies" / f"{body}.swift").read_text()
            functions = re.findall(r"^(?:@\S+ )*(?:public |private )*func (\w+)", source, re.MULTILINE)
            self.assertTrue(functions, body)
            for function in functions:
                frames = ["GlowModel.GlowPass.run", "GlowModel.CouplingPass.network", f"KernelsAVX512BF16.{function}"]
                self.assertIsNotNone(names.iteration(frames))
                self.assertNotEqual(names.kernel(frames), "other", function)


if __name__ == "__main__":
    unittest.main()
