"""Draws PSNR and objective against passes of the flow, for every solver and the five problems of the paper.

    perf/curves FACES... --output perf/figures/curves.svg     # a folder of images, or some; noise 0.01, the shipped prior
    perf/curves FACES... --noise 0.1 --prior FILE --output noisy.svg
    perf/curves --redraw perf/data/curves.json.gz --output perf/figures/curves.svg

The curves are kept beside the picture, in OUTPUT.json.gz, or in --data; drawing them needs matplotlib. Images must be of one size. Each
solver goes on for --iterations evaluations; auto and gauss-newton stop by themselves, unless --tolerance 0 is given. A curve is the mean
over the images; one that has stopped stays where it is. Nothing here is timed, so that the machine need not be quiet.
"""

import argparse
import json
import pathlib
import sys
import tempfile

from reglow_perf import steps
from reglow_perf.engine import PROBLEMS, WINDOW, Engine
from reglow_perf.figures import style
from reglow_perf.files import image_files, read_json, write

PLAIN = ["--solver", "lbfgs", "--tolerance", "0"]
SOLVERS = {
    "auto": ["--solver", "auto"],
    "gauss-newton": ["--solver", "gauss-newton"],
    "analysis": [*PLAIN, "--method", "analysis"],
    "synthesis": [*PLAIN, "--method", "synthesis"],
}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="perf/curves", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="*", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="FILE.svg")
    parser.add_argument("--redraw", type=pathlib.Path, metavar="FILE", help="draws the curves of an earlier run once more")
    parser.add_argument("--data", type=pathlib.Path, metavar="FILE", help="for the curves (default: OUTPUT.json.gz)")
    parser.add_argument("--problems", nargs="+", choices=[*PROBLEMS, *WINDOW], default=list(PROBLEMS))
    parser.add_argument("--noise", type=float, default=0.01, help="sigma (default: %(default)s)")
    parser.add_argument("--prior", help="a name or a file (default: the shipped prior)")
    parser.add_argument("--iterations", type=int, default=300, help="evaluations of each solve (default: %(default)s)")
    parser.add_argument("--tolerance", type=float, help="of auto and gauss-newton (default: their own)")
    parser.add_argument("--precision", choices=["fp32", "auto", "bf16"], default="fp32")
    parser.add_argument("--threads", type=int, help="default: all")
    parser.add_argument("--seed", type=int, default=0, help="of noise and mask")
    arguments = parser.parse_args()
    if bool(arguments.images) == bool(arguments.redraw):
        parser.error("give images, or --redraw")
    if arguments.output.suffix != ".svg":
        parser.error(f"--output {arguments.output} must end in .svg")
    return arguments


def engine_options(arguments: argparse.Namespace) -> list[str]:
    options = ["--max-evaluations", str(arguments.iterations), "--precision", arguments.precision]
    for name in ("prior", "threads"):
        if getattr(arguments, name) is not None:
            options += [f"--{name}", str(getattr(arguments, name))]
    return options


def measure(arguments: argparse.Namespace) -> dict:
    files = image_files(arguments.images)
    names = [file.stem for file in files]
    tolerance = [] if arguments.tolerance is None else ["--tolerance", str(arguments.tolerance)]
    measured, prior = [], ""
    with tempfile.TemporaryDirectory() as folder:
        engine = Engine(pathlib.Path(folder), files, arguments.noise, arguments.seed, engine_options(arguments))
        for problem in arguments.problems:
            engine.measure(problem)
            curves = {}
            for solver, options in SOLVERS.items():
                traces, report = engine.restore(problem, names, *options, *([] if "--tolerance" in options else tolerance))
                prior = pathlib.Path(report["prior"]).stem
                curves[solver] = {
                    value: [
                        (effort, round(number, 6))
                        for effort, number in steps.mean([steps.steps(traces[name], "passes", value) for name in names])
                    ]
                    for value in ("psnr", "objective")
                }
                passes, psnr = curves[solver]["psnr"][-1]
                print(f"{problem} {solver}: {psnr:.2f} dB after {passes:.0f} passes", file=sys.stderr)
            measured.append({"name": problem, "curves": curves})
    settings = {"noise": arguments.noise, "prior": prior, "images": len(files), "seed": arguments.seed}
    settings |= {name: getattr(arguments, name) for name in ("iterations", "precision", "tolerance")}
    return {"settings": settings, "problems": measured}


def text_of(report: dict) -> str:
    """JSON with a curve on a line."""
    problems = []
    for problem in report["problems"]:
        curves = [f'   "{solver}": {json.dumps(curve)}' for solver, curve in problem["curves"].items()]
        problems.append(f'  {{"name": "{problem["name"]}", "curves": {{\n' + ",\n".join(curves) + "}}")
    return f'{{"settings": {json.dumps(report["settings"])},\n "problems": [\n' + ",\n".join(problems) + "]}\n"


def main() -> None:
    arguments = parse_arguments()
    if arguments.redraw:
        report = read_json(arguments.redraw)
    else:
        report = measure(arguments)
        data = arguments.data or arguments.output.with_suffix(".json.gz")
        write(data, text_of(report))
        print(f"curves: {data}", file=sys.stderr)
    # What was measured is kept before the library that draws it may be missing.
    style.require()
    from reglow_perf.figures import curves_figure

    curves_figure.draw(report, arguments.output)
    print(f"curves: {arguments.output}", file=sys.stderr)
