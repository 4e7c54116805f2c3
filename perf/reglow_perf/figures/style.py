"""How all figures look: dark ink on an opaque light ground, which a dark page shows as it is; SVG that is the same for the same numbers."""

import io
import pathlib
import re
import sys

from reglow_perf.files import write

INK, PALE, GRID, GROUND = "#222222", "#666666", "#e4e0d8", "#fffdf8"
SETTINGS = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Helvetica"],
    "font.size": 9,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#aaaaaa",
    "axes.facecolor": GROUND,
    "figure.facecolor": GROUND,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.titlesize": 9.5,
    "legend.title_fontsize": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "xtick.labelcolor": PALE,
    "ytick.labelcolor": PALE,
    "xtick.bottom": False,
    "ytick.left": False,
    "legend.frameon": False,
    # Of a point: what no eye can tell apart goes, so that the files are small.
    "path.simplify_threshold": 0.4,
    "svg.fonttype": "none",
    "svg.hashsalt": "reglow",
}


def require() -> None:
    """Ends the program where there is no matplotlib."""
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        sys.exit("the picture needs matplotlib: pip install -e 'perf[figures]', or name a Python that has it in PYTHON")


def save(figure, path: pathlib.Path) -> None:
    """Writes SVG that is small and the same every time: no date, no version, no white space around lines, steps of a tenth of a point."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None})
    short = re.sub(r"-?\d+\.\d{3,}", lambda number: f"{float(number[0]):.1f}".removesuffix(".0"), text.getvalue())
    write(path, "".join(line.strip() + "\n" for line in short.splitlines()))
