"""Checks the models in PyTorch, in float64, against golden files.

    python -m reglow_perf golden [FOLDER]

Each error is the largest absolute difference relative to the largest magnitude of the expected tensor. Both memory layouts and all
forms of the coupling network are checked, and the parametrization that is trained. Exits with 1 when an error is over the tolerance.
"""

import argparse
import itertools
import pathlib
import sys
from collections.abc import Iterator

import torch
from safetensors.torch import load_file
from torch.func import jvp

from reglow_perf.files import GOLDEN
from reglow_perf.glow import folded, folding, networks, trained
from reglow_perf.glow.model import Glow

SUFFIX = ".golden.safetensors"


def vjp(function, point: torch.Tensor, cotangent: torch.Tensor) -> torch.Tensor:
    point = point.clone().requires_grad_()
    return torch.autograd.grad(function(point), point, cotangent)[0]


def log_determinant_gradient(log_determinant, image: torch.Tensor) -> torch.Tensor:
    """Zero for additive coupling, where the log-determinant is a constant and autograd has no path to the image."""
    point = image.clone().requires_grad_()
    value = log_determinant(point).sum()
    gradient = torch.autograd.grad(value, point, allow_unused=True)[0] if value.requires_grad else None
    return torch.zeros_like(image) if gradient is None else gradient


def forward_maps(model: Glow, golden: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The maps of a golden file that go from an image to its latent, by their names there."""
    image = golden["image"]

    def to_latent(x):
        return model(x)[0]

    def log_determinant(x):
        return model(x)[1]

    return {
        "latent": to_latent(image),
        "log_determinant": log_determinant(image),
        "forward_jvp": jvp(to_latent, (image,), (golden["image_tangent"],))[1],
        "forward_vjp": vjp(to_latent, image, golden["latent_cotangent"]),
        "log_determinant_gradient": log_determinant_gradient(log_determinant, image),
    }


def inverse_maps(model: Glow, golden: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Those that go back."""
    latent, size = golden["latent"], golden["image"].shape[2:]

    def to_image(z):
        return model.inverse(z, *size)

    return {
        "image": to_image(latent),
        "inverse_jvp": jvp(to_image, (latent,), (golden["latent_tangent"],))[1],
        "inverse_vjp": vjp(to_image, latent, golden["image_cotangent"]),
    }


def relative_error(result: torch.Tensor, expected: torch.Tensor) -> float:
    magnitude = expected.abs().max().item()
    return (result - expected).abs().max().item() / (magnitude if magnitude > 0 else 1)


def unfolded(path: str) -> Glow:
    """The model of a file in the parametrization that is trained, in float64."""
    architecture, tensors = folded.tensors_of(path)
    model = trained.glow(architecture).double()
    for index, level in enumerate(model.levels):
        for step in range(architecture.steps[index]):
            folding.unfold(level, step, tensors, f"levels.{index}.steps.{step}")
    return model


def errors(file: pathlib.Path) -> Iterator[tuple[str, dict[str, float]]]:
    """For each way to compute the maps of a golden file its name, and the error of each map."""
    golden = load_file(file)
    path = str(file.with_name(file.name.removesuffix(SUFFIX) + ".model.safetensors"))
    for channels_last, network in itertools.product((False, True), networks.NETWORKS):
        model = folded.load(path, dtype=torch.float64, channels_last=channels_last, network=network)
        results = forward_maps(model, golden) | inverse_maps(model, golden)
        name = f"{'channels_last' if channels_last else 'nchw'}, {network}"
        yield name, {key: relative_error(result, golden[key]) for key, result in results.items()}
    results = forward_maps(unfolded(path), golden)
    yield "as it is trained", {key: relative_error(result, golden[key]) for key, result in results.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=GOLDEN)
    parser.add_argument("--tolerance", type=float, default=1e-10)
    arguments = parser.parse_args()

    files = sorted(arguments.folder.glob("*" + SUFFIX))
    if not files:
        sys.exit(f"no golden files in {arguments.folder}")
    passed = True
    for file in files:
        for way, found in errors(file):
            print(f"{file.name.removesuffix(SUFFIX)}, {way}")
            for name, error in found.items():
                verdict = "ok" if error <= arguments.tolerance else "FAILED"  # NaN fails
                passed = passed and verdict == "ok"
                print(f"  {name:26} {error:.1e}  {verdict}")
    sys.exit(0 if passed else 1)
