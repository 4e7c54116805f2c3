"""A flow in the form of a model file of version 1, in double precision: what the checkpoints of all families are made of."""

import dataclasses

import torch

from reglow_perf.glow import folded


@dataclasses.dataclass
class Step:
    """u = M x + m; then the first half of u, through three convolutions, moves the second.

    `layers` are the weight (outputs, inputs, size, size) and the bias of each convolution; the last has all shifts before all raw scales.
    """

    matrix: torch.Tensor
    bias: torch.Tensor
    layers: list[tuple[torch.Tensor, torch.Tensor]]


@dataclasses.dataclass
class Flow:
    """`levels[l][k]`, finest level first."""

    levels: list[list[Step]]
    affine: bool

    @property
    def steps(self) -> list[int]:
        return [len(level) for level in self.levels]

    @property
    def channels(self) -> int:
        """Of the finest level: four for each channel of an image."""
        return len(self.levels[0][0].bias)

    @property
    def hidden(self) -> int:
        return len(self.levels[0][0].layers[0][1])


def read(path: str) -> Flow:
    """The flow of a model file of version 1."""
    architecture, tensors = folded.tensors_of(path)
    levels = []
    for level, count in enumerate(architecture.steps):
        steps = []
        for index in range(count):
            name = f"levels.{level}.steps.{index}."
            one = {key: tensors[name + key].double() for key in ("invconv.weight", "invconv.bias")}
            layers = [(tensors[f"{name}net.{layer}.weight"].double(), tensors[f"{name}net.{layer}.bias"].double()) for layer in range(3)]
            layers[1] = (layers[1][0].reshape(*layers[1][0].shape[:2], 1, 1), layers[1][1])
            steps.append(Step(one["invconv.weight"], one["invconv.bias"], layers))
        levels.append(steps)
    return Flow(levels, architecture.affine)


def random(steps: list[int], hidden: int, affine: bool, generator: torch.Generator, image_channels: int = 3) -> Flow:
    """A flow of random weights of moderate size."""

    def uniform(*shape: int, reach: float) -> torch.Tensor:
        return reach * (2 * torch.rand(*shape, generator=generator, dtype=torch.float64) - 1)

    levels = []
    for level, count in enumerate(steps):
        c = image_channels << (level + 2)
        outputs = c if affine else c // 2
        made = []
        for _ in range(count):
            shapes = [(hidden, c // 2, 3), (hidden, hidden, 1), (outputs, hidden, 3)]
            layers = [(uniform(o, i, side, side, reach=(1.5 / (i * side * side)) ** 0.5), uniform(o, reach=0.3)) for o, i, side in shapes]
            matrix = torch.linalg.qr(uniform(c, c, reach=1.0)).Q @ torch.diag(1 + uniform(c, reach=0.3))
            made.append(Step(matrix, uniform(c, reach=0.2), layers))
        levels.append(made)
    return Flow(levels, affine)
