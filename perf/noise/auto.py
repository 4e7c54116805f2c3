#!/usr/bin/env python3
"""How well `reglow restore --problem denoise --noise auto` knows the noise, and what it makes of the picture.

    python3 perf/noise/auto.py PICTURE... [--crop 192] [--kinds plain grey ...] [--sigmas 0 0.005 ...] [--output table.md]

Each picture is changed in ways that pictures are found in, noise is added, and it is kept as an 8 bit PNG. One row for each kind and sigma:
the estimate over the noise that is there (root mean square of the difference to the truth, without constant areas; for sigma 0 the
estimate itself), what was told, and the PSNR of the result less that of the noisy picture, mean and least. Where there is no
difference to the truth the least PSNR of the result stands there instead. Needs numpy and Pillow.
"""
import argparse
import io
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
SIGMAS = [0, 0.005, 0.01, 0.02, 0.05, 0.1]


def rounded(values):
    return np.round(np.clip(values, 0, 1) * 255) / 255


def picture(values):
    levels = (rounded(values) * 255 + 0.5).astype(np.uint8)
    return Image.fromarray(levels if levels.ndim == 2 else levels)


def luminance(values):
    return rounded(values @ np.array([0.299, 0.587, 0.114]))


def plain(truth, noise):
    return truth, rounded(truth + noise)


def grey(truth, noise):
    one = luminance(truth)
    return one, rounded(one + noise[..., 0])


def grey_as_colour(truth, noise):
    return tuple(np.repeat(plane[..., None], 3, axis=2) for plane in grey(truth, noise))


def stamped(truth, noise):
    pair = grey_as_colour(truth, noise)
    side = truth.shape[0] // 6
    for values in pair:
        values[-2 * side:-side, -2 * side:-side] = rounded(np.array([0.9, 0.1, 0.1]))
    return pair


def toned(truth, noise):
    scale, shift = np.array([0.9, 0.8, 0.6]), np.array([0.1, 0.05, 0])
    return tuple(rounded(plane[..., None] * scale + shift) for plane in grey(truth, noise))


def letterboxed(truth, noise):
    pair = truth.copy(), rounded(truth + noise)
    bar = int(0.31 * truth.shape[0])
    for values in pair:
        values[:bar] = 0
        values[-bar:] = 0
    return pair


def jpeg(truth, noise):
    file = io.BytesIO()
    picture(truth + noise).save(file, "JPEG", quality=90, subsampling=2)
    return truth, np.asarray(Image.open(io.BytesIO(file.getvalue())), dtype=float) / 255


def enlarged(truth, noise):
    def twice(values):
        image = picture(values)
        return np.asarray(image.resize((image.width * 2, image.height * 2), Image.BICUBIC), dtype=float) / 255

    return twice(truth), twice(truth + noise)


def hard(truth, noise):
    """High contrast with both ends clipped, then a gamma curve."""
    def tone(values):
        return rounded(np.clip(1.6 * np.clip(values, 0, 1) - 0.3, 0, 1) ** 0.6)

    return tone(truth), tone(truth + noise)


KINDS = {
    "plain": plain, "grey": grey, "grey-as-colour": grey_as_colour, "stamped": stamped, "toned": toned, "letterboxed": letterboxed,
    "jpeg": jpeg, "enlarged": enlarged, "hard": hard,
}


def psnr(a, b):
    error = np.mean((np.clip(a, 0, 1) - np.clip(b, 0, 1)) ** 2)
    return float("inf") if error == 0 else -10 * np.log10(error)


