"""From what a user has (any type of number, masked, wrong) to float32 on the scale from 0 (black) to 1 (white)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ._layout import Layout, find_layout
from .errors import ArgumentError, ArgumentTypeError

_WHITE = {np.dtype(np.uint8): 255.0, np.dtype(np.uint16): 65535.0}


@dataclass(frozen=True)
class Pixels:
    """Images as the library takes them.

    Attributes
    ----------
    planes : numpy.ndarray
        float32, C-contiguous, (N, C, H, W), on the scale from 0 to 1.
    layout : Layout
        The layout that the array had.
    known : numpy.ndarray or None
        bool, (N, C, H, W): what a masked array does not hide; None where the array was not masked.
    scale : float
        What results are multiplied with: 1, or the white that was given by hand.
    """

    planes: np.ndarray
    layout: Layout
    known: np.ndarray | None
    scale: float = 1.0

    def result(self, planes: np.ndarray) -> np.ndarray:
        """Return one image, planes (1, C, H, W) on the scale from 0 to 1, as the caller has images."""
        layout = self.layout.of_one()
        image = (layout if layout.channels == 1 else layout.with_channels(planes.shape[1])).images(planes)
        return image if self.scale == 1 else image * np.float32(self.scale)


def read_array(value: Any, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Return an array of real numbers, and which of them a masked array shows (None: all)."""
    if isinstance(value, (str, bytes)) or hasattr(value, "__fspath__"):
        raise ArgumentTypeError(
            f"{name} is a path, but must be an array: read the file first, say with numpy.asarray(PIL.Image.open(...))", name
        )
    mode = getattr(value, "mode", None)
    if isinstance(mode, str) and hasattr(value, "getbands") and mode not in ("L", "RGB", "RGBA", "I;16", "F"):
        raise ArgumentTypeError(f"{name} is a Pillow image of mode {mode}: say {name}.convert('RGB')", name)
    known = None
    if isinstance(value, np.ma.MaskedArray):
        known = ~np.ma.getmaskarray(value)
        value = value.filled(0)
    try:
        array = np.asarray(value)
    except Exception as error:
        raise ArgumentTypeError(f"{name} cannot be made an array of numpy: {error}", name) from error
    if array.dtype == object or array.dtype.kind not in "fiub":
        kind = "complex numbers" if array.dtype.kind == "c" else str(array.dtype)
        raise ArgumentTypeError(f"{name} holds {kind}, but must hold real numbers", name)
    return array, known


def read_pixels(value: Any, channel_axis: int | None, name: str, data_range: float | None = None) -> Pixels:
    """Return images on the scale from 0 to 1.

    Floats are taken as they are, uint8 is divided by 255 and uint16 by 65535; `data_range` says
    another white. An array that is float32, C-contiguous and planar already is not copied.

    Raises
    ------
    ArgumentError
        For a shape that is that of no image.
    ArgumentTypeError
        For integers of other types, whose white cannot be known, and for what is no number.
    """
    array, known = read_array(value, name)
    layout = find_layout(array.shape, channel_axis, name)
    white = find_white(array.dtype, data_range, name)
    planes = layout.planes(array)
    if white == 1.0:
        planes = np.ascontiguousarray(planes, dtype=np.float32)
    else:
        planes = np.divide(planes, np.float32(white), dtype=np.float32, order="C")
        planes = np.ascontiguousarray(planes)
    return Pixels(planes, layout, None if known is None else layout.planes(known), 1.0 if data_range is None else white)


def read_rows(measurement: Any, shape: tuple[int, ...], layout: Layout, name: str, data_range: float | None = None) -> Pixels:
    """Return measurements that are no images as planes (N, 1, 1, M).

    Parameters
    ----------
    measurement : array
        Of the shape `shape` or, where the layout is that of a batch, (N, *shape).
    layout : Layout
        Of the images that belong to them.
    """
    array, known = read_array(measurement, name)
    if array.dtype.kind != "f" and data_range is None:
        raise ArgumentTypeError(f"{name} holds {array.dtype}, but must hold floats", name)
    if array.ndim == 0 or array.shape[layout.is_batch :] != shape or array.size == 0:
        raise ArgumentError(f"{name} has the shape {array.shape}, but must be {shape} or (N, {', '.join(map(str, shape))})", name)
    white = find_white(array.dtype, data_range, name)
    rows = np.asarray(array, dtype=np.float32) if white == 1 else array / np.float32(white)
    rows = np.ascontiguousarray(rows, dtype=np.float32).reshape(array.shape[0] if layout.is_batch else 1, 1, 1, -1)
    return Pixels(rows, layout, None if known is None else known.reshape(rows.shape), 1.0 if data_range is None else white)


