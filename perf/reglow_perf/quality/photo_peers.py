"""What others make of the same measurements of photographs: PSNR, SSIM and seconds beside Reglow's, one table.

    python -m reglow_perf photo-peers PHOTOS --output FOLDER [--cases denoise-0.05 superres-x2 ...] [--peers bm3d ...]

PHOTOS are PNG files or folders of them. Every result stands in FOLDER/results.json at once, and the same call goes on where it
stopped; the table is FOLDER/table.md. Measurements are made by `reglow degrade`, the noise of photograph i by seed i. Peers need
bm3d, opencv-python-headless and scikit-image; one that is not installed is left out, with a note.

The weight that a peer needs (total variation, non-local means) is that of a few with the best PSNR on the first photograph, a choice in
its favour that only the truth allows. Clocks begin with the measurement in memory.
"""

import argparse
import importlib.util
import json
import pathlib
import statistics
import sys
import time

import numpy as np
from PIL import Image

from reglow_perf import engine
from reglow_perf.files import image_files, read_json, write
from reglow_perf.quality import images
from reglow_perf.quality.photo_cases import CASES, Case
from reglow_perf.quality.photo_methods import METHODS
from reglow_perf.quality.scores import score

REGLOW = {
    "reglow": [],
    **{f"reglow --ensemble {views}": ["--ensemble", str(views)] for views in (2, 4, 8, 16)},
    "reglow --prior photos": ["--prior", "photos"],
}


class Results:
    """Scores by case, way and photograph, in a file."""

    def __init__(self, path: pathlib.Path):
        self.path = path
        self.scores: dict[str, dict[str, dict[str, dict[str, float]]]] = read_json(path) if path.exists() else {}

    def has(self, case: str, way: str, name: str) -> bool:
        return name in self.scores.get(case, {}).get(way, {})

    def add(self, case: str, way: str, name: str, found: dict[str, float]) -> None:
        self.scores.setdefault(case, {}).setdefault(way, {})[name] = found
        write(self.path, json.dumps(self.scores, indent=1) + "\n")
        print(f"{case}, {way}, {name}: {found['psnr']:.2f} dB, {found['ssim']:.4f}, {found['seconds']:.1f} s", file=sys.stderr, flush=True)


