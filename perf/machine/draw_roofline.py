"""Draws the report of `Machine roofline` as SVG: the product kernel on every layer of both models under the machine's roof.

    draw_roofline.py REPORT.json > OUTPUT.svg
"""

import json
import math
import sys
from html import escape

WIDTH, HEIGHT = 1000, 640
LEFT, RIGHT, TOP, BOTTOM = 80, 250, 84, 70
MODELS = {"bootstrap": ("#2a7f9e", "bootstrap: L4 K16 h128"), "paper": ("#d1495b", "paper size: L4 K32 h512")}
LAYERS = {
    "first": "first product (3x3 in)",
    "second": "second product (1x1)",
    "third": "third product (3x3 out)",
    "mixing": "mixing (C x C)",
}
# The models of a level lie side by side and their layers too, not on one another; all belong to the middle.
ASIDE = {"bootstrap": -22, "paper": 22}
BESIDE = {"first": -13, "second": 0, "third": 13, "mixing": 0}


class Axes:
    """Logarithmic axes: operations a byte to the right, GFLOP/s upwards."""

    def __init__(self, xs, ys):
        self.x0, self.x1 = (math.log2(value) for value in xs)
        self.y0, self.y1 = (math.log2(value) for value in ys)

    def x(self, value):
        return LEFT + (math.log2(value) - self.x0) / (self.x1 - self.x0) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        return HEIGHT - BOTTOM - (math.log2(value) - self.y0) / (self.y1 - self.y0) * (HEIGHT - TOP - BOTTOM)


def text(x, y, content, **style):
    attributes = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(content)}</text>'


def mark(layer, x, y, colour, hover):
    """Each layer has a shape of its own, so that colour is not needed to tell them apart."""
    style = f'fill="{colour}" fill-opacity="0.85" stroke="#fff"'
    shapes = {
        "first": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="6" {style}/>',
        "second": f'<rect x="{x - 5.5:.1f}" y="{y - 5.5:.1f}" width="11" height="11" {style}/>',
        "third": f'<path d="M{x:.1f} {y - 7:.1f} l7 12 h-14 z" {style}/>',
        "mixing": f'<path d="M{x:.1f} {y - 7:.1f} l7 7 l-7 7 l-7 -7 z" {style}/>',
    }
    return f"<g><title>{escape(hover)}</title>{shapes[layer]}</g>"


def powers(low, high, between=False):
    """Powers of two from low to high; with `between`, one and a half times each of them too."""
    for exponent in range(math.floor(math.log2(low)), math.ceil(math.log2(high)) + 1):
        for value in (2**exponent, 1.5 * 2**exponent) if between else (2**exponent,):
            if low <= value <= high:
                yield value


def roof(axes, peak, bandwidth, style):
    """Bandwidth up to the ridge, then the peak; what lies below the picture is left out."""
    left, right = max(2**axes.x0, 2**axes.y0 / bandwidth), 2**axes.x1
    corners = [(left, bandwidth * left), (peak / bandwidth, peak), (right, peak)]
    points = " ".join(f"{axes.x(x):.1f},{axes.y(y):.1f}" for x, y in corners if x >= left)
    return f'<polyline points="{points}" fill="none" stroke-width="2" {style}/>'


def roofs(axes, report):
    """A roof for each thread count; under those of bf16 also the float32 peak, for mixing has no other. Labels on the right."""
    threads, precision = report["threads"], report["precision"]
    bandwidth = {entry["threads"]: entry["gigabytes_per_second"] for entry in report["triads"]}
    lines, labels = [], []
    for peak in report["peaks"]:
        count, height = peak["threads"], peak["gflops"]
        words = f"{count} thread{'s' if count > 1 else ''}: {height:.0f} GFLOP/s"
        if peak["precision"] == precision:
            style = 'stroke="#333"' if count == threads else 'stroke="#333" stroke-dasharray="6 4"'
            labels.append((height, f"{words}, {bandwidth[count]:.0f} GB/s"))
        elif count == threads:
            style = 'stroke="#999" stroke-dasharray="2 4"'
            labels.append((height, f"{peak['precision']}, {words}"))
        else:
            continue
        lines.append(roof(axes, height, bandwidth[count], style))
    # From the highest down: labels that are closer than a line of text move apart.
    y = -math.inf
    for height, words in sorted(labels, reverse=True):
        y = max(axes.y(height) + 4, y + 15)
        lines.append(text(axes.x(2**axes.x1) + 8, y, words))
    return lines


