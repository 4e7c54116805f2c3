"""The quality peer: plain PyTorch L-BFGS on the engine's objective, five problems, both methods, image by image.

    python perf/peers/lbfgs_quality.py IMAGES... --model FILE --output quality.json [--measurements FOLDER]

Each result is saved as soon as it is there; the same call again goes on where it stopped.
"""

import argparse
import json
import os
import pathlib
import statistics
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import glow
import problems

METHODS = ["analysis", "synthesis"]


class BudgetSpent(Exception):
    """The evaluations allowed are used up."""


# From the unknown to the objective and the image.
Objective = Callable[[torch.Tensor], tuple[torch.Tensor, torch.Tensor]]
# Called with evaluations so far, objective and image whenever the objective is the least so far.
Observer = Callable[[int, float, torch.Tensor], None]


def analysis_objective(model: glow.Glow, measurement: problems.Measurement, weight: float) -> Objective:
    """E(x) = 1/2 |A x - y|^2 + weight/2 |f(x)|^2"""
    y = measurement.centred
    return lambda x: (0.5 * (measurement.apply(x) - y).square().sum() + 0.5 * weight * model(x)[0].square().sum(), x)


def synthesis_objective(model: glow.Glow, measurement: problems.Measurement, weight: float) -> Objective:
    """E(g(z)) = 1/2 |A g(z) - y|^2 + weight/2 |z|^2"""
    y = measurement.centred
    height, width = measurement.image_shape[2:]

    def objective(z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = model.inverse(z, height, width)
        return 0.5 * (measurement.apply(x) - y).square().sum() + 0.5 * weight * z.square().sum(), x

    return objective


def minimize(
    objective: Objective, start: torch.Tensor, evaluations: int, observe: Observer | None = None,
) -> tuple[torch.Tensor, dict]:
    """At most `evaluations` values with gradients of torch's L-BFGS; returns the image of the best point that was evaluated."""
    point = start.clone().requires_grad_()
    optimizer = torch.optim.LBFGS(
        [point], lr=1, max_iter=evaluations, max_eval=evaluations, history_size=10, tolerance_grad=0,
        tolerance_change=0, line_search_fn="strong_wolfe")
    best, best_value, values = None, float("inf"), []

    def closure() -> torch.Tensor:
        nonlocal best, best_value
        if len(values) == evaluations:
            raise BudgetSpent
        value, image = objective(point)
        gradient, = torch.autograd.grad(value, point)
        # The optimizer takes views of it, which needs the layout of the point; of a model in channels_last it has another.
        point.grad = gradient.contiguous()
        values.append(value.item())
        if values[-1] < best_value:
            best, best_value = image.detach().clone(), values[-1]
            if observe is not None:
                observe(len(values), best_value, best)
        return value.detach()

    try:
        # The optimizer's own max_eval is only looked at between line searches, so the closure keeps the count.
        optimizer.step(closure)
        stop = "evaluations" if len(values) == evaluations else "no progress"
    except BudgetSpent:
        stop = "evaluations"
    if best is None:
        raise SystemExit("the objective is not finite at the start, nor where it was looked for next")
    return best, {"objective": best_value, "first_objective": values[0], "evaluations": len(values), "stop": stop}


def pose(
    method: str, model: glow.Glow, measurement: problems.Measurement, weight: float, dtype: torch.dtype,
) -> tuple[Objective, torch.Tensor]:
    """The objective of a method, and where it starts."""
    if method == "analysis":
        return analysis_objective(model, measurement, weight), measurement.normalized_adjoint().to(dtype)
    height, width = measurement.image_shape[2:]
    return synthesis_objective(model, measurement, weight), torch.zeros(1, 3 * height * width, dtype=dtype)


def pixel_values(image: torch.Tensor) -> np.ndarray:
    """(1, 3, H, W) in the model's range -> (3, H, W) on the [0, 1] scale, not clipped."""
    return image[0].double().numpy() + 0.5


def score(truth: np.ndarray, estimate: np.ndarray) -> dict[str, float]:
    """PSNR and SSIM of (3, H, W) on the [0, 1] scale, as scikit-image defines them."""
    return {
        "psnr": float(peak_signal_noise_ratio(truth, estimate, data_range=1)),
        "ssim": float(structural_similarity(
            truth, estimate, channel_axis=0, data_range=1, gaussian_weights=True, sigma=1.5,
            use_sample_covariance=False)),
    }


def mean_and_deviation(values: list[float]) -> dict[str, float]:
    """The deviation is that of the sample (n - 1); 0 for one image."""
    return {"mean": statistics.fmean(values), "std": statistics.stdev(values) if len(values) > 1 else 0.0}


def summarize(results: list[dict]) -> list[dict]:
    rows = []
    for problem in problems.NAMES:
        for method in METHODS:
            chosen = [entry for entry in results if entry["problem"] == problem and entry["method"] == method]
            if chosen:
                rows.append({"problem": problem, "method": method, "images": len(chosen)} | {
                    key: mean_and_deviation([entry[key] for entry in chosen])
                    for key in ("psnr", "ssim", "psnr_unclipped", "ssim_unclipped", "objective", "evaluations", "seconds")})
    return rows


def table(rows: list[dict]) -> str:
    lines = [
        f"{'problem':15} {'method':10} {'images':>6}  {'PSNR':>14}  {'SSIM':>15}"
        f"  {'objective':>9} {'evals':>5} {'seconds':>7}"]
    for row in rows:
        psnr, ssim = row["psnr"], row["ssim"]
        lines.append(
            f"{row['problem']:15} {row['method']:10} {row['images']:6}  {psnr['mean']:6.2f} ± {psnr['std']:5.2f}"
            f"  {ssim['mean']:6.4f} ± {ssim['std']:6.4f}  {row['objective']['mean']:9.4f}"
            f" {row['evaluations']['mean']:5.1f} {row['seconds']['mean']:7.1f}")
    return "\n".join(lines) + "\n"


def save(path: pathlib.Path, text: str) -> None:
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text)
    os.replace(partial, path)


