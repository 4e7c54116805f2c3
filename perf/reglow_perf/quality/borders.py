"""PSNR of deblurred windows, with each of the engine's borders and by edgetaper with a Wiener filter.

    python -m reglow_perf borders PHOTOS... --output borders.json

Each window is cut from a photograph together with what the point spread reaches around it, blurred, and given noise: so what lies outside
of it is known to nobody. Windows are of --size, --windows of each photograph, on a grid over it. All are solved in calls of
`reglow restore` for the default border and the four others. Prints a Markdown table of the mean over all windows: of the blurred
window itself, of each border with its mean evaluations, and of the filter. Beside the windows `degrade --border periodic` blurs images of
the same size: their solves with a periodic border say what a solve takes when nothing is unknown. Nothing here is timed.

The filter, of `wiener.py`, is given the best strength of a grid for each window, which needs the truth.
"""

import argparse
import json
import pathlib
import statistics
import sys
import tempfile

import numpy as np

from reglow_perf import engine
from reglow_perf.files import image_files
from reglow_perf.quality import images
from reglow_perf.quality.images import psnr
from reglow_perf.quality.wiener import wiener

BORDERS = ["unknown", "periodic", "reflect", "replicate", "zero"]
SPREADS = ["uniform:5", "gaussian:2", "motion:15@30"]
STRENGTHS = [0.03, 0.1, 0.3, 1, 3, 10, 30]


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("photos", nargs="+", type=pathlib.Path, help="photographs, or folders of them")
    parser.add_argument("--output", type=pathlib.Path, metavar="FILE.json", help="keeps the result of every window")
    parser.add_argument("--windows", type=int, default=6, help="of each photograph (default: %(default)s)")
    parser.add_argument("--size", type=int, default=128, help="of a window (default: %(default)s)")
    parser.add_argument("--point-spreads", nargs="+", default=SPREADS, help="(default: %(default)s)")
    parser.add_argument("--borders", nargs="+", default=BORDERS, choices=BORDERS)
    parser.add_argument("--noise", type=float, default=0.01, help="sigma (default: %(default)s)")
    parser.add_argument("--prior", default="photos", help="(default: %(default)s)")
    return parser.parse_args()


def run(*arguments: str) -> None:
    engine.run(*arguments, "--quiet")


