"""Draws what perf/curves has measured as SVG: a column for each problem, PSNR above, the objective below."""

import math
from html import escape

PANEL_WIDTH, PANEL_HEIGHT = 220, 210
LEFT, TOP, RIGHT, BOTTOM = 66, 104, 22, 56
GAP_X, GAP_Y = 44, 34
INK, PALE, GRID = "#222", "#666", "#e4e0d8"
# The patterns too tell the lines apart, not only the colours.
STYLES = {
    "auto": ('stroke="#c8372d" stroke-width="2.6"', "#c8372d"),
    "gauss-newton": ('stroke="#b5892d" stroke-width="1.7" stroke-dasharray="2 2"', "#b5892d"),
    "analysis": ('stroke="#2a6f9e" stroke-width="1.7"', "#2a6f9e"),
    "synthesis": ('stroke="#3f7d3a" stroke-width="1.7" stroke-dasharray="6 3"', "#3f7d3a"),
}
WORDS = {
    "auto": "--solver auto",
    "gauss-newton": "--solver gauss-newton",
    "analysis": "L-BFGS in the image (analysis)",
    "synthesis": "L-BFGS in the latent (synthesis)",
}
TITLES = {
    "deblur": "deblurring, uniform 5x5",
    "superres-x2": "super-resolution by 2",
    "superres-x4": "super-resolution by 4",
    "inpaint-random": "inpainting, 60 % missing",
    "inpaint-hole": "inpainting, hole of 20x20",
    "deblur-window": "deblurring of a window, uniform 5x5",
}
# The most that a panel shows: of PSNR under the best, and of the objective above the least, as a power of ten.
DECIBELS = 16
DECADES = 2.5


def text(x: float, y: float, content: str, **style) -> str:
    attributes = "".join(f' {key.replace("_", "-")}="{value}"' for key, value in style.items())
    return f'<text x="{x:.1f}" y="{y:.1f}"{attributes}>{escape(content)}</text>'


class Scale:
    """Numbers from `low` to `high` on pixels from `begin` to `end`."""

    def __init__(self, low: float, high: float, begin: float, end: float, logarithmic: bool):
        self.of = math.log10 if logarithmic else float
        self.low, self.high, self.begin, self.end = low, high, begin, end
        self.logarithmic = logarithmic

    def __call__(self, value: float) -> float:
        part = (self.of(value) - self.of(self.low)) / (self.of(self.high) - self.of(self.low))
        return self.begin + part * (self.end - self.begin)

    def ticks(self) -> list[float]:
        """Round numbers: on a logarithmic scale 1, 2 and 5 times powers of ten, or fewer of them."""
        if not self.logarithmic:
            step = next(step for step in (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50) if (self.high - self.low) / step <= 9)
            first, last = math.ceil(self.low / step), math.floor(self.high / step)
            return [round(index * step, 6) for index in range(first, last + 1)]
        decades = math.log10(self.high / self.low)
        factors = (1, 2, 5) if decades <= 3.5 else (1,)
        exponents = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        return [factor * 10.0**exponent for exponent in exponents for factor in factors
                if self.low <= factor * 10.0**exponent <= self.high]


def efforts(problems: list[dict]) -> tuple[float, float]:
    """The range of all panels."""
    points = [point for problem in problems for curve in problem["curves"].values() for point in curve["psnr"]]
    return min(effort for effort, _ in points), 1.08 * max(effort for effort, _ in points)


def span(problem: dict, value: str) -> tuple[float, float]:
    """The range of a panel: what is far from every end of a solve is left out."""
    values = [number for curve in problem["curves"].values() for _, number in curve[value] if math.isfinite(number)]
    low, high = min(values), max(values)
    if value == "psnr":
        low = max(low, high - DECIBELS)
        margin = 0.04 * max(1.0, high - low)
        return low - margin, high + margin
    return low * 0.9, min(max(high, low * 2), low * 10**DECADES)


def line(curve: list, across: Scale, upwards: Scale, style: str) -> str:
    """Straight from point to point."""
    points = " ".join(f"{across(effort):.1f},{upwards(value):.1f}" for effort, value in curve)
    return f'<polyline points="{points}" fill="none" stroke-linejoin="round" {style}/>'


