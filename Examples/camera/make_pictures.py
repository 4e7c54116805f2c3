"""Makes the pictures of docs/camera-pictures.md from photographs: python make_pictures.py PHOTOS OUTPUT

PHOTOS holds immich-book-beside-flowers.jpg, immich-japanese-shop.jpg and 18f-bg-moon-buzz.jpg. Light adds up in the camera, so blur and
noise are made in linear light, and the curve of sRGB comes after them: as in a real picture, and unlike what a restoration assumes.
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter
from scipy.ndimage import convolve


def linear(picture):
    """Linear light, from 0 to 1, of an sRGB picture of 8 bits."""
    u = np.asarray(picture, dtype=np.float64) / 255
    return np.where(u <= 0.04045, u / 12.92, ((u + 0.055) / 1.055) ** 2.4)


def srgb(light):
    """An sRGB picture of 8 bits of linear light; what is over 1 is clipped, as a sensor does it."""
    v = np.clip(light, 0, 1)
    u = np.where(v <= 0.0031308, 12.92 * v, 1.055 * v ** (1 / 2.4) - 0.055)
    return Image.fromarray(np.uint8(np.round(255 * u)))


def line_spread(length, degrees, samples=2001):
    """A straight movement: where light falls, in pixels; the angle is counter-clockwise from the direction of the rows."""
    t = np.linspace(-length / 2, length / 2, samples)
    down, right = -t * np.sin(np.radians(degrees)), t * np.cos(np.radians(degrees))
    radius = int(np.ceil(length / 2))
    spread, _, _ = np.histogram2d(down, right, bins=np.arange(-radius - 0.5, radius + 1))
    return spread / spread.sum()


def shaken_text(photos):
    """A hand-held picture of a book: moved by 9 pixels along 25 degrees, then cut, so that the surroundings moved into it too."""
    light = linear(Image.open(photos / "immich-book-beside-flowers.jpg").crop((60, 610, 500, 970)))
    spread = line_spread(9, 25)
    moved = np.stack([convolve(light[..., c], spread, mode="nearest") for c in range(3)], axis=-1)[20:-20, 20:-20]
    generator = np.random.default_rng(1)
    return srgb(moved + 0.004 * np.sqrt(moved + 0.002) * generator.standard_normal(moved.shape))


def high_iso(photos):
    """A street at night: few photons, so that the noise grows with the square root of the light, and a noise of reading."""
    light = linear(Image.open(photos / "immich-japanese-shop.jpg").crop((90, 150, 490, 450)))
    generator = np.random.default_rng(2)
    photons = generator.poisson(light * 250) / 250
    return srgb(photons + 0.004 * generator.standard_normal(light.shape))


def scan(photos):
    """A scanned print: scratches, hairs and dust, and the mask that somebody paints over them, somewhat wider than they are."""
    print_ = Image.open(photos / "18f-bg-moon-buzz.jpg").crop((330, 0, 730, 400))
    size = print_.size
    generator = np.random.default_rng(3)
    damage = Image.new("L", size, 0)
    mask = Image.new("L", size, 255)
    for _ in range(7):
        x, y = generator.uniform(0, size[0], 2)
        angle, length = generator.normal(np.pi / 2, 0.25), generator.uniform(80, 320)
        end = (x + length * np.cos(angle), y + length * np.sin(angle))
        ImageDraw.Draw(damage).line([(x, y), end], fill=255, width=1)
        ImageDraw.Draw(mask).line([(x, y), end], fill=0, width=5)
    for _ in range(3):
        points = np.cumsum(generator.normal(0, 6, (24, 2)), axis=0) + generator.uniform(60, size[0] - 60, 2)
        hair = [tuple(p) for p in points]
        ImageDraw.Draw(damage).line(hair, fill=200, width=2, joint="curve")
        ImageDraw.Draw(mask).line(hair, fill=0, width=7, joint="curve")
    for _ in range(90):
        (x, y), radius = generator.uniform(0, size[0], 2), generator.uniform(0.6, 2.4)
        ImageDraw.Draw(damage).ellipse([x - radius, y - radius, x + radius, y + radius], fill=230)
        ImageDraw.Draw(mask).ellipse([x - radius - 2, y - radius - 2, x + radius + 2, y + radius + 2], fill=0)
    part = np.asarray(damage.filter(ImageFilter.GaussianBlur(0.5)), dtype=np.float64)[..., None] / 255
    grain = 0.012 * generator.standard_normal(np.asarray(print_).shape)
    scanned = np.asarray(print_, dtype=np.float64) / 255 * (1 - part) + 0.93 * part + grain
    return Image.fromarray(np.uint8(np.round(255 * np.clip(scanned, 0, 1)))), mask


def main(photos, output):
    output.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    exif[274] = 6  # the camera was held upright: turn by 90 degrees to the right
    shaken_text(photos).transpose(Image.Transpose.ROTATE_90).save(output / "shaken.jpg", quality=95, subsampling=0, exif=exif, dpi=(300, 300))
    high_iso(photos).save(output / "high-iso.png", dpi=(300, 300))
    scanned, mask = scan(photos)
    scanned.save(output / "scan.png", dpi=(300, 300))
    mask.save(output / "scan-mask.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
