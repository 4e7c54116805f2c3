"""Makes the fixtures of the imaging tests: python3 make_fixtures.py (needs numpy, Pillow and scikit-image).

PNG files are written chunk by chunk here, because Pillow writes neither interlaced files nor 16-bit RGB. Their samples are
sample(row, column, channel) below; the tests know the same formula.
"""

import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import skimage
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

FOLDER = Path(__file__).resolve().parent
HEIGHT, WIDTH = 9, 11


def sample(row, column, channel, bits):
    return (40503 * (row * WIDTH + column) + 25173 * channel) % 65536 >> (16 - bits)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_row(samples, bits):
    if bits == 16:
        return struct.pack(f">{len(samples)}H", *samples)
    text = "".join(format(s, f"0{bits}b") for s in samples)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))


def write_png(name, colour_type, bits, channels, interlaced=False, extra=b""):
    if interlaced:
        passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]
    else:
        passes = [(0, 0, 1, 1)]
    data = b""
    for row0, column0, row_step, column_step in passes:
        columns = range(column0, WIDTH, column_step)
        for row in range(row0, HEIGHT, row_step):
            values = [sample(row, column, c, bits) for column in columns for c in range(channels)]
            data += b"\0" + packed_row(values, bits) if values else b""
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, bits, colour_type, 0, 0, int(interlaced))
    path = FOLDER / name
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + extra
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )
    with PIL.Image.open(path) as picture:
        picture.load()


def make_pngs():
    for bits in (1, 2, 4, 8, 16):
        write_png(f"grey{bits}.png", 0, bits, 1)
    write_png("rgb8.png", 2, 8, 3)
    write_png("rgb16.png", 2, 16, 3)
    write_png("rgb8-interlaced.png", 2, 8, 3, interlaced=True)
    write_png("grey16-interlaced.png", 0, 16, 1, interlaced=True)
    write_png("grey-alpha8.png", 4, 8, 2)
    write_png("rgb-alpha16.png", 6, 16, 4)
    write_png("rgb8-transparent-colour.png", 2, 8, 3, extra=chunk(b"tRNS", struct.pack(">HHH", 0, 1, 2)))
    # Entry i is (16 i, 255 - i, i * i).
    palette = chunk(b"PLTE", bytes(v for i in range(16) for v in (16 * i, 255 - i, i * i)))
    write_png("palette4.png", 3, 4, 1, extra=palette)
    write_png("palette4-transparent.png", 3, 4, 1, extra=palette + chunk(b"tRNS", bytes([0, 128])))


def make_jpegs():
    """24 rows of 40 columns: red rises with the column, green with the row, blue is 128; grey rises with the column."""
    row, column = np.mgrid[0:24, 0:40]
    rgb = np.stack([column * 6, row * 10, np.full_like(row, 128)], axis=-1).astype(np.uint8)
    picture = PIL.Image.fromarray(rgb)
    picture.save(FOLDER / "rgb.jpg", quality=95, subsampling=0)
    picture.save(FOLDER / "rgb-progressive.jpg", quality=95, subsampling=0, progressive=True)
    picture.convert("CMYK").save(FOLDER / "cmyk.jpg", quality=90)
    PIL.Image.fromarray(rgb[:, :, 0]).save(FOLDER / "grey.jpg", quality=95)


def quality_pairs():
    """Pairs of images, (2, channels, height, width) in float32."""
    random = np.random.default_rng(7)
    row, column = np.mgrid[0:40, 0:57]
    waves = 0.5 + 0.4 * np.sin(row / 3.0) * np.cos(column / 5.0)
    squares = ((row // 8 + column // 8) % 2).astype(float)
    yield "noise-grey-11x11", random.random((2, 1, 11, 11))
    yield "noise-rgb-12x29", random.random((2, 3, 12, 29))
    yield "waves-grey-40x57", np.stack([waves, waves + 0.05 * random.standard_normal(waves.shape)])[:, None]
    smooth = np.stack([np.roll(squares, shift, axis=1) for shift in range(-2, 3)]).mean(axis=0)
    yield "squares-grey-40x57", np.stack([squares, smooth])[:, None]
    colours = np.stack([waves, squares, 1 - waves])[:, :33, :26]
    yield "colours-rgb-33x26", np.stack([colours, np.clip(1.3 * colours - 0.1, -0.2, 1.2)])
    yield "flat-grey-15x16", np.stack([np.full((1, 15, 16), 0.25), np.full((1, 15, 16), 0.75)])


def make_quality():
    expected = {}
    for name, pair in quality_pairs():
        pair = pair.astype(np.float32)
        np.save(FOLDER / f"{name}.npy", pair)
        truth, estimate = pair.astype(np.float64)
        expected[name] = {
            "psnr": peak_signal_noise_ratio(truth, estimate, data_range=1),
            "ssim": structural_similarity(
                truth, estimate, gaussian_weights=True, sigma=1.5, use_sample_covariance=False, data_range=1,
                channel_axis=0),
        }
    document = {"scikit-image": skimage.__version__, "pairs": expected}
    (FOLDER / "quality.json").write_text(json.dumps(document, indent=2) + "\n")


def make_arrays():
    array = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    np.save(FOLDER / "array-f4.npy", array)
    np.save(FOLDER / "array-f8.npy", array.astype(np.float64))
    np.save(FOLDER / "array-b1.npy", array % 2 == 1)
    np.save(FOLDER / "array-u1.npy", array.astype(np.uint8))
    np.save(FOLDER / "array-fortran.npy", np.asfortranarray(array))
    for version in ((2, 0), (3, 0)):
        with open(FOLDER / f"array-version{version[0]}.npy", "wb") as file:
            np.lib.format.write_array(file, array, version=version)


make_pngs()
make_jpegs()
make_quality()
make_arrays()
