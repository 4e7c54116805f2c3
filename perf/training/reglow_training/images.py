"""The batches of a training on a GPU, as the engine's `reglow train --clean-jpeg --chroma-detail` draws them, from images that all have
the size of a crop."""

import io
import multiprocessing
import pathlib

import numpy
import torch
from PIL import Image
from torch.nn import functional as F

BLOCK, STRIDE = 8, 2


def paths(folder: pathlib.Path, pattern: str) -> list[pathlib.Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise SystemExit(f"{folder}: holds no {pattern} files")
    return found


def read(path: pathlib.Path) -> numpy.ndarray:
    with Image.open(path) as image:
        return numpy.asarray(image.convert("RGB"))


def _cleaned(task: tuple[pathlib.Path, int]) -> numpy.ndarray:
    """The mean of the image coded again at 16 alignments of the blocks; it goes on mirrored at its border."""
    path, quality = task
    image = read(path)
    height, width, _ = image.shape
    total = numpy.zeros(image.shape, numpy.float32)
    for down in range(0, BLOCK, STRIDE):
        for across in range(0, BLOCK, STRIDE):
            frame = numpy.pad(image, ((down, BLOCK - down), (across, BLOCK - across), (0, 0)), mode="symmetric")
            file = io.BytesIO()
            Image.fromarray(frame).save(file, "JPEG", quality=quality, subsampling=0)
            file.seek(0)
            total += numpy.asarray(Image.open(file))[down : down + height, across : across + width]
    return (total * (STRIDE * STRIDE / (BLOCK * BLOCK)) + 0.5).astype(numpy.uint8)


def cleaned(folder: pathlib.Path, quality: int) -> torch.Tensor:
    """(N, 3, H, W) bytes of the JPEG files of a folder, by name."""
    tasks = [(path, quality) for path in paths(folder, "*.jpg")]
    with multiprocessing.Pool() as pool:
        images = pool.map(_cleaned, tasks, chunksize=64)
    return torch.from_numpy(numpy.stack(images)).permute(0, 3, 1, 2).contiguous()


def held_out(folder: pathlib.Path) -> torch.Tensor:
    """(N, 3, H, W) bytes of the PNG files of a folder."""
    return torch.from_numpy(numpy.stack([read(path) for path in paths(folder, "*.png")])).permute(0, 3, 1, 2).contiguous()


def _smoothed(planes: torch.Tensor) -> torch.Tensor:
    weights = torch.exp(-torch.arange(-4, 5, device=planes.device).float().square() / 4.5)
    weights = (weights / weights.sum()).view(1, 1, 1, 9)
    count, channels, height, width = planes.shape
    planes = F.pad(planes, (4, 4, 4, 4), mode="replicate").reshape(count * channels, 1, height + 8, width + 8)
    return F.conv2d(F.conv2d(planes, weights), weights.transpose(2, 3)).view(count, channels, height, width)


def luma(images: torch.Tensor) -> torch.Tensor:
    return 0.299 * images[:, 0:1] + 0.587 * images[:, 1:2] + 0.114 * images[:, 2:3]


def with_chroma_detail(images: torch.Tensor, strength: torch.Tensor, gains: torch.Tensor) -> torch.Tensor:
    """The engine's `ChromaDetail` on (N, 3, H, W) from 0 to 255, with strength (N) and gains (N, 3); 0 changes nothing."""
    brightness = luma(images)
    smooth = _smoothed(torch.cat((images, brightness), 1))
    detail = (brightness - smooth[:, 3:]) / (smooth[:, 3:] + 8)
    terms = gains.view(-1, 3, 1, 1) * smooth[:, :3] * detail
    terms = terms - luma(terms)
    return (images + strength.view(-1, 1, 1, 1) * terms).clamp(0, 255).round()


def batch(images: torch.Tensor, chosen: torch.Tensor, chroma_part: float, noise_bits: int) -> torch.Tensor:
    """The images of these numbers as the model sees them: half of them mirrored, a part with fine colour, all with uniform noise."""
    x = images[chosen].float()
    draws = torch.rand(len(chosen), 3, device=x.device)
    strength = 1.5 * draws[:, 1] * (draws[:, 0] < chroma_part)
    x = with_chroma_detail(x, strength, 1 + 0.15 * torch.randn(len(chosen), 3, device=x.device))
    x = torch.where((draws[:, 2] < 0.5).view(-1, 1, 1, 1), x.flip(3), x)
    return dequantized(x, noise_bits)


def dequantized(x: torch.Tensor, noise_bits: int) -> torch.Tensor:
    return x / 255 - 0.5 + 2.0**-noise_bits * (torch.rand_like(x) - 0.5)
