"""Ways in which noisy pictures are found: from a picture (H, W, 3) on the [0, 1] scale and noise the truth and what is seen of it.

Both are as 8 bits keep them, but for the truth of a picture that was not changed.
"""

import io

import numpy as np
from PIL import Image

Pair = tuple[np.ndarray, np.ndarray]


def rounded(values: np.ndarray) -> np.ndarray:
    """On the [0, 1] scale, as 8 bits keep it."""
    return np.round(np.clip(values, 0, 1) * 255) / 255


def picture(values: np.ndarray) -> Image.Image:
    levels = (rounded(values) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(levels if levels.ndim == 2 else levels)


def luminance(values: np.ndarray) -> np.ndarray:
    return rounded(values @ np.array([0.299, 0.587, 0.114]))


def plain(truth: np.ndarray, noise: np.ndarray) -> Pair:
    return truth, rounded(truth + noise)


def grey(truth: np.ndarray, noise: np.ndarray) -> Pair:
    one = luminance(truth)
    return one, rounded(one + noise[..., 0])


def grey_as_colour(truth: np.ndarray, noise: np.ndarray) -> Pair:
    return tuple(np.repeat(plane[..., None], 3, axis=2) for plane in grey(truth, noise))


def stamped(truth: np.ndarray, noise: np.ndarray) -> Pair:
    pair = grey_as_colour(truth, noise)
    side = truth.shape[0] // 6
    for values in pair:
        values[-2 * side : -side, -2 * side : -side] = rounded(np.array([0.9, 0.1, 0.1]))
    return pair


def toned(truth: np.ndarray, noise: np.ndarray) -> Pair:
    scale, shift = np.array([0.9, 0.8, 0.6]), np.array([0.1, 0.05, 0])
    return tuple(rounded(plane[..., None] * scale + shift) for plane in grey(truth, noise))


def letterboxed(truth: np.ndarray, noise: np.ndarray) -> Pair:
    pair = truth.copy(), rounded(truth + noise)
    bar = int(0.31 * truth.shape[0])
    for values in pair:
        values[:bar] = 0
        values[-bar:] = 0
    return pair


def jpeg(truth: np.ndarray, noise: np.ndarray) -> Pair:
    file = io.BytesIO()
    picture(truth + noise).save(file, "JPEG", quality=90, subsampling=2)
    return truth, np.asarray(Image.open(io.BytesIO(file.getvalue())), dtype=float) / 255


def enlarged(truth: np.ndarray, noise: np.ndarray) -> Pair:
    def twice(values):
        image = picture(values)
        return np.asarray(image.resize((image.width * 2, image.height * 2), Image.BICUBIC), dtype=float) / 255

    return twice(truth), twice(truth + noise)


def hard(truth: np.ndarray, noise: np.ndarray) -> Pair:
    """High contrast with both ends clipped, then a gamma curve."""

    def tone(values):
        return rounded(np.clip(1.6 * np.clip(values, 0, 1) - 0.3, 0, 1) ** 0.6)

    return tone(truth), tone(truth + noise)


KINDS = {
    "plain": plain,
    "grey": grey,
    "grey-as-colour": grey_as_colour,
    "stamped": stamped,
    "toned": toned,
    "letterboxed": letterboxed,
    "jpeg": jpeg,
    "enlarged": enlarged,
    "hard": hard,
}
