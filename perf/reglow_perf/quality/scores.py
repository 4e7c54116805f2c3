"""PSNR and SSIM as scikit-image defines them, and their means."""

import statistics

import numpy as np
from skimage.metrics import peak_signal_noise_ratio, structural_similarity


def score(truth: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    """PSNR and SSIM of (3, H, W) on the [0, 1] scale, as scikit-image defines them."""
    return {
        "psnr": float(peak_signal_noise_ratio(truth, estimate, data_range=1)),
        "ssim": float(
            structural_similarity(
                truth, estimate, channel_axis=0, data_range=1, gaussian_weights=True, sigma=1.5, use_sample_covariance=False
            )
        ),
    }


def mean_and_deviation(values: list[float]) -> dict[str, float]:
    """The deviation is that of the sample (n - 1); 0 for one image."""
    return {"mean": statistics.fmean(values), "std": statistics.stdev(values) if len(values) > 1 else 0.0}
