"""Images as arrays."""

import pathlib

import numpy as np
from PIL import Image


def read(path: pathlib.Path, dtype: type = np.float64) -> np.ndarray:
    """(3, H, W) on the [0, 1] scale."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=dtype).transpose(2, 0, 1) / 255


def psnr(truth: np.ndarray, image: np.ndarray) -> float:
    """Of the image clipped to [0, 1], in dB; infinite where that is the truth."""
    error = float(np.mean((truth - np.clip(image, 0, 1)) ** 2, dtype=np.float64))
    return float("inf") if error == 0 else -10 * float(np.log10(error))
