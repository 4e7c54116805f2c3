"""The models in PyTorch against golden files, the fixtures of the trainer, and one another."""

import pathlib
import tempfile
import unittest

from tests import require

require("torch", "safetensors")

import torch  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

from reglow_perf.files import GOLDEN, ROOT  # noqa: E402
from reglow_perf.glow import folded, folding, golden, random_model, trained  # noqa: E402
from reglow_perf.glow.architecture import Architecture, read  # noqa: E402
from reglow_perf.peers import training_step  # noqa: E402


class GoldenTests(unittest.TestCase):
    def test_every_form_gives_the_golden_vectors(self):
        files = sorted(GOLDEN.glob("*" + golden.SUFFIX))
        self.assertTrue(files)
        for file in files:
            for way, errors in golden.errors(file):
                for name, error in errors.items():
                    self.assertLessEqual(error, 1e-10, f"{file.name}, {way}, {name}")


class TrainingStepTests(unittest.TestCase):
    def test_the_fixtures_of_the_engine_are_made_again(self):
        for affine, name in enumerate(("additive", "affine")):
            expected = load_file(ROOT / f"Tests/GlowTrainingTests/Fixtures/{name}.safetensors")
            found = training_step.fixture(bool(affine), seed=1 + affine)
            self.assertEqual(found.keys(), expected.keys())
            for key, tensor in found.items():
                torch.testing.assert_close(tensor.double(), expected[key].double(), rtol=1e-9, atol=1e-9, msg=key)


class FoldingTests(unittest.TestCase):
    def test_a_folded_model_is_the_same_map(self):
        for affine in (False, True):
            architecture = Architecture((2, 1), 8, affine, image_channels=1)
            generator = torch.Generator().manual_seed(3)
            model = trained.random(architecture, generator, torch.float64)
            # Float32 keeps what a model file holds.
            tensors = folding.fold(model)
            images = torch.rand(2, 1, 8, 8, generator=generator, dtype=torch.float64) - 0.5
            other = folded.glow(architecture, tensors, torch.float64)
            for left, right in zip(model(images), other(images)):
                torch.testing.assert_close(left, right, rtol=1e-5, atol=1e-5)

    def test_the_files_of_random_weights_are_the_models_in_memory(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "model.safetensors")
            random_model.write(2, 1, 8, path)
            architecture, tensors = folded.tensors_of(str(path))
        self.assertEqual(architecture, Architecture((1, 1), 8))
        images = torch.rand(1, 3, 8, 8) - 0.5
        found = folded.random(2, 1, 8)(images)[0]
        self.assertTrue(torch.equal(found, folded.glow(architecture, tensors)(images)[0]))


class ArchitectureTests(unittest.TestCase):
    def test_metadata_are_read_as_written(self):
        for affine in (False, True):
            architecture = Architecture((4, 3, 2), 16, affine, image_channels=1)
            self.assertEqual(read(architecture.metadata(), "a file"), architecture)
        with self.assertRaises(SystemExit):
            read({}, "a file")

    def test_the_latent_has_as_many_numbers_as_the_image(self):
        shapes = Architecture((1, 1, 1), 4).latent_shapes(16, 8)
        self.assertEqual(shapes, [(6, 8, 4), (12, 4, 2), (48, 2, 1)])
        self.assertEqual(sum(c * h * w for c, h, w in shapes), 3 * 16 * 8)
