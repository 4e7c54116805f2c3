"""The picture of perf/roofline: GFLOP/s against operations for each byte of weights, both logarithmic."""

import math
import pathlib

import matplotlib
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from reglow_perf.figures import style

MODELS = {"bootstrap": ("#2a7f9e", "bootstrap: L4 K16 h128"), "paper": ("#d1495b", "paper size: L4 K32 h512")}
# Each layer has a shape of its own, so that colour is not needed to tell them apart.
LAYERS = {
    "first": ("o", "first product (3x3 in)"),
    "second": ("s", "second product (1x1)"),
    "third": ("^", "third product (3x3 out)"),
    "mixing": ("D", "mixing (C x C)"),
}
# The models of a level lie side by side and their layers too, not on one another; all belong to the middle. Powers of two.
ASIDE = {"bootstrap": -0.24, "paper": 0.24}
BESIDE = {"first": -0.14, "second": 0, "third": 0.14, "mixing": 0}
CAPTIONS = {"fp32": "half the pixels of a level", "bf16": "the pixels of a level; mixing is fp32, half of them"}


def plural(threads: int) -> str:
    return f"{threads} thread{'s' if threads > 1 else ''}"


def roofs(axes, report: dict, right: float) -> None:
    """A roof for each thread count; under those of bf16 also the float32 peak, for mixing has no other."""
    bandwidth = {entry["threads"]: entry["gigabytes_per_second"] for entry in report["triads"]}
    for peak in sorted(report["peaks"], key=lambda peak: -peak["gflops"]):
        threads, height = peak["threads"], peak["gflops"]
        is_own, has_all = peak["precision"] == report["precision"], threads == report["threads"]
        if not is_own and not (has_all and peak["precision"] == "fp32"):
            continue
        ridge = height / bandwidth[threads]
        words = f"{plural(threads)}: {height:.0f} GFLOP/s"
        words = f"{words}, {bandwidth[threads]:.0f} GB/s" if is_own else f"{peak['precision']}, {words}"
        look = {"color": "#333333" if is_own else "#999999", "linestyle": "-" if is_own and has_all else "--" if is_own else ":"}
        axes.plot([ridge / 2**12, ridge, right], [height / 2**12, height, height], linewidth=1.5, zorder=1.5, label=words, **look)


def points(axes, products: list[dict]) -> None:
    for entry in products:
        place = entry["operations_per_byte"] * 2 ** (ASIDE[entry["model"]] + BESIDE[entry["layer"]])
        axes.plot(
            place,
            entry["gflops"],
            LAYERS[entry["layer"]][0],
            color=MODELS[entry["model"]][0],
            markeredgecolor="white",
            markeredgewidth=0.6,
            markersize=7,
            alpha=0.85,
        )


def key(axes) -> None:
    marks, _ = axes.get_legend_handles_labels()
    marks += [Line2D([], [], marker="s", linestyle="none", color=colour, label=words) for colour, words in MODELS.values()]
    marks += [Line2D([], [], marker=shape, linestyle="none", color="#777777", label=words) for shape, words in LAYERS.values()]
    axes.legend(handles=marks, loc="lower left", bbox_to_anchor=(1.01, 0))


def scales(axes, products: list[dict], top: float) -> float:
    """Sets both axes; the right end."""
    intensities = [entry["operations_per_byte"] for entry in products]
    low = min(entry["gflops"] for entry in products)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log", base=2)
    axes.set_xlim(min(intensities) / 8, max(intensities) * 2)
    axes.set_ylim(2 ** math.floor(math.log2(low / 1.5)), top * 1.25)
    axes.xaxis.set_major_locator(LogLocator(base=2, numticks=20))
    axes.yaxis.set_major_locator(LogLocator(base=2, subs=(1, 1.5), numticks=20))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))
        axis.set_minor_locator(NullLocator())
    return max(intensities) * 2


def figure_of(report: dict) -> Figure:
    products, precision = report["products"], report["precision"]
    top = max(entry["gflops"] for entry in products + [peak for peak in report["peaks"] if peak["precision"] == precision])
    figure = Figure(figsize=(10, 6), layout="constrained")
    axes = figure.subplots()
    right = scales(axes, products, top)
    roofs(axes, report, right)
    points(axes, products)
    networks = {(entry["level"], entry["operations_per_byte"]) for entry in products if entry["layer"] != "mixing"}
    for level, intensity in sorted(networks):
        axes.annotate(
            f"level {level}",
            (intensity, 1),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4),
            textcoords="offset points",
            ha="center",
            color=style.PALE,
        )
    key(axes)
    axes.set_xlabel(f"operations for each byte of weights ({CAPTIONS[precision]})")
    axes.set_ylabel("GFLOP/s")
    figure.suptitle(
        f"Matrix products of the layers at 64x64, {precision} on {report['isa']}, {plural(report['threads'])}\n"
        f"{report['processor']}. Lines: what memory (slope) and arithmetic (level) allow."
    )
    return figure


def draw(report: dict, path: pathlib.Path) -> None:
    with matplotlib.rc_context(style.SETTINGS):
        style.save(figure_of(report), path)