def shown_part(truth: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The middle of the truth, of the size of the image: a window of a scene has no surroundings."""
    (top, left) = ((truth.shape[axis] - image.shape[axis]) // 2 for axis in (1, 2))
    return truth[:, top : top + image.shape[1], left : left + image.shape[2]]


def measure(case: Case, folder: pathlib.Path, file: pathlib.Path, index: int) -> tuple[pathlib.Path, list[str]]:
    """The measurement of a photograph, and what says of the restoration which problem it is."""
    folder.mkdir(parents=True, exist_ok=True)
    measured, mask = folder / f"{file.stem}.npy", folder / f"{file.stem}.mask.png"
    operator = case.operator
    if case.mask is not None:
        with Image.open(file) as picture:
            case.mask(picture.size).save(mask)
        operator = [*operator, "--mask", str(mask)]
    if not measured.exists():
        masks = ["--mask-output", str(mask)] if case.draws_mask else []
        noise = ["--noise", str(case.noise), "--seed", str(index)]
        engine.run("degrade", str(file), *operator, *masks, *noise, "--output", str(measured), "--quiet")
    if case.draws_mask:
        operator = ["--problem", "inpaint", "--mask", str(mask)]
    return measured, operator


def by_reglow(case: Case, operator: list[str], measured: pathlib.Path, options: list[str]) -> tuple[np.ndarray, float]:
    output, report = measured.with_suffix(".restored.npy"), measured.with_suffix(".json")
    noise = ["--noise", str(case.noise)]
    files = ["--output", str(output), "--json", str(report)]
    engine.run("restore", str(measured), *operator, *noise, *options, *files, "--quiet")
    return np.load(output).astype(np.float64), read_json(report)["results"][0]["seconds"]


def by_peer(method: str, case: Case, measured: pathlib.Path, weight: float | None) -> tuple[np.ndarray, float]:
    y = np.load(measured).astype(np.float64)
    mask = measured.with_suffix(".mask.png")
    known = np.asarray(Image.open(mask).convert("L")) > 127 if mask.exists() else None
    began = time.perf_counter()
    image = METHODS[method].restore(case, y, known, weight)
    return image, time.perf_counter() - began


def weights_left(results: Results, name: str, peer: str) -> list[float]:
    """All weights of a peer until each was tried on a photograph, then the best."""
    weights = METHODS[peer].weights(CASES[name])
    found = [next(iter(results.scores.get(name, {}).get(f"{peer} @ {weight:g}", {}).values()), None) for weight in weights]
    scores = [each["psnr"] for each in found if each is not None]
    return weights if len(scores) < len(weights) else [weights[scores.index(max(scores))]] if scores else []


def is_installed(method: str) -> bool:
    missing = [name for name in METHODS[method].needs if importlib.util.find_spec(name) is None]
    if missing:
        print(f"{method}: left out, {', '.join(missing)} is not installed", file=sys.stderr)
    return not missing


def table(results: Results, order: list[str]) -> str:
    """PSNR, SSIM and seconds for each way; of a peer with weights those of the best."""
    lines = []
    for case in order:
        ways: dict[str, tuple[float, float, float, int]] = {}
        for way, found in results.scores.get(case, {}).items():
            mean = tuple(statistics.fmean(each[key] for each in found.values()) for key in ("psnr", "ssim", "seconds"))
            name = way.split(" @ ")[0]
            # Of weights the one that was tried on more than one photograph.
            if name not in ways or (len(found), mean[0]) > (ways[name][3], ways[name][0]):
                ways[name] = (*mean, len(found))
        if not ways:
            continue
        lines += ["", f"**{case}**: {CASES[case].words}", "", "| | PSNR | SSIM | seconds | images |", "|---|---|---|---|---|"]
        for way, (psnr, ssim, seconds, count) in sorted(ways.items(), key=lambda item: -item[1][0]):
            lines.append(f"| {way} | {psnr:.2f} | {ssim:.4f} | {seconds:.1f} | {count} |")
    return "\n".join(lines[1:]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="a folder")
    parser.add_argument("--cases", nargs="+", choices=list(CASES), default=list(CASES))
    parser.add_argument("--peers", nargs="*", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--reglow", nargs="*", choices=list(REGLOW), default=["reglow", "reglow --ensemble 8"], help="ways to call it")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    results = Results(arguments.output / "results.json")
    peers = [peer for peer in arguments.peers if is_installed(peer)]
    for name in arguments.cases:
        case = CASES[name]
        for index, file in enumerate(image_files(arguments.images)):
            measured, operator = measure(case, arguments.output / name, file, index)
            truth = images.read(file)

            def add(
                way: str, found: tuple[np.ndarray, float], case_name: str = name, of: np.ndarray = truth, stem: str = file.stem
            ) -> None:
                clipped = found[0].clip(0, 1)
                results.add(case_name, way, stem, score(shown_part(of, clipped), clipped) | {"seconds": found[1]})

            for way in arguments.reglow:
                if not results.has(name, way, file.stem):
                    add(way, by_reglow(case, operator, measured, REGLOW[way]))
            for peer in peers:
                if case.kind not in METHODS[peer].kinds:
                    continue
                if not METHODS[peer].weights(case) and not results.has(name, peer, file.stem):
                    add(peer, by_peer(peer, case, measured, None))
                for weight in weights_left(results, name, peer):
                    way = f"{peer} @ {weight:g}"
                    if not results.has(name, way, file.stem):
                        add(way, by_peer(peer, case, measured, weight))
            write(arguments.output / "table.md", table(results, arguments.cases))
    print(table(results, arguments.cases), end="")
