"""Step functions: what a solve had reached after so much effort. A list of points (effort, value), by increasing effort.

From a point on its value holds until the next, and that of the last for ever: a solve that has stopped stays where it is.
"""

import csv
import pathlib

Steps = list[tuple[float, float]]


def read_traces(path: pathlib.Path) -> dict[str, list[dict[str, str]]]:
    """The file of `reglow restore --trace`: the rows of each input."""
    traces: dict[str, list[dict[str, str]]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            traces.setdefault(row["input"], []).append(row)
    return traces


def steps(rows: list[dict[str, str]], effort: str, value: str) -> Steps:
    """Two columns of a trace."""
    return [(float(row[effort]), float(row[value])) for row in rows]


def mean(curves: list[Steps]) -> Steps:
    """The mean of the values over the curves, from where all of them have begun."""
    begin = max(curve[0][0] for curve in curves)
    places = [0] * len(curves)
    means = []
    for effort in sorted({effort for curve in curves for effort, _ in curve if effort >= begin}):
        for index, curve in enumerate(curves):
            while places[index] + 1 < len(curve) and curve[places[index] + 1][0] <= effort:
                places[index] += 1
        means.append((effort, sum(curve[place][1] for curve, place in zip(curves, places)) / len(curves)))
    return means


def effort_until(curve: Steps, least: float) -> float | None:
    """The effort from which on no value is below `least`; None where the last one is."""
    reached = None
    for effort, value in reversed(curve):
        if not value >= least:  # NaN is below
            break
        reached = effort
    return reached
