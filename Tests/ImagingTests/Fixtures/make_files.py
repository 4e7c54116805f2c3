"""Makes the fixtures of files as the world has them: python3 make_files.py (needs numpy, Pillow, tifffile and imagecodecs).

Pictures of integers have 9 rows and 11 columns of sample(row, column, channel), as those of make_fixtures.py. Those with an
orientation have 2 rows and 3 columns of the levels 0, 50, 100, 150, 200, 250 as they are to be seen, without loss.
"""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import PIL.TiffImagePlugin
import tifffile

FOLDER = Path(__file__).resolve().parent
HEIGHT, WIDTH = 9, 11


def samples(bits, channels):
    row, column, channel = np.mgrid[0:HEIGHT, 0:WIDTH, 0:channels]
    return ((40503 * (row * WIDTH + column) + 25173 * channel) % 65536 >> (16 - bits)).astype(np.uint8 if bits <= 8 else np.uint16)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(array, chunks=b"", end=b""):
    """`array`: (H, W), (H, W, 3) of uint8 or uint16."""
    bits = 8 * array.dtype.itemsize
    colour = 0 if array.ndim == 2 else 2
    data = b"".join(b"\0" + row.astype(array.dtype.newbyteorder(">")).tobytes() for row in array)
    header = struct.pack(">IIBBBBB", array.shape[1], array.shape[0], bits, colour, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", zlib.compress(data, 9)) + end
            + chunk(b"IEND", b""))


def profile(space):
    """A colour profile of 132 bytes without tags: enough to be carried."""
    head = struct.pack(">I4sI4s4s4s", 132, b"none", 0x02400000, b"mntr", space, b"XYZ ")
    return head + bytes(12) + b"acsp" + bytes(132 - len(head) - 16)


def exif(orientation, order="<"):
    """One directory: orientation and the program; no thumbnail."""
    entries = [(0x0112, 3, 1, struct.pack(order + "HH", orientation, 0)), (0x0131, 2, 4, b"abc\0")]
    text = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8) + struct.pack(order + "H", len(entries))
    for tag, kind, count, value in entries:
        text += struct.pack(order + "HHI", tag, kind, count) + value
    return text + struct.pack(order + "I", 0)


def stored(upright, orientation):
    """What a file of this orientation holds of the upright array: the inverse of the turn."""
    return {
        1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
        5: upright.T, 6: np.rot90(upright), 7: upright[::-1, ::-1].T, 8: np.rot90(upright, -1),
    }[orientation].copy()


def make_orientations():
    upright = np.arange(6, dtype=np.uint8).reshape(2, 3) * 50
    for orientation in range(1, 9):
        array = stored(upright, orientation)
        (FOLDER / f"orientation{orientation}.png").write_bytes(png(array, chunk(b"eXIf", exif(orientation, ">"))))
        with tifffile.TiffWriter(FOLDER / f"orientation{orientation}.tif") as file:
            file.write(array, photometric="minisblack", metadata=None, extratags=[(274, 3, 1, orientation, True)])
        rgb = np.repeat(array[:, :, None], 3, axis=2)
        PIL.Image.fromarray(rgb).save(FOLDER / f"orientation{orientation}.webp", lossless=True, exif=exif(orientation))
        # Blocks of 8x8 of one level lose nothing.
        blocks = np.kron(array, np.ones((8, 8), dtype=np.uint8))
        PIL.Image.fromarray(blocks).save(
            FOLDER / f"orientation{orientation}.jpg", quality=100, exif=b"Exif\0\0" + exif(orientation))


