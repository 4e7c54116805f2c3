"""How often `reglow restore` says ok, doubtful or unusable of images that can be trusted and of those that cannot.

    python -m reglow_perf trust --faces FACES --photographs PHOTOGRAPHS [--count 12] [--noises 0.01 0.05] [--output trust.json]
    python -m reglow_perf trust --photographs PHOTOGRAPHS --side 128 --prior noisy-photos

With faces good are faces, and samples of the prior itself. Bad are images of noise, faces upside down, photographs under the prior of
faces, faces that were blurred by another point spread than the solver is told, and faces whose noise is three times or a third of what it
is told. Without faces photographs are good, and bad are those whose point spread or noise was told wrongly. Each is measured and restored
for each problem. One row for each kind: how many there are, and how many got each verdict; with --by-problem one for each problem too.
--output keeps what was measured of each, by which thresholds are chosen.
"""

import argparse
import json
import pathlib
import tempfile

import numpy as np
from PIL import Image

from reglow_perf import engine
from reglow_perf.files import read_json, write

VERDICTS = ("ok", "doubtful", "unusable")
# What is done to images of a source: (source, options of degrade and of restore after those of the problem).
TOLD_WRONGLY = ("wrong point spread", "too little noise told", "too much noise told")
KINDS = ("face", "sample", "noise image", "upside down", "photograph", *TOLD_WRONGLY)
KINDS_OF_PHOTOGRAPHS = ("photograph", *TOLD_WRONGLY)
POINT_SPREAD = "uniform:5"
WRONG_SPREADS = ("uniform:3", "uniform:7", "gaussian:2.5", "motion:7@30")
FACTOR = 3


def pictures(folder: pathlib.Path) -> list[pathlib.Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".png", ".jpg", ".jpeg"))


def crop(path: pathlib.Path, random: np.random.Generator, options: argparse.Namespace) -> np.ndarray:
    """A square of a photograph, shrunk to the side that is asked for: from what shows the whole, or without faces by up to two times."""
    image = Image.open(path).convert("RGB")
    most = min(image.size) if options.faces else min(2 * options.side, *image.size)
    side = int(random.integers(options.side, most + 1))
    left, top = (int(random.integers(0, length - side + 1)) for length in image.size)
    return np.asarray(image.resize((options.side, options.side), Image.Resampling.BOX, (left, top, left + side, top + side)))


