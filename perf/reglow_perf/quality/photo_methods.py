"""Restorations of photographs by others: BM3D, total variation, non-local means, OpenCV's and biharmonic inpainting, interpolation."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from reglow_perf.quality.photo_cases import Case

Restore = Callable[[Case, np.ndarray, np.ndarray | None, float | None], np.ndarray]


@dataclass(frozen=True)
class Method:
    """A peer: measurements and images are (3, H, W) on the [0, 1] scale."""

    restore: Restore
    kinds: tuple[str, ...]
    #: Packages.
    needs: tuple[str, ...]
    #: What its one weight is tried with by kind of problem, in units of the noise; empty where it has none.
    tried: dict[str, tuple[float, ...]] = field(default_factory=dict)

    def weights(self, case: Case) -> list[float]:
        """Weights for the noise of a case."""
        return [factor * case.noise for factor in self.tried.get(case.kind, ())]


def rows(image: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(image.transpose(1, 2, 0))


def planes(image: np.ndarray) -> np.ndarray:
    return np.asarray(image, dtype=np.float64).transpose(2, 0, 1)


def bm3d(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
    import bm3d as package

    if case.kind == "denoise":
        return planes(package.bm3d_rgb(rows(y), case.noise))
    if not hasattr(np, "trapz"):
        # The package asks for a name that NumPy 2.4 has dropped.
        np.trapz = np.trapezoid
    # With an axis of channels: the package mistakes a plane's own for one.
    return np.concatenate([planes(package.bm3d_deblurring(channel[..., None], case.noise, case.point_spread)[..., None]) for channel in y])


def non_local_means(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
    from skimage.restoration import denoise_nl_means

    return planes(
        denoise_nl_means(
            rows(y), patch_size=5, patch_distance=10, h=weight, sigma=case.noise, fast_mode=True, channel_axis=-1, preserve_range=True
        )
    )


def spectrum_of(kernel: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The transfer function of a centred point spread with a periodic border."""
    padded = np.zeros(shape)
    padded[: kernel.shape[0], : kernel.shape[1]] = kernel
    return np.fft.rfft2(np.roll(padded, [-(side // 2) for side in kernel.shape], (0, 1)))


def total_variation(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
    """Chambolle and Pock's primal-dual algorithm (2011), 400 iterations, channels together, the data step in closed form."""
    assert weight is not None
    y = y.astype(np.float32)
    shape = (3, y.shape[1] * 2, y.shape[2] * 2) if case.kind == "superres" else y.shape
    step = (0.2 / (8 * weight)) ** 0.5
    dual_step = 1 / (8 * step)
    u, resolve = data_step(case, y, known, shape, step)
    leading, dual = u.copy(), np.zeros((2, *shape), np.float32)
    for _ in range(400):
        dual[0, :, :-1] += dual_step * (leading[:, 1:] - leading[:, :-1])
        dual[1, :, :, :-1] += dual_step * (leading[:, :, 1:] - leading[:, :, :-1])
        dual /= np.maximum(1, np.sqrt((dual**2).sum((0, 1))) / weight)
        divergence = np.zeros(shape, np.float32)
        divergence[:, 1:] += dual[0, :, :-1]
        divergence[:, :-1] -= dual[0, :, :-1]
        divergence[:, :, 1:] += dual[1, :, :, :-1]
        divergence[:, :, :-1] -= dual[1, :, :, :-1]
        former, u = u, resolve(u - step * divergence)
        leading = 2 * u - former
    return u.astype(np.float64)


def data_step(
    case: Case, y: np.ndarray, known: np.ndarray | None, shape: tuple[int, ...], step: float
) -> tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]:
    """A start, and b -> argmin step/2 |A u - y|^2 + 1/2 |u - b|^2."""
    if case.kind == "denoise":
        return y.copy(), lambda b: (b + step * y) / (1 + step)
    if case.kind == "inpaint":
        assert known is not None
        return np.where(known, y, y[:, known].mean()), lambda b: np.where(known, (b + step * y) / (1 + step), b)
    if case.kind == "superres":
        up = y.repeat(2, 1).repeat(2, 2)

        def enlarged(b: np.ndarray) -> np.ndarray:
            means = b.reshape(3, y.shape[1], 2, y.shape[2], 2).mean((2, 4))
            return b + (step / (4 + step) * (y - means)).repeat(2, 1).repeat(2, 2)

        return up, enlarged
    assert case.point_spread is not None
    transfer = spectrum_of(case.point_spread, y.shape[1:])
    observed = np.conj(transfer) * np.fft.rfft2(y)
    divisor = 1 + step * np.abs(transfer) ** 2
    return y.copy(), lambda b: np.fft.irfft2((np.fft.rfft2(b) + step * observed) / divisor, s=y.shape[1:])


def resampled(filter_: Image.Resampling) -> Restore:
    def restore(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
        size = (2 * y.shape[2], 2 * y.shape[1])
        return np.stack([np.asarray(Image.fromarray(channel.astype(np.float32)).resize(size, filter_)) for channel in y]).astype(float)

    return restore


def opencv(name: str) -> Restore:
    def restore(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
        import cv2

        assert known is not None
        bytes_ = np.rint(rows(y).clip(0, 1) * 255).astype(np.uint8)
        return planes(cv2.inpaint(bytes_, np.where(known, 0, 255).astype(np.uint8), 3, getattr(cv2, name))) / 255

    return restore


def biharmonic(case: Case, y: np.ndarray, known: np.ndarray | None, weight: float | None) -> np.ndarray:
    from skimage.restoration import inpaint_biharmonic

    assert known is not None
    return planes(inpaint_biharmonic(rows(y).clip(0, 1), ~known, channel_axis=-1, split_into_regions=False))


METHODS = {
    "BM3D": Method(bm3d, ("denoise", "deblur"), ("bm3d",)),
    "total variation": Method(
        total_variation,
        ("denoise", "deblur", "superres", "inpaint"),
        ("numpy",),
        {"denoise": (0.5, 0.8, 1.2), "deblur": (0.06, 0.12, 0.25, 0.5), "superres": (0.03, 0.06, 0.12, 0.25), "inpaint": (0.12, 0.25, 0.5)},
    ),
    "non-local means": Method(non_local_means, ("denoise",), ("skimage",), {"denoise": (0.4, 0.6, 0.8)}),
    "bicubic": Method(resampled(Image.Resampling.BICUBIC), ("superres",), ()),
    "Lanczos": Method(resampled(Image.Resampling.LANCZOS), ("superres",), ()),
    "OpenCV, Navier-Stokes": Method(opencv("INPAINT_NS"), ("inpaint",), ("cv2",)),
    "OpenCV, Telea": Method(opencv("INPAINT_TELEA"), ("inpaint",), ("cv2",)),
    "biharmonic": Method(biharmonic, ("inpaint",), ("skimage",)),
}
