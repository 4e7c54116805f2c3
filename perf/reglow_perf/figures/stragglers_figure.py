"""The picture of `scale stragglers`: when the last shard ends against shards for each node.

A row for each job, a column for each kind of nodes.
"""

import pathlib

import matplotlib
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from reglow_perf.figures import style

COLOURS = ("#2a6f9e", "#3f7d3a", "#b5892d", "#c8372d")
PATTERNS = ("-", (0, (6, 2)), (0, (3, 2)), (0, (1, 1.5)))


def panel(axes, lines: list[tuple[int, list[tuple[float, float]]]], rounds: list[int]) -> None:
    for (_, points), colour, pattern in zip(lines, COLOURS, PATTERNS):
        medians, highest = zip(*points)
        axes.fill_between(rounds, medians, highest, color=colour, alpha=0.13, linewidth=0)
        axes.plot(rounds, medians, color=colour, linestyle=pattern, linewidth=1.5, marker="o", markersize=3.5)
    axes.axhline(1, color=style.PALE, linewidth=0.8)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(rounds))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda tick, _: f"{tick:g}"))


def figure_of(report: dict) -> Figure:
    """`report` has rounds, and jobs with a title and for each kind of nodes the lines of (nodes, points)."""
    jobs = report["jobs"]
    kinds = list(jobs[0]["kinds"])
    figure = Figure(figsize=(10, 2.9 * len(jobs) + 0.7), layout="constrained")
    grid = figure.subplots(len(jobs), len(kinds), sharex=True, sharey="row", squeeze=False)
    for row, job in zip(grid, jobs):
        for axes, kind in zip(row, kinds):
            panel(axes, job["kinds"][kind], report["rounds"])
        row[0].set_ylabel(job["title"])
        row[0].set_ylim(bottom=0.97)
    for axes, kind in zip(grid[0], kinds):
        axes.set_title(kind)
    figure.supxlabel("shards for each node", fontsize="medium")
    nodes = [count for count, _ in jobs[0]["kinds"][kinds[0]]]
    handles = [
        matplotlib.lines.Line2D([], [], color=colour, linestyle=pattern, linewidth=1.5, marker="o", markersize=3.5)
        for _, colour, pattern in zip(nodes, COLOURS, PATTERNS)
    ]
    handles.append(matplotlib.patches.Patch(color=style.PALE, alpha=0.2, linewidth=0))
    words = [*(f"{count} nodes" for count in nodes), "up to 95 % of the runs"]
    title = "When the last shard ends, over when all would end if work were shared without a rest: median"
    figure.legend(handles, words, loc="outside upper center", ncols=len(handles), title=title)
    return figure


def draw(report: dict, path: pathlib.Path) -> None:
    with matplotlib.rc_context(style.SETTINGS):
        style.save(figure_of(report), path)
