"""The picture of perf/curves: a column for each problem, PSNR above, the objective below, both against passes of the flow."""

import math
import pathlib

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reglow_perf.figures import style

# The patterns too tell the lines apart, not only the colours.
LINES = {
    "auto": {"color": "#c8372d", "linewidth": 1.9},
    "gauss-newton": {"color": "#b5892d", "linewidth": 1.2, "linestyle": (0, (2, 2))},
    "analysis": {"color": "#2a6f9e", "linewidth": 1.2},
    "synthesis": {"color": "#3f7d3a", "linewidth": 1.2, "linestyle": (0, (6, 3))},
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
PANEL, HEIGHT, LEAST_WIDTH = 2.75, 6.2, 11


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


def logarithmic(axis) -> None:
    """Ticks at 1, 2 and 5 times powers of ten, as plain numbers."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
    axis.set_minor_locator(NullLocator())


def panel(axes, problem: dict, value: str) -> None:
    # The first solver last, so that it lies on the others.
    for name, curve in reversed(problem["curves"].items()):
        passes, values = zip(*curve[value])
        axes.plot(passes, values, solid_joinstyle="round", **LINES[name])
        axes.plot(passes[-1], values[-1], "o", color=LINES[name]["color"], markersize=4.5, clip_on=False)
    axes.set_xscale("log")
    logarithmic(axes.xaxis)
    if value == "objective":
        axes.set_yscale("log")
        logarithmic(axes.yaxis)
    axes.set_ylim(*span(problem, value))


def figure_of(report: dict) -> Figure:
    problems, settings = report["problems"], report["settings"]
    figure = Figure(figsize=(max(PANEL * len(problems), LEAST_WIDTH), HEIGHT), layout="constrained")
    grid = figure.subplots(2, len(problems), sharex=True, squeeze=False)
    for column, problem in zip(grid.T, problems):
        column[0].set_title(TITLES[problem["name"]])
        for axes, value in zip(column, ("psnr", "objective")):
            panel(axes, problem, value)
    grid[0, 0].set_xlim(*efforts(problems))
    for axes, words in zip(grid[:, 0], ("PSNR (dB)", "objective")):
        axes.set_ylabel(words)
    figure.supxlabel("passes of the flow", fontsize="medium")
    images = f"{settings['images']} image{'s' if settings['images'] > 1 else ''}"
    title = f"PSNR and objective against passes of the flow, noise {settings['noise']:g}: mean over {images}, prior {settings['prior']}"
    names = list(problems[0]["curves"])
    handles = [matplotlib.lines.Line2D([], [], **LINES[name]) for name in names]
    handles.append(matplotlib.lines.Line2D([], [], color=style.PALE, marker="o", linestyle="none", markersize=4.5))
    figure.legend(
        handles,
        [*(WORDS[name] for name in names), "the end of the last solve"],
        loc="outside upper center",
        ncols=len(handles),
        title=title,
    )
    return figure


def draw(report: dict, path: pathlib.Path) -> None:
    with matplotlib.rc_context(style.SETTINGS):
        style.save(figure_of(report), path)
