"""Checks glow.py in float64 against golden files: python perf/peers/check_golden.py [FOLDER]

Each error is the largest absolute difference relative to the largest magnitude of the expected tensor.
Both memory layouts and all forms of the coupling network are checked. Exits with 1 when an error is over the tolerance.
"""

import argparse
import itertools
import pathlib
import sys

import torch
from safetensors.torch import load_file
from torch.func import jvp

import glow

GOLDEN_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/GlowModelTests/Golden"
SUFFIX = ".golden.safetensors"


def vjp(function, point: torch.Tensor, cotangent: torch.Tensor) -> torch.Tensor:
    point = point.clone().requires_grad_()
    return torch.autograd.grad(function(point), point, cotangent)[0]


def evaluate(model: glow.Glow, golden: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Every map that a golden file holds, by its name there, and the image that `inverse` gives back."""
    image, latent = golden["image"], golden["latent"]
    size = image.shape[2:]

    def to_latent(x):
        return model(x)[0]

    def log_determinant(x):
        return model(x)[1]

    def to_image(z):
        return model.inverse(z, *size)

    return {
        "latent": to_latent(image),
        "log_determinant": log_determinant(image),
        "image": to_image(latent),
        "forward_jvp": jvp(to_latent, (image,), (golden["image_tangent"],))[1],
        "forward_vjp": vjp(to_latent, image, golden["latent_cotangent"]),
        "inverse_jvp": jvp(to_image, (latent,), (golden["latent_tangent"],))[1],
        "inverse_vjp": vjp(to_image, latent, golden["image_cotangent"]),
        "log_determinant_gradient": log_determinant_gradient(log_determinant, image),
    }


def log_determinant_gradient(log_determinant, image: torch.Tensor) -> torch.Tensor:
    """Zero for additive coupling, where the log-determinant is a constant and autograd has no path to the image."""
    point = image.clone().requires_grad_()
    value = log_determinant(point).sum()
    return torch.autograd.grad(value, point)[0] if value.requires_grad else torch.zeros_like(image)


def relative_error(result: torch.Tensor, expected: torch.Tensor) -> float:
    magnitude = expected.abs().max().item()
    return (result - expected).abs().max().item() / (magnitude if magnitude > 0 else 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=pathlib.Path, default=GOLDEN_FOLDER)
    parser.add_argument("--tolerance", type=float, default=1e-10)
    arguments = parser.parse_args()

    files = sorted(arguments.folder.glob("*" + SUFFIX))
    if not files:
        sys.exit(f"no golden files in {arguments.folder}")
    passed = True
    for file in files:
        golden = load_file(file)
        model_file = file.with_name(file.name.removesuffix(SUFFIX) + ".model.safetensors")
        for channels_last, network in itertools.product((False, True), glow.NETWORKS):
            model = glow.load(str(model_file), dtype=torch.float64, channels_last=channels_last, network=network)
            print(f"{model_file.name}, {'channels_last' if channels_last else 'nchw'}, {network}")
            for name, result in evaluate(model, golden).items():
                error = relative_error(result, golden[name])
                verdict = "ok" if error <= arguments.tolerance else "FAILED"  # NaN fails
                passed = passed and verdict == "ok"
                print(f"  {name:26} {error:.1e}  {verdict}")
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