def make_metadata():
    rgb, grey = samples(8, 3), samples(8, 1)[:, :, 0]
    icc = b"name\0\0" + zlib.compress(profile(b"RGB "), 9)
    resolution = chunk(b"pHYs", struct.pack(">IIB", 11811, 5906, 1))
    space = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(
        b"cHRM", struct.pack(">8I", 31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000))
    (FOLDER / "all-metadata16.png").write_bytes(
        png(samples(16, 3), chunk(b"iCCP", icc) + resolution + chunk(b"cICP", bytes([9, 16, 0, 1])), chunk(b"eXIf", exif(1))))
    (FOLDER / "colour-space.png").write_bytes(png(rgb, space))
    (FOLDER / "srgb.png").write_bytes(png(rgb, chunk(b"sRGB", b"\1")))
    (FOLDER / "grey-with-rgb-profile.png").write_bytes(png(grey, chunk(b"iCCP", icc)))
    animated = chunk(b"acTL", struct.pack(">II", 2, 0)) + chunk(b"fcTL", struct.pack(">IIIIIHHBB", 0, WIDTH, HEIGHT, 0, 0, 1, 10, 0, 0))
    (FOLDER / "animated.png").write_bytes(png(rgb, animated))
    good = bytearray(png(rgb, chunk(b"tEXt", b"Title\0abc")))
    good[good.index(b"tEXt") + 12] ^= 1
    (FOLDER / "wrong-text-checksum.png").write_bytes(bytes(good))
    row, column = np.mgrid[0:24, 0:40]
    ramps = PIL.Image.fromarray(np.stack([column * 6, row * 10, np.full_like(row, 128)], axis=-1).astype(np.uint8))
    ramps.save(FOLDER / "profile.jpg", quality=95, icc_profile=profile(b"RGB "), dpi=(300, 300))


def make_broken_jpegs():
    whole = (FOLDER / "rgb.jpg").read_bytes()
    (FOLDER / "stray-bytes.jpg").write_bytes(whole[:-2] + b"\x12\x34\x56" + whole[-2:])
    (FOLDER / "without-end.jpg").write_bytes(whole[:-2])
    (FOLDER / "bytes-behind-end.jpg").write_bytes(whole + b"and more")