def find_white(dtype: np.dtype, data_range: float | None, name: str) -> float:
    """Return the number that is white in an array of this type."""
    if data_range is not None:
        try:
            white = float(data_range)
        except (TypeError, ValueError) as error:
            raise ArgumentTypeError(f"data_range is {data_range!r}, but must be a number: the value of white", "data_range") from error
        if not 1e-6 <= white <= 1e30:
            raise ArgumentError(
                f"data_range is {data_range!r}, but must be the value of white: a positive number, such as 255", "data_range"
            )
        return white
    if dtype.kind == "f":
        return 1.0
    if dtype in _WHITE:
        return _WHITE[dtype]
    if dtype.kind == "b":
        raise ArgumentTypeError(f"{name} holds bool: is it a mask? An image holds floats from 0 to 1, uint8 or uint16", name)
    raise ArgumentTypeError(
        f"{name} holds {dtype}, whose white is not known: say data_range=255 or what it is, or give uint8, uint16 or floats from 0 to 1",
        name,
    )


def require_finite(planes: np.ndarray, name: str, layout: Layout, known: np.ndarray | None = None) -> None:
    """Refuse numbers that are not finite, unless they are not known anyway."""
    bad = ~np.isfinite(planes)
    if known is not None:
        bad &= np.broadcast_to(known, planes.shape)
    if not bad.any():
        return
    image, channel, row, column = (int(index) for index in np.argwhere(bad)[0])
    place = f"row {row}, column {column}" + (f", channel {channel}" if planes.shape[1] > 1 else "")
    place += f" of image {image}" if layout.is_batch else ""
    raise ArgumentError(
        f"{name} has {int(bad.sum())} values that are not finite, the first at {place}: "
        f"leave them out with trusted=numpy.isfinite({name}), or in inpainting with the mask",
        name,
    )


def read_mask(value: Any, layout: Layout, shape: tuple[int, int, int, int], name: str) -> np.ndarray:
    """Return a mask as bool of shape (N or 1, C or 1, H, W): True is known.

    Taken are bool, numbers from 0 to 1 (above 0.5 is known) and uint8 to 255 (above 127), of the
    shape (H, W), of an image's shape, and for a batch also of (N, H, W) or of the batch's shape.
    """
    array, shown = read_array(value, name)
    count, _, height, width = shape
    one = layout.of_one()
    image, batch = one.shape(1, height, width), layout.shape(count, height, width)
    known = _as_bool(array, name)
    if shown is not None:
        known = known & shown
    if known.shape == (height, width):
        return known[np.newaxis, np.newaxis]
    if known.shape == batch:
        return layout.planes(known)
    if known.shape == image:
        return one.planes(known)
    if layout.is_batch and known.shape == (count, height, width):
        return known[:, np.newaxis]
    meant = [(height, width), image] + ([(count, height, width), batch] if layout.is_batch else [])
    shapes = " or ".join(str(each) for each in dict.fromkeys(meant))
    raise ArgumentError(f"{name} has the shape {known.shape}, but for these images must be {shapes}", name)


def _as_bool(array: np.ndarray, name: str) -> np.ndarray:
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind == "f":
        if not np.isfinite(array).all() or array.min(initial=0) < 0 or array.max(initial=0) > 1:
            raise ArgumentError(f"{name} must be bool, or from 0 (not known) to 1 (known)", name)
        return array > 0.5
    lowest, highest = (int(array.min(initial=0)), int(array.max(initial=0)))
    if lowest >= 0 and highest <= 1:
        return array != 0
    if array.dtype == np.uint8:
        return array > 127
    raise ArgumentError(
        f"{name} must be bool, or hold 0 and 1, or be a picture of uint8; it holds {array.dtype} from {lowest} to {highest}", name
    )