def image_files(arguments: list[pathlib.Path]) -> list[pathlib.Path]:
    files = []
    for path in arguments:
        files += sorted(path.glob("*.png")) if path.is_dir() else [path]
    if len({file.stem for file in files}) < len(files):
        raise SystemExit("two images have the same base name")
    return files


def read_image(path: pathlib.Path) -> np.ndarray:
    """(3, H, W) float64 on the [0, 1] scale."""
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"), dtype=np.float64).transpose(2, 0, 1) / 255


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--model", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path, help="JSON; a .txt table goes beside it")
    parser.add_argument(
        "--measurements", type=pathlib.Path, help="FOLDER/PROBLEM/NAME.npy (and NAME.mask.png); else simulated")
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
    save(path, json.dumps({"settings": settings, "summary": summary, "results": results}, indent=1))
    save(path.with_suffix(".txt"), table(summary))


def main() -> None:
    arguments = parse_arguments()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    dtype = getattr(torch, arguments.dtype)
    model = glow.load(arguments.model, dtype=dtype)
    settings = settings_of(arguments)
    results = saved_results(arguments.output, settings)
    done = {(entry["problem"], entry["method"], entry["image"]) for entry in results}

    for file in image_files(arguments.images):
        truth = read_image(file)
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
                objective, start = pose(method, model, measurement, arguments.weight, dtype)
                best, report = minimize(objective, start, arguments.evaluations)
                seconds = time.perf_counter() - begin
                estimate = pixel_values(best)
                unclipped = {f"{key}_unclipped": value for key, value in score(truth, estimate).items()}
                entry = {"problem": problem, "method": method, "image": file.stem}
                entry |= score(truth, estimate.clip(0, 1)) | unclipped | report | {"seconds": seconds}
                results.append(entry)
                save_results(arguments.output, settings, results)
                print(
                    f"{file.stem} {problem} {method}: PSNR {entry['psnr']:.2f}, SSIM {entry['ssim']:.4f}, objective "
                    f"{entry['objective']:.4f}, {entry['evaluations']} evaluations, {seconds:.1f} s", flush=True)
    print(table(summarize(results)), end="")


if __name__ == "__main__":
    main()