def loaded(path, crop):
    values = np.asarray(Image.open(path).convert("RGB"), dtype=float) / 255
    top, left = [max(0, (length - crop) // 2) if crop else 0 for length in values.shape[:2]]
    return values[top:top + crop, left:left + crop] if crop else values


def constant(values):
    """Pixels of 3x3 squares of one colour."""
    planes = values.reshape(*values.shape[:2], -1)
    windows = np.lib.stride_tricks.sliding_window_view(planes, (3, 3), axis=(0, 1))
    cells = (np.ptp(windows, axis=(3, 4)) == 0).all(axis=2)
    inside = np.zeros(values.shape[:2], bool)
    for i in range(3):
        for j in range(3):
            inside[i:i + cells.shape[0], j:j + cells.shape[1]] |= cells
    return inside


def measured(kind, sigma, truths, options):
    with tempfile.TemporaryDirectory() as folder:
        noisy, restored = Path(folder, "noisy"), Path(folder, "restored")
        noisy.mkdir()
        pairs = []
        for index, truth in enumerate(truths):
            noise = sigma * np.random.default_rng(index + 1).standard_normal(truth.shape)
            pairs.append(KINDS[kind](truth, noise))
            picture(pairs[-1][1]).save(noisy / f"{index:03}.png")
        report = subprocess.run(
            [options.reglow, "restore", noisy, "--problem", "denoise", "--noise", "auto", "--prior", options.prior, "--output", f"{restored}/",
             "--json", "-", "--quiet", *options.options],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout
        rows = []
        for index, (result, (truth, seen)) in enumerate(zip(json.loads(report)["results"], pairs)):
            output = np.asarray(Image.open(restored / f"{index:03}.png"), dtype=float) / 255
            estimate = result["noise_estimate"]
            active = ~constant(seen)
            there = float(np.sqrt(np.mean((seen - truth)[active] ** 2))) if active.any() else 0
            rows.append(dict(
                picture=index, estimate=estimate["deviation"], there=there, error=estimate["relative_error"], verdict=estimate["verdict"],
                notes=estimate["notes"], before=psnr(seen, truth), after=psnr(output, truth), evaluations=result["evaluations"]))
        return rows


def line(kind, sigma, rows):
    found = [row["estimate"] / row["there"] if sigma else row["estimate"] for row in rows]
    verdicts = ", ".join(
        f"{sum(row['verdict'] == verdict for row in rows)} {verdict}" for verdict in ("measured", "lower-bound", "rounding", "too-few-pixels")
        if any(row["verdict"] == verdict for row in rows))
    correlated = sum(any("correlated" in note for note in row["notes"]) for row in rows)
    text = f"| {kind} | {sigma} | " + ", ".join(f"{value:.{2 if sigma else 4}f}" for value in (min(found), float(np.median(found)), max(found)))
    text += f" | {verdicts}" + (f" ({correlated} correlated)" if correlated else "")
    if all(np.isinf(row["before"]) for row in rows):
        return text + f" | PSNR at least {min(row['after'] for row in rows):.1f} | |"
    gains = [row["after"] - row["before"] for row in rows if np.isfinite(row["before"])]
    return text + f" | {np.mean(gains):+.2f} | {min(gains):+.2f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", nargs="+", type=Path)
    parser.add_argument("--crop", type=int, default=0, help="side of a square from the middle; 0 takes the whole picture")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--sigmas", nargs="+", type=float, default=SIGMAS)
    parser.add_argument("--prior", default="photos")
    parser.add_argument("--reglow", default=ROOT / ".build/release/reglow")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="further options of restore; last")
    parser.add_argument("--output", type=Path, help="the table and, with the ending .json, the row of each picture")
    options = parser.parse_args()
    truths = [loaded(path, options.crop) for path in options.pictures]
    lines = ["| kind | sigma | estimate: least, median, largest | told | gain in dB, mean | least |", "|---|---|---|---|---|---|"]
    print(*lines, sep="\n", flush=True)
    every = []
    for kind in options.kinds:
        for sigma in options.sigmas:
            rows = measured(kind, sigma, truths, options)
            every += [dict(kind=kind, sigma=sigma, **row) for row in rows]
            lines.append(line(kind, sigma, rows))
            print(lines[-1], flush=True)
    if options.output:
        options.output.write_text("\n".join(lines) + "\n")
        options.output.with_suffix(".json").write_text(json.dumps(every, indent=1))


if __name__ == "__main__":
    main()
