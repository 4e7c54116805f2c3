"""Glow with additive coupling as it is trained on a GPU: the parametrization of the engine's `TrainingTensor`, a level at a time.

The tensors of a level's K steps are stacked, so that an optimizer, the mixing matrices and the casts to bfloat16 run a few large
kernels in place of many small ones.
"""

import math

import numpy
import scipy.linalg
import torch
from safetensors import safe_open
from torch.nn import functional as F

from coupling_products import CouplingProducts


def padded(columns: int) -> int:
    """The next multiple of 8, as matrix units want it."""
    return -(-columns // 8) * 8


class Level(torch.nn.Module):
    """K flow steps of C channels with networks of width h."""

    def __init__(self, steps: int, channels: int, hidden: int):
        super().__init__()
        half = channels // 2
        self.channels, self.half = channels, half

        def zeros(*shape: int) -> torch.nn.Parameter:
            return torch.nn.Parameter(torch.zeros(steps, *shape))

        self.actnorm_bias, self.actnorm_log_scale = zeros(channels), zeros(channels)
        self.factors = zeros(channels, channels)
        self.weight0, self.bias0 = zeros(9 * half, hidden), zeros(hidden)
        self.weight1, self.bias1 = zeros(hidden, hidden), zeros(hidden)
        self.weight2, self.bias2, self.log_scale2 = zeros(9 * half, hidden), zeros(half), zeros(half)
        self.register_buffer("permutation", torch.zeros(steps, channels, channels))
        self.register_buffer("signs", torch.ones(steps, channels))

    def mixing(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """M (K, C, C), m (K, C) and the sum of log|det M| over the steps."""
        diagonal = torch.diagonal(self.factors, dim1=1, dim2=2)
        lower = torch.tril(self.factors, -1) + torch.eye(self.channels, device=self.factors.device)
        upper = torch.triu(self.factors, 1) + torch.diag_embed(self.signs * diagonal.exp())
        mixing = (self.permutation @ (lower @ upper)) * self.actnorm_log_scale.exp().unsqueeze(1)
        bias = (mixing @ self.actnorm_bias.unsqueeze(2)).squeeze(2)
        return mixing, bias, self.actnorm_log_scale.sum() + diagonal.sum()

    def forward(self, x: torch.Tensor, size: tuple[int, int]) -> tuple[torch.Tensor, torch.Tensor]:
        """(P, C) -> (P, C) and log|det| of one image."""
        mixing, bias, log_determinant = self.mixing()
        kind = torch.bfloat16
        rows = padded(9 * self.half + 1) - 9 * self.half - 1
        weight0 = F.pad(torch.cat((self.weight0, self.bias0.unsqueeze(1)), 1).to(kind), (0, 0, 0, rows)).unbind()
        weight1, bias1 = self.weight1.to(kind).unbind(), self.bias1.to(kind).unbind()
        weight2 = F.pad(self.weight2.to(kind), (0, 0, 0, padded(9 * self.half) - 9 * self.half)).unbind()
        scale2, mixing, bias = (3 * self.log_scale2).exp().unbind(), mixing.transpose(1, 2).unbind(), bias.unbind()
        for k, bias2 in enumerate(self.bias2.unbind()):
            u = torch.addmm(bias[k], x, mixing[k])
            a, b = u[:, : self.half], u[:, self.half :]
            shift = CouplingProducts.apply(a, weight0[k], weight1[k], bias1[k], weight2[k], size)
            x = torch.cat((a, torch.addcmul(b, shift + bias2, scale2[k])), 1)
        return x, size[0] * size[1] * log_determinant

    def set_mixing(self, step: int, matrix: numpy.ndarray) -> None:
        permutation, lower, upper = scipy.linalg.lu(matrix)
        diagonal = numpy.diagonal(upper)
        factors = numpy.tril(lower, -1) + numpy.triu(upper, 1) + numpy.diag(numpy.log(numpy.abs(diagonal)))
        self.factors.data[step] = torch.from_numpy(factors)
        self.permutation[step] = torch.from_numpy(permutation)
        self.signs[step] = torch.from_numpy(numpy.sign(diagonal))


class TrainedGlow(torch.nn.Module):
    """L levels of K steps, width h, images of 3 channels."""

    def __init__(self, levels: int, steps: int, hidden: int):
        super().__init__()
        self.steps, self.hidden = steps, hidden
        self.levels = torch.nn.ModuleList(Level(steps, 12 << level, hidden) for level in range(levels))

    def bits(self, x: torch.Tensor) -> torch.Tensor:
        """Bits per dimension of each image of x (N, 3, H, W), the density of x itself: a negative number for images."""
        count, n = len(x), x[0].numel()
        energy, log_determinant = torch.zeros(count, device=x.device), 0
        for index, level in enumerate(self.levels):
            x = F.pixel_unshuffle(x, 2)
            size = (x.shape[2], x.shape[3])
            rows, change = level(x.permute(0, 2, 3, 1).reshape(-1, level.channels), size)
            log_determinant = log_determinant + change
            x = rows.view(count, *size, level.channels).permute(0, 3, 1, 2)
            if index + 1 < len(self.levels):
                x, sent = x.chunk(2, 1)
                energy = energy + sent.square().sum((1, 2, 3))
        energy = energy + x.square().sum((1, 2, 3))
        return (energy / 2 + n / 2 * math.log(2 * math.pi) - log_determinant) / (n * math.log(2))

    @torch.no_grad()
    def grow(self, path: str, generator: torch.Generator) -> None:
        """Takes over the function of a smaller model file: new steps come in pairs that undo each other, new hidden channels have no
        outputs yet, and what is new is drawn as for a new flow."""
        with safe_open(path, framework="pt") as file:
            metadata = file.metadata()
            known = [int(count) for count in metadata["steps"].split(",")]
            if metadata["coupling"] != "additive" or len(known) != len(self.levels):
                raise SystemExit(f"{path}: not an additive model of {len(self.levels)} levels")
            for level, (module, former) in enumerate(zip(self.levels, known)):
                if former > self.steps or (self.steps - former) % 2 or int(metadata["hidden"]) > self.hidden:
                    raise SystemExit(f"{path}: level {level} cannot grow to {self.steps} steps of width {self.hidden}")
                module.weight0.normal_(0, 0.05, generator=generator)
                module.weight1.normal_(0, 0.05, generator=generator)
                for step in range(former):
                    tensors = {
                        key: file.get_tensor(f"levels.{level}.steps.{step}.{key}").float()
                        for key in ("invconv.weight", "invconv.bias", *(f"net.{i}.{part}" for i in range(3) for part in ("weight", "bias")))
                    }
                    _take_over(module, step, tensors)
                for step in range(former, self.steps, 2):
                    rotation = torch.linalg.qr(torch.randn(module.channels, module.channels, generator=generator, dtype=torch.float64))[0]
                    module.set_mixing(step, rotation.numpy())
                    module.set_mixing(step + 1, rotation.t().contiguous().numpy())


def _take_over(module: Level, step: int, tensors: dict[str, torch.Tensor]) -> None:
    weight = tensors["invconv.weight"].double()
    module.set_mixing(step, weight.numpy())
    module.actnorm_bias[step] = torch.linalg.solve(weight, tensors["invconv.bias"].double()).float()
    first, middle, last = (tensors[f"net.{i}.weight"] for i in range(3))
    h = len(first)
    module.weight0[step, :, :h] = first.flatten(1).t()
    module.bias0[step, :h] = tensors["net.0.bias"]
    module.weight1[step, h:, :h] = 0
    module.weight1[step, :h, :h] = middle.reshape(h, h).t()
    module.bias1[step, :h] = tensors["net.1.bias"]
    module.weight2[step, :, :h] = last.permute(0, 2, 3, 1).reshape(-1, h)
    module.bias2[step] = tensors["net.2.bias"]


@torch.no_grad()
def folded(model: TrainedGlow) -> dict[str, torch.Tensor]:
    """The tensors of the model file; the weights of the networks in float16."""
    tensors = {}
    for index, level in enumerate(model.levels):
        double = Level(model.steps, level.channels, model.hidden).double()
        double.load_state_dict(level.state_dict())
        mixing, bias, _ = double.mixing()
        half, hidden = level.half, model.hidden
        scale = (3 * double.log_scale2).exp()
        for step in range(model.steps):
            name = f"levels.{index}.steps.{step}"
            tensors[f"{name}.invconv.weight"], tensors[f"{name}.invconv.bias"] = mixing[step].float(), bias[step].float()
            last = double.weight2[step].view(half, 3, 3, hidden).permute(0, 3, 1, 2) * scale[step].view(half, 1, 1, 1)
            network = {
                "net.0.weight": double.weight0[step].t().reshape(hidden, half, 3, 3), "net.0.bias": double.bias0[step],
                "net.1.weight": double.weight1[step].t(), "net.1.bias": double.bias1[step],
                "net.2.weight": last, "net.2.bias": double.bias2[step] * scale[step],
            }
            for key, value in network.items():
                tensors[f"{name}.{key}"] = value.to(torch.float16 if key.endswith("weight") else torch.float32)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


def metadata(model: TrainedGlow, **texts: str) -> dict[str, str]:
    return {
        "format": "reglow-glow/1", "image_channels": "3", "levels": str(len(model.levels)),
        "steps": ",".join([str(model.steps)] * len(model.levels)), "hidden": str(model.hidden), "coupling": "additive",
        "pixel_shift": "-0.5", **texts,
    }
