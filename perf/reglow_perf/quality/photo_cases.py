"""The measurements of photographs that are compared: what is measured, with which noise."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont


@dataclass(frozen=True)
class Case:
    """A problem of photographs."""

    #: denoise, deblur, superres or inpaint: which peers there are.
    kind: str
    words: str
    #: What `reglow degrade` and `reglow restore` are told.
    operator: list[str]
    noise: float
    #: Makes the mask for a size (width, height), white where known; None where there is none, or the command draws one.
    mask: Callable[[tuple[int, int]], Image.Image] | None = None
    draws_mask: bool = False
    point_spread: np.ndarray | None = None


def gaussian(deviation: float) -> np.ndarray:
    reach = int(np.ceil(4 * deviation))
    line = np.exp(-0.5 * (np.arange(-reach, reach + 1) / deviation) ** 2)
    kernel = np.outer(line, line)
    return kernel / kernel.sum()


def scratches(size: tuple[int, int]) -> Image.Image:
    """Lines and writing over the whole picture, always the same for a size."""
    width, height = size
    generator = np.random.default_rng(7)
    mask = Image.new("L", size, 255)
    pen = ImageDraw.Draw(mask)
    for _ in range(40):
        (x, y), angle = generator.uniform((0, 0), size), generator.uniform(0, np.pi)
        length, thickness = generator.uniform(40, 240), int(generator.integers(1, 5))
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        pen.line([(x, y), end], fill=0, width=thickness)
    font = ImageFont.load_default(size=28)
    for row in range(24, height - 24, 96):
        pen.text((24, row), "the quick brown fox jumps over the lazy dog " * (width // 560 + 1), fill=0, font=font)
    return mask


def denoise(noise: float) -> Case:
    return Case("denoise", f"noise {noise:g}", ["--problem", "denoise"], noise)


def deblur(words: str, text: str, kernel: np.ndarray) -> Case:
    operator = ["--problem", "deblur", "--point-spread", text, "--border", "periodic"]
    return Case("deblur", words, operator, 0.01, point_spread=kernel)


CASES = {
    "denoise-0.02": denoise(0.02),
    "denoise-0.05": denoise(0.05),
    "denoise-0.1": denoise(0.1),
    "deblur-uniform": deblur("uniform 5 x 5, periodic, noise 0.01", "uniform:5", np.full((5, 5), 1 / 25)),
    "deblur-gaussian": deblur("Gaussian of 1.6 pixels, periodic, noise 0.01", "gaussian:1.6", gaussian(1.6)),
    "superres-x2": Case("superres", "means of 2 x 2, noise 0.01", ["--problem", "superres", "--scale", "2"], 0.01),
    "inpaint-random": Case(
        "inpaint", "60 % of the pixels missing, noise 0.01", ["--problem", "inpaint", "--missing", "0.6"], 0.01, draws_mask=True
    ),
    "inpaint-scratches": Case("inpaint", "lines and writing, noise 0.01", ["--problem", "inpaint"], 0.01, mask=scratches),
}