def impulse_response(spread: str, folder: pathlib.Path) -> np.ndarray:
    """The point spread as the engine makes it, from the blur of one bright pixel."""
    side = 63
    pixel = np.zeros((side, side), np.float32)
    pixel[side // 2, side // 2] = 1
    np.save(folder / "pixel.npy", pixel)
    run(
        "degrade",
        str(folder / "pixel.npy"),
        "--problem",
        "deblur",
        "--point-spread",
        spread,
        "--noise",
        "0",
        "--output",
        str(folder / "spread.npy"),
    )
    response = np.load(folder / "spread.npy")
    while response.shape[0] > 1 and np.abs(response[[0, -1]]).max() < 1e-6:
        response = response[1:-1]
    while response.shape[1] > 1 and np.abs(response[:, [0, -1]]).max() < 1e-6:
        response = response[:, 1:-1]
    return response


def places(height: int, width: int, count: int) -> list[tuple[int, int]]:
    """Top left corners, spread over a photograph with room for this height and width, in the middles of a grid of equal cells."""
    columns = max(1, round((count * width / max(1, height)) ** 0.5))
    rows = -(-count // columns)
    cells = [(row, column) for row in range(rows) for column in range(columns)][:count]
    return [(int((row + 0.5) * height / rows), int((column + 0.5) * width / columns)) for row, column in cells]


def cut(arguments: argparse.Namespace, reach: tuple[int, int], folder: pathlib.Path) -> dict[str, np.ndarray]:
    """Writes the scenes of all windows; returns the windows' truths."""
    truths = {}
    rows, columns = (arguments.size + 2 * side for side in reach)
    for file in image_files(arguments.photos, (".png", ".jpg")):
        photo = images.read(file, np.float32)
        height, width = photo.shape[1:]
        for index, (top, left) in enumerate(places(height - rows, width - columns, arguments.windows)):
            scene = np.ascontiguousarray(photo[:, top : top + rows, left : left + columns])
            name = f"{file.stem}-{index}"
            np.save(folder / f"{name}.npy", scene)
            truths[name] = scene[:, reach[0] : reach[0] + arguments.size, reach[1] : reach[1] + arguments.size]
    return truths


def measure(arguments: argparse.Namespace, spread: str, folder: pathlib.Path) -> list[dict]:
    """A row for each window."""
    problem = ["--problem", "deblur", "--point-spread", spread, "--noise", str(arguments.noise)]
    response = impulse_response(spread, folder)
    folders = {name: folder / name for name in ("scenes", "windows", "truths", "images")}
    for path in folders.values():
        path.mkdir()
    truths = cut(arguments, (response.shape[0] // 2, response.shape[1] // 2), folders["scenes"])
    rows = {name: {"point_spread": spread, "window": name} for name in truths}
    for index, (name, truth) in enumerate(truths.items()):
        np.save(folders["truths"] / f"{name}.npy", truth)
        seed = ["--seed", str(index)]
        run(
            "degrade",
            str(folders["scenes"] / f"{name}.npy"),
            *problem,
            "--border",
            "unknown",
            *seed,
            "--output",
            str(folders["windows"] / f"{name}.npy"),
        )
        run("degrade", str(folders["truths"] / f"{name}.npy"), *problem, *seed, "--output", str(folders["images"] / f"{name}.npy"))
        window = np.load(folders["windows"] / f"{name}.npy")
        rows[name]["blurred"] = psnr(truth, window)
        rows[name]["wiener"] = max(psnr(truth, wiener(window, response, arguments.noise, c)) for c in STRENGTHS)
    solves = [(border, "windows", border) for border in arguments.borders] + [("nothing unknown", "images", "periodic")]
    for label, measured, border in solves:
        report = folder / "report.json"
        run(
            "restore",
            str(folders[measured]),
            *problem,
            "--border",
            border,
            "--prior",
            arguments.prior,
            "--truth",
            str(folders["truths"]),
            "--output",
            str(folder / "restored"),
            "--json",
            str(report),
        )
        for result in json.loads(report.read_text())["results"]:
            name = pathlib.Path(result["input"]).stem
            rows[name][label] = {"psnr": result["psnr"], "evaluations": result["evaluations"]}
        print(f"{spread}, {label}", file=sys.stderr, flush=True)
    return list(rows.values())


def table(rows: list[dict], arguments: argparse.Namespace) -> str:
    labels = [*arguments.borders, "nothing unknown"]
    lines = ["| point spread | blurred | " + " | ".join([*arguments.borders, "edgetaper, Wiener", "nothing unknown"]) + " |"]
    lines.append("| --- " * (len(labels) + 3) + "|")
    for spread in arguments.point_spreads:
        own = [row for row in rows if row["point_spread"] == spread]
        cells = {key: f"{statistics.fmean(row[key] for row in own):.2f}" for key in ("blurred", "wiener")}
        for label in labels:
            quality = statistics.fmean(row[label]["psnr"] for row in own)
            cells[label] = f"{quality:.2f} ({statistics.fmean(row[label]['evaluations'] for row in own):.0f})"
        ordered = [cells[key] for key in ["blurred", *arguments.borders, "wiener", "nothing unknown"]]
        lines.append(f"| {spread} | " + " | ".join(ordered) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    arguments = parse_arguments()
    rows = []
    for spread in arguments.point_spreads:
        with tempfile.TemporaryDirectory() as folder:
            rows += measure(arguments, spread, pathlib.Path(folder))
    print(table(rows, arguments), end="")
    if arguments.output:
        arguments.output.write_text(json.dumps(rows, indent=1) + "\n")
