"""Glow in folded form (`reglow-glow/1`) as a PyTorch module: the peer that the engine is compared with.

The map, the tensor names and the order of the latent are those of the model format. All weights are frozen:
a solver differentiates in the image or in the latent, never in the weights.
"""

import dataclasses
import math

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional as F


@dataclasses.dataclass(frozen=True)
class Architecture:
    """What fixes every shape: `steps[l]` flow steps on level l, finest level first."""

    steps: tuple[int, ...]
    hidden: int
    affine: bool = False
    image_channels: int = 3

    @property
    def levels(self) -> int:
        return len(self.steps)


class InvertibleConvolution(nn.Module):
    """u = M x + m at every pixel, with M (C, C), m (C), and its inverse x = M^-1 u - M^-1 m."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor, dtype: torch.dtype):
        super().__init__()
        weight, bias = weight.double(), bias.double()
        inverse = torch.linalg.inv(weight)
        self.log_abs_determinant = torch.linalg.slogdet(weight).logabsdet.item()
        channels = len(bias)
        self.register_buffer("weight", weight.reshape(channels, channels, 1, 1).to(dtype))
        self.register_buffer("bias", bias.to(dtype))
        self.register_buffer("inverse_weight", inverse.reshape(channels, channels, 1, 1).to(dtype))
        self.register_buffer("inverse_bias", -(inverse @ bias).to(dtype))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.conv2d(x, self.weight, self.bias)

    def inverse(self, u: torch.Tensor) -> torch.Tensor:
        return F.conv2d(u, self.inverse_weight, self.inverse_bias)


class CouplingNetwork(nn.Module):
    """conv3x3, relu, conv1x1, relu, conv3x3: (N, C/2, H, W) -> (N, O, H, W).

    Works in the type of its own weights, which may be bfloat16; input and output keep the type of the flow state.
    """

    def __init__(self, layers: list[tuple[torch.Tensor, torch.Tensor]]):
        super().__init__()
        self.first, self.middle, self.last = (self._convolution(weight, bias) for weight, bias in layers)

    @staticmethod
    def _convolution(weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Conv2d:
        outputs, inputs, size, _ = weight.shape
        convolution = nn.utils.skip_init(nn.Conv2d, inputs, outputs, size, padding=size // 2, bias=bias is not None)
        convolution.weight = nn.Parameter(weight, requires_grad=False)
        if bias is not None:
            convolution.bias = nn.Parameter(bias, requires_grad=False)
        return convolution

    def hidden(self, conditioning: torch.Tensor) -> torch.Tensor:
        # In place: the backward of a convolution does not need its output, that of relu needs only its result.
        hidden = F.relu(self.first(conditioning.to(self.first.weight.dtype)), inplace=True)
        return F.relu(self.middle(hidden), inplace=True)

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        return self.last(self.hidden(conditioning)).to(conditioning.dtype)


class TapCouplingNetwork(CouplingNetwork):
    """The same map with the last convolution as one 1x1 product, (9 O) x h, whose 9 tap planes are shifted and added."""

    def __init__(self, layers: list[tuple[torch.Tensor, torch.Tensor]]):
        *others, (weight, bias) = layers
        outputs, hidden, _, _ = weight.shape
        # A convolution gathers from tap d what the shifted sum scatters to tap -d.
        taps = weight.flip(2, 3).permute(0, 2, 3, 1).reshape(9 * outputs, hidden, 1, 1)
        super().__init__([*others, (taps.contiguous(), None)])
        self.register_buffer("last_bias", bias.reshape(outputs, 1, 1))

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        planes = self.last(self.hidden(conditioning)).to(conditioning.dtype)
        shift = F.fold(planes.flatten(2), conditioning.shape[2:], kernel_size=3, padding=1)
        return shift + self.last_bias.to(conditioning.dtype)


class ProductCouplingNetwork(nn.Module):
    """The same map as three matrix products, (outputs, depth) x (N, depth, H W): with neighbourhoods gathered before the first,
    and the tap planes of the last shifted and added."""

    def __init__(self, layers: list[tuple[torch.Tensor, torch.Tensor]]):
        super().__init__()
        for index, (weight, bias) in enumerate(layers):
            # The last one scatters to tap -d what a convolution gathers from tap d.
            matrix = weight.flip(2, 3).permute(0, 2, 3, 1).reshape(-1, weight.shape[1]) if index == 2 else weight.flatten(1)
            self.register_buffer(f"weight{index}", matrix.contiguous())
            self.register_buffer(f"bias{index}", bias.reshape(-1, 1))

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        size = conditioning.shape[2:]
        hidden = F.unfold(conditioning.to(self.weight0.dtype), kernel_size=3, padding=1)
        hidden = F.relu(torch.matmul(self.weight0, hidden).add_(self.bias0), inplace=True)
        hidden = F.relu(torch.matmul(self.weight1, hidden).add_(self.bias1), inplace=True)
        planes = torch.matmul(self.weight2, hidden).to(conditioning.dtype)
        shift = F.fold(planes, size, kernel_size=3, padding=1)
        return shift + self.bias2.to(conditioning.dtype).unsqueeze(2)


NETWORKS = {"convolution": CouplingNetwork, "taps": TapCouplingNetwork, "products": ProductCouplingNetwork}


class FlowStep(nn.Module):
    """1x1 convolution, then additive or affine coupling."""

    def __init__(self, convolution: InvertibleConvolution, network: CouplingNetwork, affine: bool):
        super().__init__()
        self.convolution = convolution
        self.network = network
        self.affine = affine

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | float]:
        """x -> (x', log|det| of the step; a number where it does not depend on x, else (N))."""
        conditioning, transformed = self.convolution(x).chunk(2, dim=1)
        log_determinant = x.shape[2] * x.shape[3] * self.convolution.log_abs_determinant
        shift = self.network(conditioning)
        if not self.affine:
            return torch.cat((conditioning, transformed + shift), dim=1), log_determinant
        shift, raw_scale = shift.chunk(2, dim=1)
        log_scale = F.logsigmoid(raw_scale + 2)
        transformed = (transformed + shift) * log_scale.exp()
        return torch.cat((conditioning, transformed), dim=1), log_determinant + log_scale.sum(dim=(1, 2, 3))

    def inverse(self, x: torch.Tensor) -> torch.Tensor:
        conditioning, transformed = x.chunk(2, dim=1)
        shift = self.network(conditioning)
        if self.affine:
            shift, raw_scale = shift.chunk(2, dim=1)
            transformed = transformed / torch.sigmoid(raw_scale + 2) - shift
        else:
            transformed = transformed - shift
        return self.convolution.inverse(torch.cat((conditioning, transformed), dim=1))


class Glow(nn.Module):
    """f: images (N, channels, H, W) -> latents (N, n), with n = channels * H * W, and g = f^-1.

    `tensors` maps the names of the model format to float32 tensors. `channels_last` sets the memory format of the flow
    state and of the weights, `network` is a name of `NETWORKS`; shapes and results do not change.
    H and W must be multiples of 2^levels.
    """

    def __init__(
        self, architecture: Architecture, tensors: dict[str, torch.Tensor],
        dtype: torch.dtype = torch.float32, channels_last: bool = False, network: str = "convolution",
    ):
        super().__init__()
        self.architecture = architecture
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.network_type = NETWORKS[network]
        self.levels = nn.ModuleList()
        for level, steps in enumerate(architecture.steps):
            self.levels.append(nn.ModuleList(
                self._step(f"levels.{level}.steps.{step}", tensors, dtype) for step in range(steps)))
        self.requires_grad_(False)

    def _step(self, name: str, tensors: dict[str, torch.Tensor], dtype: torch.dtype) -> FlowStep:
        layers = []
        for index in range(3):
            weight = tensors[f"{name}.net.{index}.weight"].to(dtype)
            weight = weight.reshape(*weight.shape[:2], *(weight.shape[2:] or (1, 1)))
            layers.append((weight.contiguous(memory_format=self.memory_format), tensors[f"{name}.net.{index}.bias"].to(dtype)))
        convolution = InvertibleConvolution(tensors[f"{name}.invconv.weight"], tensors[f"{name}.invconv.bias"], dtype)
        return FlowStep(convolution, self.network_type(layers), self.architecture.affine)

    def networks_in(self, dtype: torch.dtype) -> "Glow":
        """Keeps the flow state as it is and moves the coupling networks to another type, such as bfloat16."""
        for module in self.modules():
            if isinstance(module, tuple(NETWORKS.values())):
                module.to(dtype)
        return self

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """images -> (latents (N, n), log|det dz/dx| (N))."""
        x = images.contiguous(memory_format=self.memory_format)
        latents = []
        log_determinant = x.new_zeros(len(x))
        for level, steps in enumerate(self.levels):
            x = F.pixel_unshuffle(x, 2)
            for step in steps:
                x, change = step(x)
                log_determinant = log_determinant + change
            if level < len(self.levels) - 1:
                x, latent = x.chunk(2, dim=1)
                latents.append(latent.flatten(1))
        latents.append(x.flatten(1))
        return torch.cat(latents, dim=1), log_determinant

    def inverse(self, latents: torch.Tensor, height: int, width: int) -> torch.Tensor:
        """latents (N, n) -> images (N, channels, height, width)."""
        shapes = self.latent_shapes(height, width)
        parts = latents.split([math.prod(shape) for shape in shapes], dim=1)
        x = None
        for steps, part, shape in zip(reversed(self.levels), reversed(parts), reversed(shapes)):
            latent = part.reshape(-1, *shape)
            x = latent if x is None else torch.cat((x, latent), dim=1)
            x = x.contiguous(memory_format=self.memory_format)
            for step in reversed(steps):
                x = step.inverse(x)
            x = F.pixel_shuffle(x, 2)
        return x

    def latent_shapes(self, height: int, width: int) -> list[tuple[int, int, int]]:
        """(channels, rows, columns) of each level's part of the latent, finest level first."""
        shapes = []
        channels = self.architecture.image_channels
        for level in range(self.architecture.levels):
            channels, height, width = 4 * channels, height // 2, width // 2
            if level < self.architecture.levels - 1:
                channels //= 2
            shapes.append((channels, height, width))
        return shapes


def load(path: str, **options) -> Glow:
    """The model of a safetensors file. `options` are those of `Glow`."""
    with safe_open(path, framework="pt") as file:
        metadata = file.metadata() or {}
        if metadata.get("format") != "reglow-glow/1":
            raise SystemExit(f"{path}: not a reglow-glow/1 model")
        architecture = Architecture(
            steps=tuple(int(count) for count in metadata["steps"].split(",")),
            hidden=int(metadata["hidden"]),
            affine=metadata["coupling"] == "affine",
            image_channels=int(metadata["image_channels"]))
        # A copy of each tensor, so that the file's mapping does not count as memory twice.
        return Glow(architecture, {name: file.get_tensor(name).float().clone() for name in file.keys()}, **options)


def random(architecture: Architecture, seed: int = 0, **options) -> Glow:
    """A stable random model: M orthogonal, networks with unit gain inside and a small last layer."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape: int, scale: float) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * scale

    tensors = {}
    hidden, channels = architecture.hidden, architecture.image_channels
    for level, steps in enumerate(architecture.steps):
        channels *= 4
        half, outputs = channels // 2, channels if architecture.affine else channels // 2
        for step in range(steps):
            name = f"levels.{level}.steps.{step}"
            tensors[f"{name}.invconv.weight"] = torch.linalg.qr(normal(channels, channels, scale=1))[0]
            tensors[f"{name}.invconv.bias"] = normal(channels, scale=0.01)
            tensors[f"{name}.net.0.weight"] = normal(hidden, half, 3, 3, scale=math.sqrt(2 / (9 * half)))
            tensors[f"{name}.net.0.bias"] = normal(hidden, scale=0.1)
            tensors[f"{name}.net.1.weight"] = normal(hidden, hidden, scale=math.sqrt(2 / hidden))
            tensors[f"{name}.net.1.bias"] = normal(hidden, scale=0.1)
            tensors[f"{name}.net.2.weight"] = normal(outputs, hidden, 3, 3, scale=0.1 / math.sqrt(9 * hidden))
            tensors[f"{name}.net.2.bias"] = normal(outputs, scale=0.01)
        channels //= 2
    return Glow(architecture, tensors, **options)
