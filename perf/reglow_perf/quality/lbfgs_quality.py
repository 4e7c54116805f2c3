"""The quality peer: plain PyTorch L-BFGS on the engine's objective, five problems, both methods, image by image.

    python -m reglow_perf lbfgs-quality IMAGES... --model FILE --output quality.json [--measurements FOLDER]

Each result is saved as soon as it is there; the same call again goes on where it stopped.
"""

import argparse
import json
import pathlib
import time

import numpy as np
import torch

from reglow_perf.files import image_files, write
from reglow_perf.glow import folded
from reglow_perf.quality import images, lbfgs, problems
from reglow_perf.quality.lbfgs import METHODS
from reglow_perf.quality.scores import mean_and_deviation, score


def summarize(results: list[dict]) -> list[dict]:
    rows = []
    for problem in problems.NAMES:
        for method in METHODS:
            chosen = [entry for entry in results if entry["problem"] == problem and entry["method"] == method]
            if chosen:
                rows.append(
                    {"problem": problem, "method": method, "images": len(chosen)}
                    | {
                        key: mean_and_deviation([entry[key] for entry in chosen])
                        for key in ("psnr", "ssim", "psnr_unclipped", "ssim_unclipped", "objective", "evaluations", "seconds")
                    }
                )
    return rows


def table(rows: list[dict]) -> str:
    lines = [f"{'problem':15} {'method':10} {'images':>6}  {'PSNR':>14}  {'SSIM':>15}  {'objective':>9} {'evals':>5} {'seconds':>7}"]
    for row in rows:
        psnr, ssim = row["psnr"], row["ssim"]
        lines.append(
            f"{row['problem']:15} {row['method']:10} {row['images']:6}  {psnr['mean']:6.2f} ± {psnr['std']:5.2f}"
            f"  {ssim['mean']:6.4f} ± {ssim['std']:6.4f}  {row['objective']['mean']:9.4f}"
            f" {row['evaluations']['mean']:5.1f} {row['seconds']['mean']:7.1f}"
        )
    return "\n".join(lines) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--model", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path, help="JSON; a .txt table goes beside it")
    parser.add_argument("--measurements", type=pathlib.Path, help="FOLDER/PROBLEM/NAME.npy (and NAME.mask.png); else simulated")
    parser.add_argument("--problems", nargs="+", choices=problems.NAMES, default=problems.NAMES)
    parser.add_argument("--methods", nargs="+", choices=METHODS, default=METHODS)
    parser.add_argument("--sigma", type=float, default=0.01, help="of the simulated noise")
    parser.add_argument("--weight", type=float, help="lambda; default sigma^2")
    parser.add_argument("--evaluations", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--dtype", choices=["float32", "float64"], default="float32")
    parser.add_argument("--threads", type=int, help="default: OMP_NUM_THREADS, or all cores")
    arguments = parser.parse_args()
    if arguments.weight is None:
        arguments.weight = arguments.sigma**2
    return arguments


def settings_of(arguments: argparse.Namespace) -> dict:
    """What the results depend on; a file of results is only continued with the same."""
    return {
        "model": pathlib.Path(arguments.model).name,
        "sigma": arguments.sigma,
        "weight": arguments.weight,
        "evaluations": arguments.evaluations,
        "measurements": "given" if arguments.measurements else f"simulated, seed {arguments.seed}",
        "dtype": arguments.dtype,
        "solver": "torch.optim.LBFGS, strong_wolfe, history 10, tolerances 0, best evaluated point",
        "psnr, ssim": "of the estimate clipped to [0, 1], not quantized",
        "torch": torch.__version__,
    }


def saved_results(path: pathlib.Path, settings: dict) -> list[dict]:
    if not path.exists():
        return []
    saved = json.loads(path.read_text())
    if saved["settings"] != settings:
        raise SystemExit(f"{path} holds results of other settings: choose another output")
    return saved["results"]


def save_results(path: pathlib.Path, settings: dict, results: list[dict]) -> None:
    """The JSON file, and the table beside it."""
    summary = summarize(results)
    write(path, json.dumps({"settings": settings, "summary": summary, "results": results}, indent=1))
    write(path.with_suffix(".txt"), table(summary))


def main() -> None:
    arguments = parse_arguments()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    dtype = getattr(torch, arguments.dtype)
    model = folded.load(arguments.model, dtype=dtype)
    settings = settings_of(arguments)
    results = saved_results(arguments.output, settings)
    done = {(entry["problem"], entry["method"], entry["image"]) for entry in results}

    for file in image_files(arguments.images):
        truth = images.read(file)
        truth_tensor = torch.from_numpy(truth.astype(np.float32))[None]
        for problem in arguments.problems:
            if arguments.measurements:
                measurement = problems.read(arguments.measurements, problem, truth_tensor, file.stem)
            else:
                measurement = problems.simulate(problem, truth_tensor, file.stem, arguments.sigma, arguments.seed)
            for method in arguments.methods:
                if (problem, method, file.stem) in done:
                    continue
                begin = time.perf_counter()
                objective, start = lbfgs.pose(method, model, measurement, arguments.weight, dtype)
                best, report = lbfgs.minimize(objective, start, arguments.evaluations)
                seconds = time.perf_counter() - begin
                estimate = lbfgs.pixel_values(best)
                unclipped = {f"{key}_unclipped": value for key, value in score(truth, estimate).items()}
                entry = {"problem": problem, "method": method, "image": file.stem}
                entry |= score(truth, estimate.clip(0, 1)) | unclipped | report | {"seconds": seconds}
                results.append(entry)
                save_results(arguments.output, settings, results)
                print(
                    f"{file.stem} {problem} {method}: PSNR {entry['psnr']:.2f}, SSIM {entry['ssim']:.4f}, objective "
                    f"{entry['objective']:.4f}, {entry['evaluations']} evaluations, {seconds:.1f} s",
                    flush=True,
                )
    print(table(summarize(results)), end="")
