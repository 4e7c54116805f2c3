"""How near an image is to the truth, and how noisy a measurement is."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np

from . import _structures as s
from ._calls import call
from ._pixels import read_mask, read_pixels, require_finite
from .errors import ArgumentError


def psnr(image: Any, truth: Any, channel_axis: int | None = -1) -> Any:
    """Compute the peak signal-to-noise ratio in dB for a peak of 1; infinite where both are equal.

    Parameters
    ----------
    image, truth : array
        Of one shape, (H, W, 3) or as `channel_axis` says, or batches; integers are scaled to the
        range from 0 to 1. Neither is clipped.

    Returns
    -------
    float, or (N,) float64 array for a batch
    """
    return _compare("psnr", image, truth, channel_axis)


def ssim(image: Any, truth: Any, channel_axis: int | None = -1) -> Any:
    """Compute the mean structural similarity (Wang et al., 2004) of images of at least 11 x 11
    pixels.

    It is that of scikit-image with ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False,
    data_range=1``. Parameters and result are as those of `psnr`.
    """
    return _compare("ssim", image, truth, channel_axis)


@dataclass(frozen=True)
class NoiseEstimate:
    """sigma of a measurement, as it was estimated.

    Attributes
    ----------
    noise : float
        sigma on the scale from 0 to 1.
    certainty : str
        "measured": white noise was found. "lower-bound": it may be stronger, for it is correlated
        or like texture. "rounding": none above the rounding of the numbers. "too-few-pixels": too
        few to say.
    """

    noise: float
    certainty: str


def estimate_noise(image: Any, measured: Any | None = None, channel_axis: int | None = -1) -> NoiseEstimate:
    """Estimate sigma of one measurement that is an image.

    Parameters
    ----------
    image : array
        (H, W, 3) or (H, W), or as `channel_axis` says.
    measured : (H, W) array of bool, optional
        Where something is measured; by default everywhere.
    """
    pixels = read_pixels(image, channel_axis, "image")
    if pixels.layout.is_batch:
        raise ArgumentError(f"image has the shape {np.shape(image)}, but must be one image", "image")
    planes = pixels.planes
    known = pixels.known
    if measured is not None:
        mask = read_mask(measured, pixels.layout, planes.shape, "measured")  # type: ignore[arg-type]
        known = mask if known is None else known & mask
    require_finite(planes, "image", pixels.layout, known)
    each = None
    if known is not None:
        planes = np.where(known, planes, np.float32(0))
        each = np.ascontiguousarray(known.all(axis=(0, 1))).view(np.uint8)
    noise, certainty, shape = ctypes.c_double(), ctypes.c_int(), s.Shape(*planes.shape[1:])
    mask_data = None if each is None else each.ctypes.data
    call("estimate_noise", planes.ctypes.data, ctypes.byref(shape), mask_data, ctypes.byref(noise), ctypes.byref(certainty))
    return NoiseEstimate(noise.value, s.CERTAINTIES[certainty.value] or "measured")


def _compare(name: str, image: Any, truth: Any, channel_axis: int | None) -> Any:
    one = read_pixels(image, channel_axis, "image")
    other = read_pixels(truth, channel_axis, "truth")
    if one.planes.shape != other.planes.shape:
        raise ArgumentError(f"image has the shape {np.shape(image)}, but truth has {np.shape(truth)}", "truth")
    for pixels, argument in ((one, "image"), (other, "truth")):
        require_finite(pixels.planes, argument, pixels.layout)
    found = np.array([_one(name, a, b) for a, b in zip(one.planes, other.planes)])
    return found if one.layout.is_batch else float(found[0])


def _one(name: str, image: np.ndarray, truth: np.ndarray) -> float:
    found, shape = ctypes.c_double(), s.Shape(*image.shape)
    call(name, image.ctypes.data, truth.ctypes.data, ctypes.byref(shape), ctypes.byref(found))
    return found.value
