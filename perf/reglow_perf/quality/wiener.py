"""The deblurring filter of textbooks, of a window whose surroundings are unknown.

The window's edges are blended with its periodic blur (edgetaper), and the spectrum is multiplied with conj(p) / (|p|^2 + c sigma^2 / s), s
the power of a spectrum that falls with the square of the frequency, fitted to the window.
"""

import numpy as np


def spectrum_of(spread: np.ndarray, shape: tuple[int, int]) -> np.ndarray:
    canvas = np.zeros(shape)
    canvas[: spread.shape[0], : spread.shape[1]] = spread
    centre = (-(spread.shape[0] // 2), -(spread.shape[1] // 2))
    return np.fft.fft2(np.roll(canvas, centre, (0, 1)))


def taper(plane: np.ndarray, spread: np.ndarray) -> np.ndarray:
    """Blends a plane with its periodic blur; the weights fall to the edges as the autocorrelation of the point spread does."""
    weights = []
    for axis in (0, 1):
        profile = np.abs(np.fft.fft(spread.sum(1 - axis), plane.shape[axis] - 1)) ** 2
        correlation = np.fft.ifft(profile).real
        correlation = np.append(correlation, correlation[0]) / correlation.max()
        weights.append(1 - correlation)
    inside = np.outer(*weights)
    blurred = np.fft.ifft2(np.fft.fft2(plane) * spectrum_of(spread, plane.shape)).real
    return inside * plane + (1 - inside) * blurred


def wiener(window: np.ndarray, spread: np.ndarray, noise: float, strength: float) -> np.ndarray:
    """`window` is 3 x height x width, `noise` its sigma, `strength` the factor c."""
    shape = window.shape[1:]
    response = spectrum_of(spread, shape)
    frequencies = np.fft.fftfreq(shape[0])[:, None] ** 2 + np.fft.fftfreq(shape[1])[None] ** 2
    power = 1 / np.maximum(frequencies, frequencies[frequencies > 0].min())
    planes = []
    for plane in window.astype(np.float64):
        mean = plane.mean()
        tapered = taper(plane - mean, spread)
        level = np.sum(tapered**2) / np.sum(power * np.abs(response) ** 2)
        ratio = strength * noise**2 / (level * power)
        planes.append(np.fft.ifft2(np.fft.fft2(tapered) * response.conj() / (np.abs(response) ** 2 + ratio)).real + mean)
    return np.stack(planes)
