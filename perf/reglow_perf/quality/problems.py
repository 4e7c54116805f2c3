"""The five linear inverse problems of the paper's table, in PyTorch: y = A u + noise on pixel values u in [0, 1]."""

import dataclasses
import pathlib
import zlib
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

LinearMap = Callable[[torch.Tensor], torch.Tensor]


@dataclasses.dataclass(frozen=True)
class Measurement:
    """y (1, 3, h, w) on the [0, 1] scale, and A, which takes images (1, 3, H, W)."""

    apply: LinearMap
    y: torch.Tensor
    image_shape: tuple[int, ...]

    @property
    def centred(self) -> torch.Tensor:
        """The measurement of x = u - 0.5: A is linear, so it is y - A(0.5)."""
        return self.y - self.apply(torch.full(self.image_shape, 0.5, dtype=self.y.dtype))

    def adjoint(self, y: torch.Tensor) -> torch.Tensor:
        """A' y, by automatic differentiation of <A x, y>."""
        x = torch.zeros(self.image_shape, dtype=y.dtype, requires_grad=True)
        return torch.autograd.grad(self.apply(x), x, y)[0]

    def normalized_adjoint(self) -> torch.Tensor:
        """A' y / A' 1 for the centred y: what is observed, spread back; 0 (mid-grey) where nothing is observed."""
        weight = self.adjoint(torch.ones_like(self.y))
        return torch.where(weight > 0, self.adjoint(self.centred) / weight, 0)


def identity(x: torch.Tensor) -> torch.Tensor:
    return x


def blur(size: int) -> LinearMap:
    """Uniform size x size filter, periodic border; size is odd."""
    reach = size // 2
    return lambda x: F.avg_pool2d(F.pad(x, (reach, reach, reach, reach), mode="circular"), size, stride=1)


def local_mean(scale: int) -> LinearMap:
    """Mean over scale x scale pixels: (H, W) -> (H / scale, W / scale)."""
    return lambda x: F.avg_pool2d(x, scale)


def masked(mask: np.ndarray) -> LinearMap:
    """Keeps the pixels where mask (H, W) is 1, and puts 0 elsewhere."""
    plane = torch.from_numpy(mask.astype(np.float32))
    return lambda x: x * plane


def random_mask(height: int, width: int, generator: np.random.Generator) -> np.ndarray:
    """60 % of the pixels missing, all channels together; the count is exact."""
    order = generator.permutation(height * width)
    mask = np.ones(height * width, dtype=np.uint8)
    mask[order[: round(0.6 * height * width)]] = 0
    return mask.reshape(height, width)


def hole_mask(height: int, width: int, generator: np.random.Generator) -> np.ndarray:
    """A 20x20 square missing in the centre."""
    mask = np.ones((height, width), dtype=np.uint8)
    top, left = (height - 20) // 2, (width - 20) // 2
    mask[top : top + 20, left : left + 20] = 0
    return mask


FIXED_OPERATORS: dict[str, LinearMap] = {"deblur": blur(5), "superres-x2": local_mean(2), "superres-x4": local_mean(4)}
MASKS = {"inpaint-random": random_mask, "inpaint-hole": hole_mask}
NAMES = [*FIXED_OPERATORS, *MASKS]


def simulate(problem: str, truth: torch.Tensor, name: str, sigma: float, seed: int) -> Measurement:
    """y = A u + sigma * noise; missing pixels are 0. Mask and noise depend on seed, problem and image name alone."""
    generator = np.random.default_rng([seed, zlib.crc32(f"{problem}/{name}".encode())])
    if problem in MASKS:
        operator = masked(MASKS[problem](*truth.shape[2:], generator))
    else:
        operator = FIXED_OPERATORS[problem]
    clean = operator(truth)
    noise = torch.from_numpy(generator.standard_normal(clean.shape).astype(np.float32)) * sigma
    y = clean + noise
    return Measurement(operator, operator(y) if problem in MASKS else y, truth.shape)


def read(folder: pathlib.Path, problem: str, truth: torch.Tensor, name: str) -> Measurement:
    """folder/PROBLEM/NAME.npy, y as float32 (3, h, w); for inpainting NAME.mask.png too, white where observed."""
    y = torch.from_numpy(np.load(folder / problem / f"{name}.npy").astype(np.float32))[None]
    if problem in MASKS:
        with Image.open(folder / problem / f"{name}.mask.png") as picture:
            operator = masked(np.asarray(picture.convert("L")) > 127)
    else:
        operator = FIXED_OPERATORS[problem]
    expected = operator(truth).shape
    if y.shape != expected:
        raise SystemExit(f"{folder / problem / name}.npy: shape {tuple(y.shape[1:])}, expected {tuple(expected[1:])}")
    return Measurement(operator, y, truth.shape)
