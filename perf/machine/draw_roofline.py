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
# The models of a level lie side by side, not on one another; both belong to the middle.
ASIDE = {"bootstrap": -7, "paper": 7}


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


def roof(axes, peaks, triads):
    """The lines of every thread count: bandwidth up to the ridge, then the peak."""
    lines = []
    bandwidth = {entry["threads"]: entry["gigabytes_per_second"] for entry in triads}
    left, right = 2**axes.x0, 2**axes.x1
    # From the highest down: labels of roofs that are closer than a line of text move apart.
    label_y = -math.inf
    for peak in sorted(peaks, key=lambda entry: -entry["gflops"]):
        threads, top = peak["threads"], peak["gflops"]
        ridge = top / bandwidth[threads]
        dashes = "" if threads == max(entry["threads"] for entry in peaks) else ' stroke-dasharray="6 4"'
        points = f"{axes.x(left):.1f},{axes.y(bandwidth[threads] * left):.1f} " if ridge > left else ""
        points += f"{axes.x(max(ridge, left)):.1f},{axes.y(top):.1f} {axes.x(right):.1f},{axes.y(top):.1f}"
        label = f"{threads} thread{'s' if threads > 1 else ''}: {top:.0f} GFLOP/s, {bandwidth[threads]:.0f} GB/s"
        lines.append(
            f'<g><title>{escape(label)}</title><polyline points="{points}" fill="none" stroke="#333" stroke-width="2"{dashes}/></g>')
        y = max(axes.y(top) + 4, label_y + 15)
        lines.append(text(axes.x(right) + 8, y, label))
        label_y = y
    return lines


def grid(axes):
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
    caption = "operations for each byte of weights (half the pixels of a level)"
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
    products, peaks = report["products"], report["peaks"]
    top = max([entry["gflops"] for entry in peaks + products])
    low = min(entry["gflops"] for entry in products)
    intensities = [entry["operations_per_byte"] for entry in products]
    axes = Axes((min(intensities) / 8, max(intensities) * 2), (2 ** math.floor(math.log2(low / 1.5)), top * 1.25))
    threads = report["threads"]
    title = f"Matrix products of the layers at 64x64, {report['isa']}, {threads} thread{'s' if threads > 1 else ''}"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        'font-family="DejaVu Sans, Helvetica, sans-serif" font-size="12" fill="#222">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fffdf8"/>',
        text(LEFT, 30, title, font_size=17, font_weight="bold"),
        text(LEFT, 50, f"{report['processor']}. Lines: what memory (slope) and arithmetic (level) allow."),
    ]
    lines += grid(axes) + roof(axes, peaks, report["triads"])
    for entry in products:
        hover = (
            f"{entry['model']}, level {entry['level']}, {entry['layer']}: {entry['rows']} x {entry['columns']} on "
            f"{entry['pixels']} pixels\n{entry['gflops']:.1f} GFLOP/s")
        x = axes.x(entry["operations_per_byte"]) + ASIDE[entry["model"]]
        lines.append(mark(entry["layer"], x, axes.y(entry["gflops"]), MODELS[entry["model"]][0], hover))
    for level, intensity in sorted({(entry["level"], entry["operations_per_byte"]) for entry in products}):
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
