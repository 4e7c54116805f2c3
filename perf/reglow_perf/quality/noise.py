"""How well `reglow restore --problem denoise --noise auto` knows the noise, and what it makes of the picture.

    python -m reglow_perf noise PICTURE... [--crop 192] [--kinds plain grey ...] [--sigmas 0 0.005 ...] [--output table.md]

Each picture is changed in ways that pictures are found in, noise is added, and it is kept as an 8 bit PNG. One row for each kind and
sigma: the estimate over the noise that is there (root mean square of the difference to the truth, without constant areas; for sigma 0 the
estimate itself), what was told, and the PSNR of the result less that of the noisy picture, mean and least. Where there is no difference to
the truth the least PSNR of the result stands there instead.
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
from PIL import Image

from reglow_perf import engine
from reglow_perf.files import read_json, write
from reglow_perf.quality import images
from reglow_perf.quality.images import psnr
from reglow_perf.quality.noise_kinds import KINDS, Pair, picture

SIGMAS = [0, 0.005, 0.01, 0.02, 0.05, 0.1]


def loaded(path: pathlib.Path, crop: int) -> np.ndarray:
    """(H, W, 3) on the [0, 1] scale, or a square from its middle."""
    values = images.read(path).transpose(1, 2, 0)
    if crop == 0:
        return values
    top, left = (max(0, (length - crop) // 2) for length in values.shape[:2])
    return values[top : top + crop, left : left + crop]


def constant(values: np.ndarray) -> np.ndarray:
    """Pixels of 3x3 squares of one colour."""
    planes = values.reshape(*values.shape[:2], -1)
    windows = np.lib.stride_tricks.sliding_window_view(planes, (3, 3), axis=(0, 1))
    cells = (np.ptp(windows, axis=(3, 4)) == 0).all(axis=2)
    inside = np.zeros(values.shape[:2], bool)
    for i in range(3):
        for j in range(3):
            inside[i : i + cells.shape[0], j : j + cells.shape[1]] |= cells
    return inside


def measured(kind: str, sigma: float, truths: list[np.ndarray], options: argparse.Namespace) -> list[dict]:
    """A row for each picture."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        noisy, restored, report = folder / "noisy", folder / "restored", folder / "report.json"
        noisy.mkdir()
        pairs = []
        for index, truth in enumerate(truths):
            noise = sigma * np.random.default_rng(index + 1).standard_normal(truth.shape)
            pairs.append(KINDS[kind](truth, noise))
            picture(pairs[-1][1]).save(noisy / f"{index:03}.png")
        engine.run(
            "restore",
            str(noisy),
            "--problem",
            "denoise",
            "--noise",
            "auto",
            "--prior",
            options.prior,
            "--output",
            f"{restored}/",
            "--json",
            str(report),
            "--quiet",
            *options.options,
        )
        results = read_json(report)["results"]
        return [
            row(index, result, pair, np.asarray(Image.open(restored / f"{index:03}.png"), dtype=float) / 255)
            for index, (result, pair) in enumerate(zip(results, pairs))
        ]


def row(index: int, result: dict, pair: Pair, output: np.ndarray) -> dict:
    truth, seen = pair
    estimate, active = result["noise_estimate"], ~constant(seen)
    return {
        "picture": index,
        "estimate": estimate["deviation"],
        "there": float(np.sqrt(np.mean((seen - truth)[active] ** 2))) if active.any() else 0,
        "error": estimate["relative_error"],
        "verdict": estimate["verdict"],
        "notes": estimate["notes"],
        "before": psnr(truth, seen),
        "after": psnr(truth, output),
        "evaluations": result["evaluations"],
    }


def line(kind: str, sigma: float, rows: list[dict]) -> str:
    """Of the table."""
    found = [row["estimate"] / row["there"] if sigma else row["estimate"] for row in rows]
    verdicts = ", ".join(
        f"{sum(row['verdict'] == verdict for row in rows)} {verdict}"
        for verdict in ("measured", "lower-bound", "rounding", "too-few-pixels")
        if any(row["verdict"] == verdict for row in rows)
    )
    correlated = sum(any("correlated" in note for note in row["notes"]) for row in rows)
    text = f"| {kind} | {sigma} | " + ", ".join(
        f"{value:.{2 if sigma else 4}f}" for value in (min(found), float(np.median(found)), max(found))
    )
    text += f" | {verdicts}" + (f" ({correlated} correlated)" if correlated else "")
    if all(np.isinf(row["before"]) for row in rows):
        return text + f" | PSNR at least {min(row['after'] for row in rows):.1f} | |"
    gains = [row["after"] - row["before"] for row in rows if np.isfinite(row["before"])]
    return text + f" | {np.mean(gains):+.2f} | {min(gains):+.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=pathlib.Path)
    parser.add_argument("--crop", type=int, default=0, help="side of a square from the middle; 0 takes the whole picture")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--sigmas", nargs="+", type=float, default=SIGMAS)
    parser.add_argument("--prior", default="noisy-photos")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="further options of restore; last")
    parser.add_argument("--output", type=pathlib.Path, help="for the table; the row of each picture goes beside it, as .json")
    options = parser.parse_args()
    truths = [loaded(path, options.crop) for path in options.pictures]
    lines = ["| kind | sigma | estimate: least, median, largest | told | gain in dB, mean | least |", "|---|---|---|---|---|---|"]
    print(*lines, sep="\n", flush=True)
    every = []
    for kind in options.kinds:
        for sigma in options.sigmas:
            rows = measured(kind, sigma, truths, options)
            every += [{"kind": kind, "sigma": sigma} | row for row in rows]
            lines.append(line(kind, sigma, rows))
            print(lines[-1], flush=True)
    if options.output:
        write(options.output, "\n".join(lines) + "\n")
        write(options.output.with_suffix(".json"), json.dumps(every, indent=1))
