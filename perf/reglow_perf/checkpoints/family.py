"""What the families have in common: a state dict by the family's names, made of a flow, and its map by the family's formulas.

Written after the families' own codes as docs/import.md names them, apart from the importer, which it is there to check.
"""

import copy
import math

import torch
from torch.nn import functional as F

from reglow_perf.checkpoints.flow import Flow, Step

State = dict[str, torch.Tensor]


class Family:
    """A model of one family. `state` are its tensors, float64 as they are made; the map takes them in the type that they have.

    A subclass says in class attributes what its code does, puts steps and priors into the state, and computes with them.
    """

    name = ""
    suffix = ".pt"
    # What the code adds to a pixel value less 1/2.
    offset = 0.0
    # Whether the second half of the channels conditions, and the first moves.
    second_conditions = False
    # One more hidden channel takes away what the last convolution makes of a padding that is not zero.
    cancels_padding = False
    # Keys that are not trained.
    fixed: tuple[str, ...] = ()

    def __init__(self, steps: list[int], channels: int, affine: bool, state: State | None = None):
        self.steps, self.channels, self.affine = steps, channels, affine
        self.state: State = {} if state is None else state

    # ---- From a flow ----

    @classmethod
    def prepared(cls, flow: Flow, generator: torch.Generator) -> Flow:
        """The flow with the levels and steps that the family has.

        A split sends what the last step has moved where the first half conditions, and what it has not moved where the second does: then
        one more step on each level exchanges the halves.
        """
        if not cls.second_conditions:
            return flow
        hidden = flow.hidden
        levels = []
        for level, steps in enumerate(flow.levels):
            c = flow.channels << level
            levels.append([*steps, neutral(torch.eye(c, dtype=torch.float64).roll(c // 2, 0), hidden, flow.affine, generator)])
        return Flow(levels, flow.affine)

    @classmethod
    def of(cls, flow: Flow, generator: torch.Generator, size: tuple[int, int] = (64, 64), affine: bool = True, **options) -> "Family":
        """A checkpoint that is the same map as a flow, up to roundings. What folding merges is taken apart at random.

        size     height and width of the images
        affine   whether an additive flow becomes an affine model whose scales do not depend on the image
        """
        flow = cls.prepared(flow, generator)
        model = cls(flow.steps, flow.channels, affine or flow.affine)
        model.generator, model.size = generator, size
        for name, value in options.items():
            setattr(model, name, value)
        for level, steps in enumerate(flow.levels):
            for index, step in enumerate(steps):
                model._put(level, index, step, flow)
            model.put_prior(level, size[0] >> (level + 1), size[1] >> (level + 1))
        return model

    def _put(self, level: int, index: int, step: Step, flow: Flow) -> None:
        c = len(step.bias)
        matrix, bias = step.matrix, step.bias
        layers = list(step.layers)
        if self.affine and not flow.affine:
            matrix, bias, layers[2] = self._with_scales(level, index, matrix, bias, *layers[2])
        if self.second_conditions:
            order = torch.cat((torch.arange(c // 2, c), torch.arange(c // 2)))
            matrix = matrix[order]
            bias = bias[order]
            if index > 0:
                matrix = matrix[:, order]
        if level == index == 0:
            bias = bias - self.offset * matrix.sum(1)
        if self.cancels_padding:
            layers = cancelling(layers)
        logs = self.drawn(c)
        mixing = matrix * torch.exp(-logs)
        self.put_step(level, index, mixing, torch.linalg.solve(matrix, bias), logs, layers)

    def _with_scales(self, level, index, matrix, bias, weight, shift):
        """Raw scales that are 0: what they do to the half that moves is taken back before them."""
        half = len(bias) // 2
        scale = torch.ones(2 * half, dtype=torch.float64)
        scale[half:] = self.scale(torch.zeros((), dtype=torch.float64), level, index)
        matrix, bias = matrix / scale[:, None], bias / scale
        factor = 1.0 if self.scales_first else 1 / scale[half]
        zeros = torch.zeros_like
        return matrix, bias, (torch.cat((weight * factor, zeros(weight))), torch.cat((shift * factor, zeros(shift))))

    def drawn(self, count: int, reach: float = 0.3) -> torch.Tensor:
        """Random numbers for what folding merges."""
        return reach * (2 * torch.rand(count, generator=self.generator, dtype=torch.float64) - 1)

    def put(self, key: str, tensor: torch.Tensor, shape: tuple[int, ...] | None = None) -> None:
        self.state[key] = (tensor if shape is None else tensor.reshape(shape)).contiguous()

    def ordered(self, outputs: torch.Tensor) -> torch.Tensor:
        """Rows, all shifts before all raw scales, in the order of the family."""
        if not self.affine:
            return outputs
        half = len(outputs) // 2
        result = torch.empty_like(outputs)
        shifts, raws = self.places(len(outputs))
        result[shifts], result[raws] = outputs[:half], outputs[half:]
        return result

    # ---- What a family says ----

    scales_first = False

    def places(self, count: int) -> tuple[slice, slice]:
        """Where shifts and raw scales stand among the outputs of the last convolution."""
        return slice(0, None, 2), slice(1, None, 2)

    def scale(self, raw: torch.Tensor, level: int, index: int) -> torch.Tensor:
        return torch.sigmoid(raw + 2)

    def put_step(self, level, index, mixing, shift, logs, layers) -> None:
        """Actnorm (x + shift) e^logs, the 1x1 convolution `mixing`, the network."""
        raise NotImplementedError

    def put_prior(self, level: int, height: int, width: int) -> None:
        """A prior that is standard normal; none where the family has none."""

    def mix(self, level: int, index: int, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The actnorm and the 1x1 convolution, and their log|det| at one pixel."""
        raise NotImplementedError

    def network(self, level: int, index: int, x: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def prior(self, level: int, kept: torch.Tensor | None, like: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor] | None:
        """Mean and log deviation of a level's latents, by the half that is kept."""
        return None

    def moved(self, half: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor | None) -> torch.Tensor:
        if scale is None:
            return half + shift
        return half * scale + shift if self.scales_first else (half + shift) * scale

    def squeezed(self, x: torch.Tensor, level: int) -> torch.Tensor:
        return F.pixel_unshuffle(x, 2)

    # ---- The map ----

    def forward(self, images: torch.Tensor) -> tuple[list[torch.Tensor], torch.Tensor]:
        """Pixel values less 1/2 -> blocks of the latent, finest level first and in the family's channels, and log|det|."""
        x = images + self.offset
        total = torch.zeros(len(x), dtype=x.dtype)
        blocks = []
        for level, count in enumerate(self.steps):
            x = self.squeezed(x, level)
            pixels = x.shape[2] * x.shape[3]
            for index in range(count):
                x, change = self.mix(level, index, x)
                total = total + pixels * change
                first, second = x.chunk(2, dim=1)
                conditioning, moving = (second, first) if self.second_conditions else (first, second)
                output = self.network(level, index, conditioning)
                scale = None
                if self.affine:
                    shifts, raws = self.places(output.shape[1])
                    scale = self.scale(output[:, raws], level, index)
                    total = total + scale.log().sum(dim=(1, 2, 3))
                    output = output[:, shifts]
                moving = self.moved(moving, output, scale)
                x = torch.cat((moving, conditioning) if self.second_conditions else (conditioning, moving), dim=1)
            last = level == len(self.steps) - 1
            kept, sent = (None, x) if last else x.chunk(2, dim=1)
            found = self.prior(level, kept, sent)
            if found is not None:
                mean, logs = found
                sent = (sent - mean) * torch.exp(-logs)
                total = total - (logs + torch.zeros_like(sent)).sum(dim=(1, 2, 3))
            blocks.append(sent)
            x = kept
        return blocks, total

    def latents(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same as the engine has it: (N, n), log|det| (N)."""
        blocks, total = self.forward(images)
        if self.second_conditions:
            blocks[-1] = torch.cat(blocks[-1].chunk(2, dim=1)[::-1], dim=1)
        return torch.cat([block.flatten(1) for block in blocks], dim=1), total

    def bits_per_dimension(self, images: torch.Tensor) -> torch.Tensor:
        """-log2 of the density of each image, over n."""
        latents, total = self.latents(images)
        n = latents.shape[1]
        nats = latents.square().sum(1) / 2 + n / 2 * math.log(2 * math.pi) - total
        return nats / (n * math.log(2))

    def trainable(self) -> list[torch.Tensor]:
        return [tensor for key, tensor in self.state.items() if tensor.is_floating_point() and key.split(".")[-1] not in self.fixed]

    def copy(self, dtype: torch.dtype) -> "Family":
        """The same model with numbers of another type."""
        state = {key: tensor.detach().to(dtype) if tensor.is_floating_point() else tensor for key, tensor in self.state.items()}
        other = copy.copy(self)
        other.state = state
        return other


def neutral(matrix: torch.Tensor, hidden: int, affine: bool, generator: torch.Generator) -> Step:
    """A step whose network has weights, but puts out zeros."""
    c = len(matrix)
    outputs = c if affine else c // 2
    first = torch.randn(hidden, c // 2, 3, 3, generator=generator, dtype=torch.float64) / (9 * c / 2) ** 0.5
    second = torch.randn(hidden, hidden, 1, 1, generator=generator, dtype=torch.float64) / hidden**0.5
    zeros = first.new_zeros
    layers = [(first, zeros(hidden)), (second, zeros(hidden)), (zeros(outputs, hidden, 3, 3), zeros(outputs))]
    return Step(matrix, zeros(c), layers)


def cancelling(layers: list[tuple[torch.Tensor, torch.Tensor]]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    """The layers with one more hidden channel, which is 0 inside of the image and 1 in the padding, where all others are 1 too.

    So what the last convolution makes of the padding is what the extra channel has, with the other sign.
    """
    (first, first_bias), (second, second_bias), (last, last_bias) = layers
    hidden = len(first)

    def wider(weight: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
        result = weight.new_zeros(rows, columns, *weight.shape[2:])
        result[: weight.shape[0], : weight.shape[1]] = weight
        return result

    extra = wider(last, len(last), hidden + 1)
    extra[:, hidden] = -last.sum(1)
    zero = first_bias.new_zeros(1)
    return [
        (wider(first, hidden + 1, first.shape[1]), torch.cat((first_bias, zero))),
        (wider(second, hidden + 1, hidden + 1), torch.cat((second_bias, zero))),
        (extra, last_bias),
    ]


# ---- Layers ----


def factors(matrix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """P, the strictly lower L, the strictly upper U, signs and logarithms of the diagonal: W = P (L + I) (U + diag(sign e^logs))."""
    p, lower, upper = torch.linalg.lu(matrix)
    diagonal = upper.diagonal()
    return p, lower.tril(-1), upper.triu(1), diagonal.sign(), diagonal.abs().log()


def product(p, lower, upper, signs, logs) -> torch.Tensor:
    """The inverse of `factors`; what they leave out of the triangles is ignored."""
    eye = torch.eye(len(signs), dtype=lower.dtype)
    return p @ (lower.tril(-1) + eye) @ (upper.triu(1) + torch.diag(signs * logs.exp()))


def normalize(x: torch.Tensor, shift: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """(x + shift) scale, channel by channel."""
    return (x + shift.reshape(1, -1, 1, 1)) * scale.reshape(1, -1, 1, 1)


def mixed(x: torch.Tensor, matrix: torch.Tensor) -> torch.Tensor:
    return F.conv2d(x, matrix.reshape(*matrix.shape[:2], 1, 1))


def convolved(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None = None, padding: float = 0.0) -> torch.Tensor:
    """A convolution that keeps the size, of an image that is padded by one number."""
    side = weight.shape[2] // 2
    return F.conv2d(F.pad(x, (side, side, side, side), value=padding), weight, bias)


def log_determinant(matrix: torch.Tensor) -> torch.Tensor:
    return torch.linalg.slogdet(matrix.reshape(matrix.shape[:2])).logabsdet