def make_tiffs():
    def write(name, array, **options):
        tifffile.imwrite(FOLDER / f"{name}.tif", array, metadata=None, **options)

    rgb8, rgb16, grey8, grey16 = samples(8, 3), samples(16, 3), samples(8, 1)[:, :, 0], samples(16, 1)[:, :, 0]
    write("rgb8", rgb8, photometric="rgb", resolution=(300, 150), resolutionunit="INCH", iccprofile=profile(b"RGB "))
    write("rgb8-strips", rgb8, photometric="rgb", rowsperstrip=2, compression="lzw")
    write("rgb8-planar", np.moveaxis(rgb8, 2, 0).copy(), photometric="rgb", planarconfig="separate", compression="packbits")
    write("rgb16-tiles", rgb16, photometric="rgb", tile=(16, 16), compression="zlib", predictor=True)
    write("rgb8-tiles-planar", np.moveaxis(rgb8, 2, 0).copy(), photometric="rgb", planarconfig="separate", tile=(16, 16))
    write("grey16-big-endian", grey16, photometric="minisblack", byteorder=">")
    write("grey8-white-is-zero", 255 - grey8, photometric="miniswhite")
    write("grey8-bigtiff", grey8, photometric="minisblack", bigtiff=True)
    write("rgba8", np.concatenate([rgb8, samples(8, 4)[:, :, 3:]], axis=2), photometric="rgb", extrasamples=["unassalpha"])
    alpha = np.where(grey8 > 100, 255, 128).astype(np.uint8)
    multiplied = np.stack([alpha // 2, alpha // 4, alpha * 0, alpha], axis=2)
    write("rgba8-multiplied", multiplied, photometric="rgb", extrasamples=["assocalpha"])
    for kind in ("float16", "float32", "float64"):
        write("grey-" + kind, (grey16 / 65535).astype(kind), photometric="minisblack")
    write("rgb-float32", (rgb16 / np.float32(65535)).astype(np.float32), photometric="rgb", compression="zlib", predictor=3)
    write("int16", grey16.astype(np.int16), photometric="minisblack")
    write("uint32", grey16.astype(np.uint32), photometric="minisblack")
    write("counts-float32", grey16.astype(np.float32), photometric="minisblack")
    write("cmyk", samples(8, 4), photometric="separated")
    tifffile.imwrite(FOLDER / "pages.tif", np.stack([grey8, grey8 // 2]), photometric="minisblack", metadata=None)
    PIL.Image.fromarray(samples(1, 1)[:, :, 0] * 255).convert("1", dither=0).save(FOLDER / "grey1.tif", compression="group4")
    palette = PIL.Image.fromarray(samples(4, 1)[:, :, 0], "P")
    palette.putpalette([v for i in range(16) for v in (16 * i, 255 - i, i * i)] + [0] * (3 * 240))
    palette.save(FOLDER / "palette.tif")
    flat = PIL.Image.new("RGB", (16, 16), (200, 100, 50))
    flat.save(FOLDER / "flat-jpeg.tif", compression="jpeg", quality=95)
    flat.convert("YCbCr").save(FOLDER / "flat-ycbcr.tif")
    flat_lab = PIL.Image.merge("LAB", [PIL.Image.new("L", (16, 16), v) for v in (128, 128, 128)])
    flat_lab.save(FOLDER / "flat-lab.tif")


def make_webps():
    picture = PIL.Image.fromarray(samples(8, 3))
    picture.save(FOLDER / "lossless.webp", lossless=True, icc_profile=profile(b"RGB "))
    PIL.Image.fromarray(samples(8, 4)).save(FOLDER / "alpha.webp", lossless=True, exact=True)
    row, column = np.mgrid[0:24, 0:40]
    ramps = PIL.Image.fromarray(np.stack([column * 6, row * 10, np.full_like(row, 128)], axis=-1).astype(np.uint8))
    ramps.save(FOLDER / "lossy.webp", quality=95)
    second = PIL.Image.fromarray(255 - samples(8, 3))
    picture.save(FOLDER / "animated.webp", lossless=True, save_all=True, append_images=[second], duration=100)


def make_arrays():
    array = samples(8, 3)
    np.save(FOLDER / "image-u1-last.npy", array)
    np.save(FOLDER / "image-u2.npy", np.moveaxis(samples(16, 3), 2, 0).copy())
    planar = np.moveaxis(samples(16, 3) / 65535, 2, 0)
    for code in ("<f2", ">f2", "<f4", ">f4", "<f8", ">f8"):
        np.save(FOLDER / f"image-{'little' if code[0] == '<' else 'big'}-{code[1:]}.npy", planar.astype(code))
    np.save(FOLDER / "image-big-u2.npy", np.moveaxis(samples(16, 3), 2, 0).astype(">u2"))
    np.save(FOLDER / "image-fortran.npy", np.asfortranarray(planar.astype("<f4")))
    np.save(FOLDER / "image-i8.npy", samples(8, 1)[:, :, 0].astype("<i8"))
    np.save(FOLDER / "image-complex.npy", samples(8, 1)[:, :, 0].astype("<c8"))


def make_words():
    """XMP data, IPTC data and text in each format that holds them."""
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"></x:xmpmeta>'
    picture = PIL.Image.new("RGB", (4, 3), (10, 200, 90))
    words = PIL.PngImagePlugin.PngInfo()
    words.add_text("Title", "words")
    words.add_itxt("XML:com.adobe.xmp", xmp.decode())
    picture.save(FOLDER / "words.png", pnginfo=words)
    picture.save(FOLDER / "words.webp", lossless=True, xmp=xmp)
    directory = PIL.TiffImagePlugin.ImageFileDirectory_v2()
    directory[700], directory[33723] = xmp, b"\x1c\x02\x00\x00\x02\x00\x04"
    picture.save(FOLDER / "words.tif", tiffinfo=directory)

    file = io.BytesIO()
    picture.save(file, "JPEG", quality=95, comment=b"words")
    jpeg = file.getvalue()
    segments = b""
    for marker, data in ((0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp), (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\0")):
        segments += bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data
    (FOLDER / "words.jpg").write_bytes(jpeg[:2] + segments + jpeg[2:])


make_orientations()
make_metadata()
make_words()
make_broken_jpegs()
make_tiffs()
make_webps()
make_arrays()
