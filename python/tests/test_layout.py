"""From the user's arrays to planes and back, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from reglow import ArgumentError, ArgumentTypeError
from reglow._layout import find_layout
from reglow._pixels import read_mask, read_pixels, require_finite
from reglow._range import require_range

PLANES = np.arange(2 * 3 * 4 * 5, dtype=np.float32).reshape(2, 3, 4, 5) / 120


@pytest.mark.parametrize(
    ("array", "axis", "expected"),
    [
        (PLANES, 1, PLANES),
        (PLANES, -3, PLANES),
        (np.moveaxis(PLANES, 1, -1), -1, PLANES),
        (np.moveaxis(PLANES, 1, -1), 3, PLANES),
        (PLANES[0], 0, PLANES[:1]),
        (np.moveaxis(PLANES[0], 0, -1), -1, PLANES[:1]),
        (np.moveaxis(PLANES[0], 0, -1), 2, PLANES[:1]),
        (PLANES[0, 0], -1, PLANES[:1, :1]),
        (PLANES[0, 0], None, PLANES[:1, :1]),
        (PLANES[:, 0], None, PLANES[:, :1]),
        (PLANES[0, 0][..., None], -1, PLANES[:1, :1]),
    ],
)
def test_every_layout_becomes_planes_and_comes_back(array, axis, expected):
    pixels = read_pixels(array, axis, "y")
    assert pixels.planes.flags.c_contiguous and pixels.planes.dtype == np.float32
    np.testing.assert_array_equal(pixels.planes, expected)
    back = pixels.layout.images(pixels.planes)
    assert back.shape == array.shape and back.flags.c_contiguous
    np.testing.assert_array_equal(back, array)
    count, _, height, width = expected.shape
    assert pixels.layout.shape(count, height, width) == array.shape


def test_planar_float32_is_not_copied():
    assert np.shares_memory(read_pixels(PLANES, 1, "y").planes, PLANES)
    assert np.shares_memory(read_pixels(PLANES[0], 0, "y").planes, PLANES)
    grey = PLANES[0, 0]
    assert np.shares_memory(read_pixels(grey, -1, "y").planes, grey)


def test_the_caller_s_array_is_never_written_to():
    array = np.full((4, 5, 3), 255, np.uint8)
    read_pixels(array, -1, "y")
    assert (array == 255).all()


@pytest.mark.parametrize(
    "change",
    [
        np.asfortranarray,
        lambda a: a.astype(np.float64),
        lambda a: a.astype(np.float16).astype(np.float32),
        lambda a: np.repeat(a, 2, 1)[:, ::2],
    ],
)
def test_strided_fortran_and_other_floats_are_taken(change):
    array = np.round(np.moveaxis(PLANES[0], 0, -1) * 128) / 128
    np.testing.assert_array_equal(read_pixels(change(array), -1, "y").planes[0], np.moveaxis(array, -1, 0))


def test_integers_are_scaled_by_their_white():
    values = np.array([[0, 51, 255]], np.uint8)
    np.testing.assert_array_equal(read_pixels(values, -1, "y").planes[0, 0], np.float32([[0, 51, 255]]) / np.float32(255))
    np.testing.assert_array_equal(
        read_pixels(values.astype(np.uint16) * 257, -1, "y").planes[0, 0], np.float32([[0, 51, 255]]) / np.float32(255)
    )
    twelve = read_pixels(np.array([[4095, 0]], np.int32), -1, "y", data_range=4095)
    np.testing.assert_array_equal(twelve.planes[0, 0], [[1, 0]])
    assert twelve.scale == 4095


@pytest.mark.parametrize(
    ("shape", "axis", "words"),
    [
        ((3, 64, 48), -1, "channel_axis=0"),
        ((2, 3, 64, 48), -1, "channel_axis=1"),
        ((64, 48, 3), 0, "channel_axis=-1"),
        ((64, 48, 4), -1, "y[..., :3]"),
        ((4, 64, 48), 0, "y[..., :3, :, :]"),
        ((64, 48, 2), -1, "transparency"),
        ((7, 64, 48), -1, "7 grey images of 64x48"),
        ((64, 48, 3), 1, "must be -1"),
        ((2, 64, 48, 3), 0, "must be -1 (last) or 1"),
        ((64,), -1, "(H, W, 3)"),
        ((1, 2, 64, 48, 3), -1, "(N, H, W, 3)"),
        ((2, 64, 48, 3), None, "(N, H, W, 3)"),
        ((64, 48, 3), None, "say channel_axis=-1"),
        ((0, 48, 3), -1, "nothing in it"),
    ],
)
def test_a_wrong_shape_says_which_was_meant(shape, axis, words):
    with pytest.raises(ArgumentError) as caught:
        find_layout(shape, axis, "y")
    assert words in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.zeros((4, 4), bool), "is it a mask"),
        (np.zeros((4, 4), np.int64), "data_range"),
        (np.zeros((4, 4), complex), "complex"),
        (np.array([["a"]]), "real numbers"),
        ([[1, 2], [3]], "y "),
        ("photo.png", "is a path"),
        (np.array([[object()]]), "object"),
    ],
)
def test_a_wrong_type_is_named(value, words):
    with pytest.raises(ArgumentTypeError) as caught:
        read_pixels(value, -1, "y")
    assert words in str(caught.value) and "y" in str(caught.value)
    assert isinstance(caught.value, TypeError) and caught.value.argument == "y"


@pytest.mark.parametrize("white", [0, -1, np.nan, np.inf])
def test_a_white_that_cannot_be_is_refused(white):
    with pytest.raises(ArgumentError, match="data_range"):
        read_pixels(np.zeros((4, 4)), -1, "y", data_range=white)


def test_numbers_that_are_not_finite_are_found():
    array = np.zeros((2, 4, 5, 3))
    array[1, 2, 3, 0] = np.nan
    pixels = read_pixels(array, -1, "y")
    with pytest.raises(ArgumentError, match="1 values that are not finite, the first at row 2, column 3, channel 0 of image 1"):
        require_finite(pixels.planes, "y", pixels.layout)
    require_finite(pixels.planes, "y", pixels.layout, known=np.isfinite(pixels.planes))


def test_a_masked_array_says_what_is_known():
    array = np.ma.masked_greater(np.array([[0.25, 9.0], [0.5, 0.75]]), 1)
    pixels = read_pixels(array, -1, "y")
    assert pixels.known is not None
    np.testing.assert_array_equal(pixels.known[0, 0], [[True, False], [True, True]])
    assert pixels.planes[0, 0, 0, 1] == 0


def test_masks_of_every_shape_and_type():
    layout = find_layout((2, 4, 5, 3), -1, "y")
    shape = (2, 3, 4, 5)
    mask = np.zeros((4, 5), bool)
    mask[1] = True
    for given in (mask, mask.astype(np.uint8), mask.astype(np.uint8) * 255, mask * 0.75, mask.astype(np.int64)):
        np.testing.assert_array_equal(read_mask(given, layout, shape, "mask")[0, 0], mask)
    each = np.stack([mask, ~mask])
    np.testing.assert_array_equal(read_mask(each, layout, shape, "mask")[:, 0], each)
    colours = np.random.default_rng(0).random((4, 5, 3)) > 0.5
    np.testing.assert_array_equal(read_mask(colours, layout, shape, "mask")[0], np.moveaxis(colours, -1, 0))
    all_of_them = np.stack([colours, ~colours])
    np.testing.assert_array_equal(read_mask(all_of_them, layout, shape, "mask"), np.moveaxis(all_of_them, -1, 1))


@pytest.mark.parametrize(
    ("mask", "words"),
    [
        (np.ones((5, 4), bool), r"\(5, 4\), but for these images must be \(4, 5\) or \(4, 5, 3\)"),
        (np.full((4, 5), 7), "bool"),
        (np.full((4, 5), np.nan), "bool"),
        (np.full((4, 5), -1.0), "bool"),
    ],
)
def test_a_wrong_mask_is_refused(mask, words):
    with pytest.raises(ArgumentError, match=words):
        read_mask(mask, find_layout((4, 5, 3), -1, "y"), (1, 3, 4, 5), "mask")


def test_the_range_of_an_image_is_the_command_s():
    random = np.random.default_rng(0)
    image = random.random((1, 3, 40, 40)).astype(np.float32) / 4 + 0.5
    for fine in (image, image + random.normal(0, 1, image.shape), np.where(random.random(image.shape) > 0.999, 5, image)):
        require_range(fine.astype(np.float32), "y")
    for wrong, words in (
        (image * 255, "data_range=255"),
        (image * 60000, "data_range=65535"),
        (image * 4, "white is 1"),
        (np.where(random.random(image.shape) > 0.999, 50, image), "white is 1"),
        (image * 4 - 3, "/ 2"),
        (image - 2, "/ 2"),
    ):
        with pytest.raises(ArgumentError, match=words):
            require_range(wrong.astype(np.float32), "y")