def grid(axes, precision):
    lines = []
    bottom, top = HEIGHT - BOTTOM, TOP
    for value in powers(2**axes.x0, 2**axes.x1):
        x = axes.x(value)
        lines.append(f'<line x1="{x:.1f}" y1="{top}" x2="{x:.1f}" y2="{bottom}" stroke="#e4e0d8"/>')
        lines.append(text(x, bottom + 18, f"{value:g}", text_anchor="middle"))
    for value in powers(2**axes.y0, 2**axes.y1, between=True):
        y = axes.y(value)
        lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="#e4e0d8"/>')
        lines.append(text(LEFT - 8, y + 4, f"{value:g}", text_anchor="end"))
    middle = (TOP + HEIGHT - BOTTOM) / 2
    pixels = {"fp32": "half the pixels of a level", "bf16": "the pixels of a level; mixing is fp32, half of them"}[precision]
    caption = f"operations for each byte of weights ({pixels})"
    lines.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 22, caption, text_anchor="middle", font_size=13))
    lines.append(text(24, middle, "GFLOP/s", text_anchor="middle", font_size=13, transform=f"rotate(-90 24 {middle})"))
    return lines


def key(x, y):
    lines = []
    for index, (colour, words) in enumerate(MODELS.values()):
        lines.append(f'<rect x="{x}" y="{y + 20 * index - 9}" width="11" height="11" fill="{colour}"/>')
        lines.append(text(x + 20, y + 20 * index, words))
    y += 20 * len(MODELS) + 12
    for index, (layer, words) in enumerate(LAYERS.items()):
        lines.append(mark(layer, x + 6, y + 20 * index - 4, "#777", layer))
        lines.append(text(x + 20, y + 20 * index, words))
    return lines


def draw(report):
    products, precision = report["products"], report["precision"]
    peaks = [entry for entry in report["peaks"] if entry["precision"] == precision]
    top = max([entry["gflops"] for entry in peaks + products])
    low = min(entry["gflops"] for entry in products)
    intensities = [entry["operations_per_byte"] for entry in products]
    axes = Axes((min(intensities) / 8, max(intensities) * 2), (2 ** math.floor(math.log2(low / 1.5)), top * 1.25))
    threads = report["threads"]
    title = f"Matrix products of the layers at 64x64, {precision} on {report['isa']}, {threads} thread{'s' if threads > 1 else ''}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="DejaVu Sans, Helvetica, sans-serif" font-size="12" fill="#222">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fffdf8"/>',
        text(LEFT, 30, title, font_size=17, font_weight="bold"),
        text(LEFT, 50, f"{report['processor']}. Lines: what memory (slope) and arithmetic (level) allow."),
    ]
    lines += grid(axes, precision) + roofs(axes, report)
    for entry in products:
        hover = (
            f"{entry['model']}, level {entry['level']}, {entry['layer']}: {entry['rows']} x {entry['columns']} on "
            f"{entry['pixels']} pixels\n{entry['gflops']:.1f} GFLOP/s")
        x = axes.x(entry["operations_per_byte"]) + ASIDE[entry["model"]] + BESIDE[entry["layer"]]
        lines.append(mark(entry["layer"], x, axes.y(entry["gflops"]), MODELS[entry["model"]][0], hover))
    networks = [entry for entry in products if entry["layer"] != "mixing"]
    for level, intensity in sorted({(entry["level"], entry["operations_per_byte"]) for entry in networks}):
        lines.append(text(axes.x(intensity), TOP - 6, f"level {level}", text_anchor="middle", fill="#666"))
    lines += key(WIDTH - RIGHT + 16, HEIGHT - BOTTOM - 150)
    lines.append("</svg>")
    return "\n".join(lines)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        report = json.load(file)
    if not report["products"]:
        sys.exit(f"draw_roofline: {sys.argv[1]} holds no products: it was not written by Machine roofline")
    print(draw(report))


if __name__ == "__main__":
    main()
