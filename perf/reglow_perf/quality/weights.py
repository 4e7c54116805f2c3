"""How much PSNR each rule for lambda loses against the best lambda of a grid, and what it costs.

    perf/weights FACES... --noise 0.01 0.03 0.1 --output weights.json

On each problem of the paper and denoising, noise and image: a solve for each lambda of the grid, then one call for each rule. A loss is
the PSNR at the best lambda of the grid, which the rule does not know, less that of the rule: for a problem and noise that of the mean
over the images, whose best lambda is one; for an image with the best lambda of its own. The unit of the cost is the evaluations of the
solve with lambda = sigma^2. Prints a table; OUTPUT keeps every solve. Images must be of one size. Nothing here is
timed, so that the machine need not be quiet.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

from reglow_perf.engine import ALL_PROBLEMS, Engine
from reglow_perf.files import image_files, write

# lambda / sigma^2
GRID = [4, 2, 1.41, 1, 0.71, 0.5, 0.25]
RULES = {
    "--noise SIGMA": [],
    "--noise auto": ["--noise", "auto"],
    "--noise SIGMA --lambda discrepancy": ["--lambda", "discrepancy"],
    "--noise auto --lambda discrepancy": ["--noise", "auto", "--lambda", "discrepancy"],
    "--lambda whiteness": ["--lambda", "whiteness"],
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/weights", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="FILE.json")
    parser.add_argument("--problems", nargs="+", choices=list(ALL_PROBLEMS), default=list(ALL_PROBLEMS))
    parser.add_argument("--noise", nargs="+", type=float, default=[0.01], help="sigmas (default: 0.01)")
    parser.add_argument("--prior", help="a name or a file (default: the shipped prior)")
    parser.add_argument("--threads", type=int, help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of noise and mask")
    return parser.parse_args()


def solve(engine: Engine, problem: str, names: list[str], options: list[str]) -> list[dict]:
    """PSNR and evaluations of each image."""
    _, report = engine.restore(problem, names, *options)
    return [{"psnr": result["psnr"], "evaluations": result["evaluations"]} for result in report["results"]]


def measure(arguments: argparse.Namespace) -> list[dict]:
    """A cell for each noise, problem and image, with the solves of the grid and of the rules."""
    files = image_files(arguments.images)
    names = [file.stem for file in files]
    options = [
        text
        for name in ("prior", "threads")
        if getattr(arguments, name) is not None
        for text in (f"--{name}", str(getattr(arguments, name)))
    ]
    cells = []
    for noise in arguments.noise:
        with tempfile.TemporaryDirectory() as folder:
            engine = Engine(pathlib.Path(folder), files, noise, arguments.seed, options)
            for problem in arguments.problems:
                engine.measure(problem)
                grid = {factor: solve(engine, problem, names, ["--lambda", str(factor * noise**2)]) for factor in GRID}
                rules = {rule: solve(engine, problem, names, words) for rule, words in RULES.items()}
                for index, name in enumerate(names):
                    cells.append(
                        {
                            "noise": noise,
                            "problem": problem,
                            "image": name,
                            "grid": {str(factor): solves[index] for factor, solves in grid.items()},
                            "rules": {rule: solves[index] for rule, solves in rules.items()},
                        }
                    )
                print(f"noise {noise}, {problem}", file=sys.stderr, flush=True)
    return cells


def loss(cells: list[dict], rule: str) -> float:
    """Of the mean PSNR of the cells, against the best lambda that they can share."""
    best = max(statistics.fmean(cell["grid"][str(factor)]["psnr"] for cell in cells) for factor in GRID)
    return best - statistics.fmean(cell["rules"][rule]["psnr"] for cell in cells)


def summary(cells: list[dict]) -> list[dict]:
    """Of each rule, the losses in dB and the evaluations in solves: mean and largest, over problems and noises, and over images."""
    groups: dict[tuple, list[dict]] = {}
    for cell in cells:
        groups.setdefault((cell["noise"], cell["problem"]), []).append(cell)
    rows = []
    for rule in RULES:
        losses = {key: loss(group, rule) for key, group in groups.items()}
        single = {(cell["noise"], cell["problem"], cell["image"]): loss([cell], rule) for cell in cells}
        costs = [cell["rules"][rule]["evaluations"] / cell["grid"]["1"]["evaluations"] for cell in cells]
        worst, worst_image = max(losses, key=losses.get), max(single, key=single.get)
        rows.append(
            {
                "rule": rule,
                "loss": statistics.fmean(losses.values()),
                "largest_loss": losses[worst],
                "largest_loss_at": list(worst),
                "largest_loss_of_an_image": single[worst_image],
                "largest_loss_of_an_image_at": list(worst_image),
                "solves": statistics.fmean(costs),
                "most_solves": max(costs),
            }
        )
    return rows


def table(rows: list[dict]) -> str:
    lines = [
        "| rule | loss in dB, mean | largest of a problem and noise | largest of an image | evaluations, in solves | most |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        noise, problem = row["largest_loss_at"]
        image_noise, image_problem, image = row["largest_loss_of_an_image_at"]
        lines.append(
            f"| `{row['rule']}` | {row['loss']:.2f} | {row['largest_loss']:.2f} ({problem}, {noise}) | "
            f"{row['largest_loss_of_an_image']:.2f} ({image_problem}, {image_noise}, {image}) | "
            f"{row['solves']:.1f} | {row['most_solves']:.1f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    arguments = parse_arguments()
    cells = measure(arguments)
    rows = summary(cells)
    write(arguments.output, json.dumps({"summary": rows, "cells": cells}, indent=1) + "\n")
    print(table(rows), end="")
