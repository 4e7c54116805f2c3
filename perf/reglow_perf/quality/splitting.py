"""Other ways of the noise for the splitting by `noisy-photos`: PSNR of super-resolution by 2 of crops of photographs.

    python -m reglow_perf splitting PHOTOGRAPHS [--crops 5] [--side 144] [--noise 0.01]

PHOTOGRAPHS are PNG or JPEG files or folders of them. The same steps as in `HalfQuadraticSplitting`, in NumPy around the maps of the Python
package of Reglow, which it needs (REGLOW_LIBRARY may name its library): it begins at the bicubic image and takes each way below.
"""

import argparse
import pathlib
from dataclasses import dataclass

import numpy as np
from PIL import Image

from reglow_perf.quality.photo_cases import CASES
from reglow_perf.quality.photo_methods import METHODS, data_step

LEAST, TRAINED = 0.007, 0.05


@dataclass(frozen=True)
class Way:
    """Noise from `first` to `last` in so many steps, in equal ratios for a bend of 1, and the weight of what the prior says."""

    steps: int = 24
    first: float = 0.2
    last: float = 0.01
    weight: float = 0.23
    bend: float = 1.0

    def deviations(self) -> np.ndarray:
        return self.first * (self.last / self.first) ** (np.linspace(0, 1, self.steps) ** self.bend)


WAYS = {
    "as it is": Way(),
    "48 steps": Way(steps=48),
    "weight 0.1": Way(weight=0.1),
    "weight 0.5": Way(weight=0.5),
    "weight 1": Way(weight=1.0),
    "first noise 0.1": Way(first=0.1),
    "last noise 0.007": Way(last=0.007),
    "last noise 0.014": Way(last=0.014),
    "last noise 0.02": Way(last=0.02),
    "noise that falls sooner": Way(bend=0.7),
    "noise that falls later": Way(bend=1.4),
}


def means(y: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels of planes (3, H, W)."""
    channels, height, width = y.shape
    return y.reshape(channels, height // 2, 2, width // 2, 2).mean((2, 4))


def fitted(x: np.ndarray, y: np.ndarray, rho: float) -> np.ndarray:
    """argmin |A u - y|^2 + rho |u - x|^2 for A of `means`."""
    return data_step(CASES["superres-x2"], y, None, x.shape, 1 / rho)[1](x)


def denoised(point, x: np.ndarray, deviation: float, turn: int) -> np.ndarray:
    """The mean of the clean image, seen mirrored (1), upside down (2) or both (3)."""
    down, across = (slice(None, None, -1 if turn & bit else 1) for bit in (2, 1))
    deviation = max(deviation, LEAST)
    gain = TRAINED / deviation
    mapped = point.forward((gain * x[:, down, across])[None].astype(np.float32))
    gradient = point.forward_vjp(mapped.values, np.full(1, -1, np.float32))[0]
    return x - deviation**2 * gain * np.asarray(gradient, float)[:, down, across]


def restored(point, y: np.ndarray, start: np.ndarray, noise: float, way: Way) -> np.ndarray:
    image = start
    for step, deviation in enumerate(way.deviations()):
        image = fitted(image, y, way.weight * noise**2 / deviation**2)
        image = denoised(point, image, deviation, (way.steps - 1 - step) & 3)
    return image


def crops(options: argparse.Namespace) -> list[np.ndarray]:
    """Squares (3, side, side) from a third of each side of photographs that are spread over all."""
    files = sorted(each for path in options.photographs for each in (path.iterdir() if path.is_dir() else [path]))
    files = [each for each in files if each.suffix.lower() in (".png", ".jpg", ".jpeg")]
    found = []
    for path in files[:: max(1, len(files) // options.crops)][: options.crops]:
        image = Image.open(path).convert("RGB")
        left, top = image.width // 3, image.height // 3
        square = image.crop((left, top, left + options.side, top + options.side))
        found.append(np.asarray(square).transpose(2, 0, 1) / 255.0)
    return found


def decibel(truth: np.ndarray, image: np.ndarray) -> float:
    return float(-10 * np.log10(((image.clip(0, 1) - truth) ** 2).mean()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photographs", nargs="+", type=pathlib.Path)
    parser.add_argument("--crops", type=int, default=5)
    parser.add_argument("--side", type=int, default=144, help="of the crops, a multiple of 16")
    parser.add_argument("--noise", type=float, default=0.01)
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=list(WAYS))
    options = parser.parse_args()
    import reglow

    point = reglow.Prior.load("noisy-photos").point(options.side, options.side, 1)
    truths = crops(options)
    measured = [means(truth) for truth in truths]
    measured = [y + options.noise * np.random.default_rng(index).standard_normal(y.shape) for index, y in enumerate(measured)]
    starts = [METHODS["bicubic"].restore(CASES["superres-x2"], y, None, None) for y in measured]
    print("| way | PSNR |\n|---|---|")
    print(f"| bicubic | {np.mean([decibel(*each) for each in zip(truths, starts, strict=True)]):.2f} |")
    for name in options.ways:
        found = [restored(point, y, start, options.noise, WAYS[name]) for y, start in zip(measured, starts, strict=True)]
        print(f"| {name} | {np.mean([decibel(*each) for each in zip(truths, found, strict=True)]):.2f} |", flush=True)


if __name__ == "__main__":
    main()