def truth(kind: str, index: int, options: argparse.Namespace) -> np.ndarray:
    """(H, W, 3) in 8 bits."""
    random = np.random.default_rng([options.seed, index])
    if kind == "noise image":
        # From fine to coarse grain.
        grain = (1, 1, 2, 4)[index % 4]
        small = random.integers(0, 256, (options.side // grain, options.side // grain, 3), dtype=np.uint8)
        return small.repeat(grain, axis=0).repeat(grain, axis=1)
    if kind == "photograph" or not options.faces:
        paths = pictures(options.photographs)
        return crop(paths[(options.first + index) % len(paths)], random, options)
    faces = pictures(options.faces)
    face = np.asarray(Image.open(faces[(options.first + index) % len(faces)]).convert("RGB"))
    return face[::-1] if kind == "upside down" else face


def truths(kind: str, folder: pathlib.Path, options: argparse.Namespace) -> list[pathlib.Path]:
    folder.mkdir(parents=True)
    if kind == "sample":
        engine.run(
            "sample", "--prior", options.prior, "--count", str(options.count), "--seed", str(options.seed), "--temperature", "1",
            "--output", str(folder),
        )  # fmt: skip
        return sorted(folder.glob("*.png"))
    paths = [folder / f"{index:03}.png" for index in range(options.count)]
    for index, path in enumerate(paths):
        Image.fromarray(np.ascontiguousarray(truth(kind, index, options))).save(path)
    return paths


def restored(kind: str, problem: str, noise: float, paths: list[pathlib.Path], folder: pathlib.Path, options) -> list[dict]:
    """A row for each image."""
    operator = [options.point_spread if word == POINT_SPREAD else word for word in engine.OPERATORS[problem]]
    folder.mkdir(parents=True)
    there = noise * FACTOR if kind == "too little noise told" else noise / FACTOR if kind == "too much noise told" else noise
    for name in ("y", "truth"):
        (folder / name).mkdir()
    for index, path in enumerate(paths):
        asked = list(operator)
        if kind == "wrong point spread":
            asked[asked.index(options.point_spread)] = options.wrong_spreads[index % len(options.wrong_spreads)]
        # One mask for all, so that one call restores them; another noise for each.
        seed = ["--seed", str(options.seed)] if problem == "inpaint-random" else ["--seed", str(options.seed + index)]
        measurement = folder / "y" / f"{index:03}.npy"
        engine.run("degrade", str(path), *asked, "--noise", str(there), *seed, "--output", str(measurement))
        # Of a window the middle is restored.
        image = Image.open(path)
        width, height = np.load(measurement).shape[:0:-1] if problem in engine.WINDOW else image.size
        left, top = (image.width - width) // 2, (image.height - height) // 2
        image.crop((left, top, left + width, top + height)).save(folder / "truth" / f"{index:03}.png")
    report = folder / "report.json"
    engine.run(
        "restore", str(folder / "y"), *operator, "--noise", str(noise), "--seed", str(options.seed), "--prior", options.prior,
        "--truth", str(folder / "truth"), "--output", f"{folder}/x/", "--json", str(report), "--quiet", *options.options,
    )  # fmt: skip
    rows = []
    for result in read_json(report)["results"]:
        row = {"kind": kind, "problem": problem, "noise": noise, "image": pathlib.Path(result["input"]).stem}
        rows.append(row | {name: result[name] for name in ("trust", "psnr", "evaluations", "seconds") if name in result})
    return rows


def rates(rows: list[dict]) -> list[str]:
    lines = ["| kind | images | " + " | ".join(VERDICTS) + " | told |", "|---|---|---|---|---|---|"]
    for kind in dict.fromkeys(row["kind"] for row in rows):
        chosen = [row["trust"] for row in rows if row["kind"] == kind]
        counts = [sum(trust["verdict"] == verdict for trust in chosen) for verdict in VERDICTS]
        told = sum(trust["verdict"] != "ok" for trust in chosen) / len(chosen)
        lines.append(f"| {kind} | {len(chosen)} | " + " | ".join(map(str, counts)) + f" | {100 * told:.0f} % |")
    return lines


def by_problem(rows: list[dict]) -> list[dict]:
    return [row | {"kind": f"{row['kind']}, {row['problem']}, noise {row['noise']}"} for row in rows]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=pathlib.Path, help="folder of faces of 64x64")
    parser.add_argument("--photographs", type=pathlib.Path, required=True)
    parser.add_argument("--count", type=int, default=12, help="images of each kind, problem and noise")
    parser.add_argument("--first", type=int, default=0, help="which face and photograph is the first")
    parser.add_argument("--noises", nargs="+", type=float, default=[0.01, 0.05])
    parser.add_argument("--problems", nargs="+", choices=engine.OPERATORS, default=list(engine.ALL_PROBLEMS))
    parser.add_argument("--kinds", nargs="+", choices=KINDS)
    parser.add_argument("--side", type=int, default=64)
    parser.add_argument("--prior", default="faces64")
    parser.add_argument("--point-spread", default=POINT_SPREAD, help="what a deblurring is told")
    parser.add_argument(
        "--wrong-spreads", nargs="+", default=WRONG_SPREADS, help="what blurs in truth where the point spread is wrong, in turn"
    )
    parser.add_argument("--by-problem", action="store_true", help="a row for each kind, problem and noise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--output", type=pathlib.Path, help="for the rows, as JSON")
    parser.add_argument("--options", nargs=argparse.REMAINDER, default=[], help="further options of restore; last")
    options = parser.parse_args()
    every = []
    with tempfile.TemporaryDirectory() as name:
        for kind in options.kinds or (KINDS if options.faces else KINDS_OF_PHOTOGRAPHS):
            folder = pathlib.Path(name) / kind.replace(" ", "-")
            paths = truths(kind, folder / "truth", options)
            for problem in [p for p in options.problems if kind != "wrong point spread" or POINT_SPREAD in engine.OPERATORS[p]]:
                for noise in options.noises:
                    every += restored(kind, problem, noise, paths, folder / f"{problem}-{noise}", options)
                    if options.output:
                        write(options.output, json.dumps(every, indent=1))
    print(*rates(by_problem(every) if options.by_problem else every), sep="\n")


if __name__ == "__main__":
    main()
