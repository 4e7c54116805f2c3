"""How long until a solve is as good as the peer in the end: from PSNR against seconds to the rows of a table.

The bar of a problem is 0.1 dB under the final PSNR of the better of the peer's two methods, means over the images; the time of a
solver is that from which on its own mean, each image solved alone, stays at the bar or above. Each image also has a bar of its own.
"""

import math
import statistics

from reglow_perf import steps

PEERS = ("analysis", "synthesis")
MIXED = "bf16 gradients"
ENSEMBLE = "self-ensemble"
MIXED_ENSEMBLE = f"{MIXED}, {ENSEMBLE}"
VARIANTS = (MIXED, ENSEMBLE, MIXED_ENSEMBLE)
ENGINE = ("reglow", *VARIANTS)
WITHIN = 0.1

# PSNR against seconds of each image, by its name.
Curves = dict[str, steps.Steps]


def ratio_of(seconds: float | None, peers: list[float | None]) -> float | None:
    """Reglow's time in units of the faster peer's; None where Reglow does not arrive."""
    return None if seconds is None else seconds / min(each for each in peers if each is not None)


def race(curves: dict[str, steps.Steps]) -> dict:
    """One curve for each solver: what they reach in the end, the bar, their times, and the ratios of those of `ENGINE`."""
    final = {solver: curve[-1][1] for solver, curve in curves.items()}
    bar = max(final[peer] for peer in PEERS) - WITHIN
    seconds = {solver: steps.effort_until(curve, bar) for solver, curve in curves.items()}
    ratios = {solver: ratio_of(seconds[solver], [seconds[peer] for peer in PEERS]) for solver in ENGINE}
    return {"final": final, "bar": bar, "seconds": seconds, "ratio": ratios}


def row(problem: str, curves: dict[str, Curves], together: dict[str, Curves]) -> dict:
    """`curves` by solver: those of `ENGINE` and the peers, each on the same images; `together` those of `ENGINE` that solved them in one
    call."""
    names = list(curves["reglow"])
    means = {solver: steps.mean([each[name] for name in names]) for solver, each in curves.items()}
    found = {"problem": problem} | race(means)
    found["images"] = [{"image": name} | race({solver: each[name] for solver, each in curves.items()}) for name in names]
    peers = [len(names) * each if each is not None else None for each in (found["seconds"][peer] for peer in PEERS)]
    found["together"] = {"peer": min(each for each in peers if each is not None), "seconds": {}, "ratio": {}}
    for solver, each in together.items():
        seconds = steps.effort_until(steps.mean([each[name] for name in names]), found["bar"])
        found["together"]["seconds"][solver] = seconds
        found["together"]["ratio"][solver] = ratio_of(seconds, peers)
    return found


def seconds_text(value: float | None) -> str:
    return "never" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def ratio_text(value: float | None) -> str:
    return "-" if value is None or math.isinf(value) else f"1/{1 / value:.1f}"


HEAD = (
    "problem",
    "images",
    "PSNR in the end: analysis",
    "synthesis",
    "Reglow",
    "seconds to within 0.1 dB: analysis",
    "synthesis",
    "Reglow",
    "ratio",
    "images that arrive",
    "median ratio",
    *(word for variant in VARIANTS for word in (f"with {variant}: PSNR", "seconds", "ratio")),
    "all together: peer",
    *(word for solver in ENGINE for word in (solver, "ratio")),
)


def cells(row: dict) -> list[str]:
    ratios = [math.inf if image["ratio"]["reglow"] is None else image["ratio"]["reglow"] for image in row["images"]]
    together = row["together"]
    solvers = (*PEERS, "reglow")
    return [
        row["problem"],
        str(len(row["images"])),
        *(f"{row['final'][solver]:.2f}" for solver in solvers),
        *(seconds_text(row["seconds"][solver]) for solver in solvers),
        ratio_text(row["ratio"]["reglow"]),
        str(sum(map(math.isfinite, ratios))),
        ratio_text(statistics.median(ratios)),
        *(
            text
            for variant in VARIANTS
            for text in (f"{row['final'][variant]:.2f}", seconds_text(row["seconds"][variant]), ratio_text(row["ratio"][variant]))
        ),
        seconds_text(together["peer"]),
        *(
            text
            for solver in ENGINE
            for text in (
                (seconds_text(together["seconds"][solver]), ratio_text(together["ratio"][solver]))
                if solver in together["seconds"]
                else ("", "")
            )
        ),
    ]


def table(rows: list[dict]) -> str:
    """Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *(cells(row) for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)
