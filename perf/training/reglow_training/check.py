"""Checks what the training computes: perf/python -m reglow_training check

The products of the coupling network and their gradients against PyTorch's convolutions in float64, and the density of a model, as it is
and grown, against its golden vectors. Runs on the GPU where there is one, else in Triton's interpreter. Exits with 1 when an error is
over what bfloat16 lets expect.
"""

import math
import os
import sys
import tempfile

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

if not torch.cuda.is_available():
    os.environ["TRITON_INTERPRET"] = "1"

from reglow_perf import files
from reglow_perf.glow import folded, folding
from reglow_training.growth import grown
from reglow_training.products import CouplingProducts
from reglow_training.rows import padded

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def relative(value: torch.Tensor, expected: torch.Tensor) -> float:
    return ((value.double() - expected).norm() / expected.norm()).item()


def product_errors(count: int = 2, height: int = 4, width: int = 8, half: int = 6, hidden: int = 32) -> dict[str, float]:
    """Biases far from 0 keep every relu on its side, whatever bfloat16 rounds."""
    torch.manual_seed(0)
    image = torch.randn(count, half, height, width)
    signs = torch.where(torch.rand(2, hidden) < 0.5, -3.0, 3.0)
    weights = [0.05 * torch.randn(9 * half, hidden), signs[0], 0.02 * torch.randn(hidden, hidden), signs[1], torch.randn(9 * half, hidden)]
    shift = torch.randn(count * height * width, half)

    def rows(x: torch.Tensor) -> torch.Tensor:
        return x.permute(0, 2, 3, 1).reshape(-1, half)

    x, (w0, b0, w1, b1, w2) = image.double().requires_grad_(), (weight.double().requires_grad_() for weight in weights)
    y = F.relu(F.conv2d(x, w0.t().reshape(hidden, half, 3, 3), b0, padding=1))
    y = F.relu(F.conv2d(y, w1.t().reshape(hidden, hidden, 1, 1), b1))
    expected = rows(F.conv2d(y, w2.view(half, 3, 3, hidden).permute(0, 3, 1, 2), padding=1))
    gradients = torch.autograd.grad(expected, (x, w0, b0, w1, b1, w2), shift.double())
    gradients = (rows(gradients[0]), *gradients[1:])

    a, *given = (tensor.to(DEVICE).requires_grad_() for tensor in (rows(image), *weights))
    weight0, bias0, weight1, bias1, weight2 = (tensor.bfloat16() for tensor in given)
    weight0 = F.pad(torch.cat((weight0, bias0[None])), (0, 0, 0, padded(9 * half + 1) - 9 * half - 1))
    weight2 = F.pad(weight2, (0, 0, 0, padded(9 * half) - 9 * half))
    result = CouplingProducts.apply(a, weight0, weight1, bias1, weight2, (height, width))
    computed = torch.autograd.grad(result, (a, *given), shift.to(DEVICE))
    names = ("input", "weight 0", "bias 0", "weight 1", "bias 1", "weight 2")
    errors = {f"gradient in {name}": relative(left.cpu(), right) for name, left, right in zip(names, computed, gradients)}
    return {"network": relative(result.cpu(), expected)} | errors


def density_errors(name: str, levels: int, steps: int, hidden: int) -> dict[str, float]:
    """In bits per dimension, of the model that is trained and of the file that it becomes."""
    golden = load_file(f"{files.GOLDEN / name}.golden.safetensors")
    image, n = golden["image"].float(), golden["image"][0].numel()
    nats = golden["latent"].square().sum(1) / 2 + n / 2 * math.log(2 * math.pi) - golden["log_determinant"]
    expected = nats / (n * math.log(2))
    model = grown(f"{files.GOLDEN / name}.model.safetensors", steps, hidden, torch.Generator().manual_seed(0), levels)
    with tempfile.TemporaryDirectory() as folder, torch.no_grad():
        path = f"{folder}/model.safetensors"
        save_file(folding.fold(model, torch.float16), path, model.architecture.metadata())
        written = folded.load(path).bits_per_dimension(image)
        trained = model.to(DEVICE).bits_per_dimension(image.to(DEVICE)).cpu()
    name = f"density of {name}, {levels} levels of {steps} steps of width {hidden}"
    return {name: (trained - expected).abs().max().item(), f"{name}, written": (written - expected).abs().max().item()}


def bounded_errors() -> list[tuple[dict[str, float], float]]:
    """Errors, and what bfloat16 lets expect of them."""
    additive, affine = "additive-L3K4h32", "affine-L3K4h32"
    densities = [density_errors(additive, 3, 4, 32), density_errors(additive, 3, 6, 48), density_errors(affine, 4, 6, 48)]
    return [(product_errors(), 0.02), *((errors, 2e-3) for errors in densities)]


def main() -> None:
    failed = False
    for errors, bound in bounded_errors():
        for name, error in errors.items():
            failed |= not error <= bound
            print(f"{name:75} {error:.1e}{'' if error <= bound else f'  is over {bound}'}")
    sys.exit(failed)
