"""Crops of photographs of any size, drawn on the GPU."""

import multiprocessing
import pathlib

import numpy
import torch
from PIL import Image


def _pyramid(task: tuple[pathlib.Path, tuple[float, ...]]) -> list[numpy.ndarray]:
    path, scales = task
    with Image.open(path) as file:
        image = file.convert("RGB")
    sizes = [(round(image.width * scale), round(image.height * scale)) for scale in scales]
    return [numpy.asarray(image if size == image.size else image.resize(size, Image.Resampling.LANCZOS)) for size in sizes]


class Photographs:
    """All photographs of a folder at several scales, as bytes on a device; a crop's chance grows with the area that it is drawn from."""

    def __init__(self, folder: pathlib.Path, scales: tuple[float, ...], crop: int, device: str = "cuda"):
        paths = sorted(path for path in folder.iterdir() if path.suffix in (".jpg", ".png"))
        with multiprocessing.Pool() as pool:
            images = [image for pyramid in pool.map(_pyramid, [(path, scales) for path in paths], chunksize=4) for image in pyramid]
        images = [image for image in images if min(image.shape[:2]) >= crop]
        self.count, self.crop = len(paths), crop
        self.pixels = torch.from_numpy(numpy.concatenate([image.reshape(-1, 3) for image in images])).to(device)
        areas = torch.tensor([image.shape[0] * image.shape[1] for image in images])
        self.starts = (areas.cumsum(0) - areas).to(device)
        self.sizes = torch.tensor([image.shape[:2] for image in images]).to(device)
        self.chances = (areas / areas.sum()).cumsum(0).float().to(device)

    def draw(self, count: int) -> torch.Tensor:
        """(N, 3, crop, crop) float32 from 0 to 1, turned and mirrored in the eight ways of a square."""
        device = self.pixels.device
        draws = torch.rand(count, 6, device=device)
        chosen = torch.searchsorted(self.chances, draws[:, 0].contiguous()).clamp(max=len(self.starts) - 1)
        sizes = self.sizes[chosen]
        corner = (draws[:, 1:3] * (sizes - self.crop + 1)).long()
        line = torch.arange(self.crop, device=device)
        down = torch.where((draws[:, 3] < 0.5).view(-1, 1), line, self.crop - 1 - line)
        across = torch.where((draws[:, 4] < 0.5).view(-1, 1), line, self.crop - 1 - line)
        rows, columns = down.unsqueeze(2) + corner[:, 0].view(-1, 1, 1), across.unsqueeze(1) + corner[:, 1].view(-1, 1, 1)
        index = self.starts[chosen].view(-1, 1, 1) + rows * sizes[:, 1].view(-1, 1, 1) + columns
        crops = self.pixels[index].permute(0, 3, 1, 2).float() / 255
        return torch.where((draws[:, 5] < 0.5).view(-1, 1, 1, 1), crops.transpose(2, 3), crops)
