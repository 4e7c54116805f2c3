"""Where the channels of an array are, and the way to the library's planes and back.

The library has one layout: float32, C-contiguous, of shape (N, C, H, W). Users have images of shape
(H, W, 3), as scikit-image, Pillow and matplotlib do, or (3, H, W), as PyTorch does, one or several.
A `Layout` is what was found of an array.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .errors import ArgumentError, ArgumentTypeError

COLOURS = 3


@dataclass(frozen=True)
class Layout:
    """The layout of an array of images.

    Attributes
    ----------
    axis : int or None
        Where the channels are, counted from the end: -1, -3, or None for grey images without an
        axis of channels.
    is_batch : bool
        Whether the first axis counts images.
    channels : int
        1 or 3.
    """

    axis: int | None
    is_batch: bool
    channels: int

    @property
    def text(self) -> str:
        """The layout in words, as messages have it."""
        sizes = {None: "H, W", -1: f"H, W, {self.channels}", -3: f"{self.channels}, H, W"}[self.axis]
        return f"({'N, ' if self.is_batch else ''}{sizes})"

    def planes(self, array: np.ndarray) -> np.ndarray:
        """Return a view of shape (N, C, H, W) of an array of this layout."""
        if not self.is_batch:
            array = array[np.newaxis]
        if self.axis is None:
            return array[:, np.newaxis]
        return np.moveaxis(array, -1, 1) if self.axis == -1 else array

    def images(self, planes: np.ndarray) -> np.ndarray:
        """Return an array of this layout, C-contiguous, of planes (N, C, H, W); the mean of three
        channels where the layout is grey.
        """
        if self.channels == 1 and planes.shape[1] != 1:
            planes = planes.mean(axis=1, keepdims=True, dtype=np.float32)
        if self.axis is None:
            planes = planes[:, 0]
        elif self.axis == -1:
            planes = np.moveaxis(planes, 1, -1)
        return np.ascontiguousarray(planes if self.is_batch else planes[0])

    def shape(self, count: int, height: int, width: int) -> tuple[int, ...]:
        """Return the shape of so many images of this size in this layout."""
        sizes = {None: (height, width), -1: (height, width, self.channels), -3: (self.channels, height, width)}[self.axis]
        return (count, *sizes) if self.is_batch else sizes

    def of_one(self) -> Layout:
        """Return the layout of each image of a batch."""
        return Layout(self.axis, False, self.channels)

    def with_channels(self, channels: int) -> Layout:
        """Return the same layout for images of so many channels."""
        axis = -1 if channels != 1 and self.axis is None else self.axis
        return Layout(axis, self.is_batch, channels)


def find_layout(shape: tuple[int, ...], channel_axis: int | None, name: str) -> Layout:
    """Return the layout of an array of images.

    Parameters
    ----------
    shape : tuple of int
        The shape of the array.
    channel_axis : int or None
        Which axis is that of the channels; None says that there is none. An array of two dimensions
        never has one.
    name : str
        The argument, for messages.

    Raises
    ------
    ArgumentError
        When no layout fits, with the shapes that would.
    """
    dimensions = len(shape)
    axis = _axis_from_end(dimensions, channel_axis, name, shape)
    if dimensions not in (2, 3, 4) or (axis is None and dimensions == 4):
        raise ArgumentError(
            f"{name} has the shape {shape}, but an image is (H, W, 3) or (H, W), several are (N, H, W, 3), "
            "and with the channels first (3, H, W) and (N, 3, H, W)",
            name,
        )
    if any(size == 0 for size in shape):
        raise ArgumentError(f"{name} has the shape {shape}: there is nothing in it", name)
    if axis is None and dimensions == 3 and shape[-1] in (COLOURS, 4):
        raise ArgumentError(
            f"{name} has the shape {shape}, which channel_axis=None makes {shape[0]} grey images of {shape[1]}x{shape[2]}: "
            "where the last axis is that of the channels, say channel_axis=-1",
            name,
        )
    if axis is None:
        return Layout(None, dimensions == 3, 1)
    channels = shape[axis]
    if channels not in (1, COLOURS):
        raise ArgumentError(_channels_message(shape, axis, name), name)
    return Layout(axis, dimensions == 4, channels)


def checked_axis(channel_axis: Any, name: str = "channel_axis") -> int | None:
    """Return the index of an axis, or None."""
    if channel_axis is None:
        return None
    if isinstance(channel_axis, bool) or not isinstance(channel_axis, (int, np.integer)):
        raise ArgumentTypeError(f"{name} is {channel_axis!r}, but must be a whole number or None", name)
    return int(channel_axis)


def _axis_from_end(dimensions: int, channel_axis: int | None, name: str, shape: tuple[int, ...]) -> int | None:
    given = checked_axis(channel_axis)
    if given is None or dimensions == 2:
        return None
    axis = given if given < 0 else given - dimensions
    if dimensions in (3, 4) and axis not in (-1, -3):
        first = "0" if dimensions == 3 else "1"
        raise ArgumentError(
            f"channel_axis is {channel_axis}, but in {name} of shape {shape} it must be -1 (last) or {first} "
            f"({'first' if dimensions == 3 else 'after the count of images'})",
            "channel_axis",
        )
    return axis


def _channels_message(shape: tuple[int, ...], axis: int, name: str) -> str:
    """Say which shape was meant."""
    found = shape[axis]
    other = -3 if axis == -1 else -1
    text = f"{name} has the shape {shape}, so {found} channels by channel_axis={axis}, but an image has 3 channels or 1"
    if shape[other] in (1, COLOURS):
        positive = len(shape) + other
        return f"{text}. Are the channels in front? Then say channel_axis={positive}" if other == -3 else f"{text}: say channel_axis=-1"
    if found == 4:
        colours = "[..., :3]" if axis == -1 else "[..., :3, :, :]"
        alpha = "[..., 3]" if axis == -1 else "[..., 3, :, :]"
        return f"{text}. Is the fourth transparency? Take {name}{colours}, and where it shall be a mask, {name}{alpha} > 0"
    if found == 2:
        return f"{text}. Is the second transparency? Take the first alone"
    if len(shape) == 3:
        return f"{text}. Are these {shape[0]} grey images of {shape[1]}x{shape[2]}? Then say channel_axis=None"
    return text
