"""Draws folded stacks as a flame graph: SVG without scripts, the full name, share and weight of a box as its hover text.

    flamegraph.py STACKS --title TEXT --unit ns|cycles|instructions > OUTPUT.svg

A box is a function and as wide as its share; what it calls stands on it. Colours are modules.
"""

import argparse
import re
from html import escape

WIDTH, MARGIN, ROW = 1400, 12, 20
TOP, LEGEND = 64, 30
# Narrower boxes are left out, and a label needs room for some letters.
NARROWEST, CHARACTER = 1, 6.6

# Name, colour, and what a function's name holds; the first that fits.
MODULES = [
    ("kernels", "#e4572e", ("Kernels",)),
    ("GlowModel", "#f2a541", ("GlowModel.",)),
    ("InverseSolvers", "#76b041", ("InverseSolvers.",)),
    ("ForwardOperators, FFTW", "#3fa796", ("ForwardOperators.", "[libfftw3", "[libopenblas")),
    ("operating system", "#b9a7c9", ("[kernel]",)),
    ("threads", "#7f9cc9", ("KernelInterface.", "Dispatch.", "[libdispatch", "sched_yield", " thread")),
    ("other", "#c9c4ba", ("",)),
]


class Box:
    """A function of the graph and what it calls."""

    def __init__(self):
        self.weight = 0
        self.children = {}

    def add(self, frames, weight):
        box = self
        box.weight += weight
        for frame in frames:
            box = box.children.setdefault(frame, Box())
            box.weight += weight

    def depth(self, least):
        """Levels of boxes that weigh at least `least`."""
        return 1 + max((child.depth(least) for child in self.children.values() if child.weight >= least), default=0)


def read(path):
    root = Box()
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            stack, _, weight = line.rstrip("\n").rpartition(" ")
            root.add(stack.split(";"), int(weight))
    return root


def colour(name):
    return next(value for _, value, parts in MODULES if any(part in name for part in parts))


def short(name, width):
    """As much of a name as fits, without module and library: the colour tells them."""
    room = int((width - 6) / CHARACTER)
    if room < 3:
        return ""
    function, bracket, _ = name.rpartition(" [")
    if not bracket:
        function = re.sub(r"^(closure in )?\w+\.", r"\1", name)
    if len(function) > room:
        function = function.removeprefix("closure in ")
    return function if len(function) <= room else function[: room - 1] + "…"


def amount(weight, unit):
    if unit == "ns":
        return f"{weight * 1e-9:.3f} CPU s"
    return f"{weight:,} {unit}"


def scale_of(root):
    """Pixels for a unit of weight."""
    return (WIDTH - 2 * MARGIN) / root.weight


def boxes(root, unit, bottom):
    """SVG of all boxes; the outermost functions stand at `bottom`."""
    scale = scale_of(root)
    drawn = []

    def draw(name, box, left, level):
        width = box.weight * scale
        if width < NARROWEST:
            return
        y = bottom - (level + 1) * ROW
        hover = f"{name}\n{100 * box.weight / root.weight:.2f} %, {amount(box.weight, unit)}"
        drawn.append(
            f'<g><title>{escape(hover)}</title>'
            f'<rect x="{left:.2f}" y="{y}" width="{max(width - 0.5, 0.4):.2f}" height="{ROW - 1}" rx="2" fill="{colour(name)}"/>')
        if label := short(name, width):
            drawn.append(f'<text x="{left + 4:.2f}" y="{y + 14}">{escape(label)}</text>')
        drawn.append("</g>")
        for child, inner in sorted(box.children.items()):
            draw(child, inner, left, level + 1)
            left += inner.weight * scale

    left = MARGIN
    for name, box in sorted(root.children.items()):
        draw(name, box, left, 0)
        left += box.weight * scale
    return drawn


def flame_graph(root, title, unit):
    height = TOP + (root.depth(NARROWEST / scale_of(root)) - 1) * ROW + LEGEND + MARGIN
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11">',
        f"<title>{escape(title)}</title>",
        "<style>text { fill: #222; pointer-events: none } g:hover > rect { stroke: #222; stroke-width: 1.5 }</style>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fffdf8"/>',
        f'<text x="{MARGIN}" y="26" font-size="17" font-weight="bold" font-family="DejaVu Sans, sans-serif">{escape(title)}</text>',
        f'<text x="{MARGIN}" y="46" font-family="DejaVu Sans, sans-serif">'
        f"{escape(amount(root.weight, unit))} in solver iterations. A box is as wide as its share; what it calls stands on it.</text>",
    ]
    bottom = height - LEGEND - MARGIN
    lines += boxes(root, unit, bottom)
    x = MARGIN
    for name, value, _ in MODULES:
        lines.append(f'<rect x="{x}" y="{bottom + 16}" width="12" height="12" rx="2" fill="{value}"/>')
        lines.append(f'<text x="{x + 17}" y="{bottom + 26}">{escape(name)}</text>')
        x += 40 + len(name) * CHARACTER
    lines.append("</svg>")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stacks")
    parser.add_argument("--title", default="Flame graph")
    parser.add_argument("--unit", choices=["ns", "cycles", "instructions"], required=True)
    arguments = parser.parse_args()
    root = read(arguments.stacks)
    if not root.weight:
        raise SystemExit(f"flamegraph: {arguments.stacks} holds no stack")
    print(flame_graph(root, arguments.title, arguments.unit))


if __name__ == "__main__":
    main()