def panel(problem: dict, value: str, column: int, row: int, range_: tuple[float, float]) -> list[str]:
    x, y = LEFT + column * (PANEL_WIDTH + GAP_X), TOP + row * (PANEL_HEIGHT + GAP_Y)
    across = Scale(*range_, x, x + PANEL_WIDTH, logarithmic=True)
    upwards = Scale(*span(problem, value), y + PANEL_HEIGHT, y, logarithmic=value == "objective")
    clip = f"{problem['name']}-{value}"
    lines = [f'<clipPath id="{clip}"><rect x="{x}" y="{y}" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}"/></clipPath>']
    if row == 0:
        lines.append(text(x + PANEL_WIDTH / 2, y - 10, TITLES[problem["name"]], text_anchor="middle", font_size=13))
    for tick in across.ticks():
        place = across(tick)
        lines.append(f'<line x1="{place:.1f}" y1="{y}" x2="{place:.1f}" y2="{y + PANEL_HEIGHT}" stroke="{GRID}"/>')
        lines.append(text(place, y + PANEL_HEIGHT + 16, f"{tick:g}", text_anchor="middle", fill=PALE))
    for tick in upwards.ticks():
        place = upwards(tick)
        lines.append(f'<line x1="{x}" y1="{place:.1f}" x2="{x + PANEL_WIDTH}" y2="{place:.1f}" stroke="{GRID}"/>')
        lines.append(text(x - 6, place + 4, f"{tick:g}", text_anchor="end", fill=PALE))
    lines.append(f'<rect x="{x}" y="{y}" width="{PANEL_WIDTH}" height="{PANEL_HEIGHT}" fill="none" stroke="#aaa"/>')
    # The first solver last, so that it lies on the others.
    for name, curve in reversed(problem["curves"].items()):
        style, colour = STYLES[name]
        lines.append(f'<g clip-path="url(#{clip})">{line(curve[value], across, upwards, style)}</g>')
        effort, last = curve[value][-1]
        lines.append(f'<circle cx="{across(effort):.1f}" cy="{upwards(last):.1f}" r="3.5" fill="{colour}"/>')
    return lines


def key(names: list[str]) -> list[str]:
    lines, x, y = [], LEFT, 68
    for name in names:
        style, _ = STYLES[name]
        lines.append(f'<line x1="{x}" y1="{y - 4}" x2="{x + 30}" y2="{y - 4}" {style}/>')
        lines.append(text(x + 38, y, WORDS[name]))
        x += 64 + 6.6 * len(WORDS[name])
    lines.append(text(x, y, "dot: the end of the last solve", fill=PALE))
    return lines


def draw(report: dict) -> str:
    problems, settings = report["problems"], report["settings"]
    columns = len(problems)
    # A picture of one problem is still wide enough for the key.
    width = max(LEFT + columns * (PANEL_WIDTH + GAP_X) - GAP_X + RIGHT, 1160)
    height = TOP + 2 * PANEL_HEIGHT + GAP_Y + BOTTOM
    images = settings["images"]
    title = f"PSNR and objective against passes of the flow, noise {settings['noise']:g}"
    plural = "s" if images > 1 else ""
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'font-family="DejaVu Sans, Helvetica, sans-serif" font-size="12" fill="{INK}">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{width}" height="{height}" fill="#fffdf8"/>',
        text(LEFT, 28, title, font_size=17, font_weight="bold"),
        text(LEFT, 46, f"Mean over {images} image{plural}, prior {settings['prior']}. An evaluation is two passes; those for the "
             "start count.", fill=PALE),
    ]
    lines += key(list(problems[0]["curves"]))
    for column, problem in enumerate(problems):
        for row, value in enumerate(("psnr", "objective")):
            lines += panel(problem, value, column, row, efforts(problems))
    for row, words in enumerate(("PSNR (dB)", "objective")):
        middle = TOP + row * (PANEL_HEIGHT + GAP_Y) + PANEL_HEIGHT / 2
        lines.append(text(18, middle, words, text_anchor="middle", font_size=13, transform=f"rotate(-90 18 {middle})"))
    middle = LEFT + (columns * (PANEL_WIDTH + GAP_X) - GAP_X) / 2
    lines.append(text(middle, height - 14, "passes of the flow", text_anchor="middle", font_size=13))
    lines.append("</svg>")
    return "\n".join(lines) + "\n"
