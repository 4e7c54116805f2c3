"""What is had without a trained prior: total variation, bicubic enlargement and the adjoint, on the measurements of `reglow table`.

    reglow table PHOTOS --prior photos --solver auto --measurements-output Y --json table.json
    python -m reglow_perf total-variation PHOTOS --measurements Y --output tv.json [--table table.json]

Total variation gets the best of `--weights` for each problem, chosen by the mean PSNR on these very images: a choice that only
the truth allows, in its favour.
"""

import argparse
import json
import pathlib
import statistics
import sys

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from reglow_perf.files import image_files, read_json, write
from reglow_perf.quality import images, problems
from reglow_perf.quality.scores import score

PROBLEMS = ["deblur", "superres-x2", "inpaint-random"]
# |gradient|^2 <= 8
SQUARED_NORM = 8


def gradient(u: torch.Tensor) -> torch.Tensor:
    """Forward differences down and across, 0 at the border: (1, 3, H, W) -> (2, 3, H, W)."""
    result = u.new_zeros(2, *u.shape[1:])
    result[0, :, :-1] = u[0, :, 1:] - u[0, :, :-1]
    result[1, :, :, :-1] = u[0, :, :, 1:] - u[0, :, :, :-1]
    return result


def gradient_adjoint(p: torch.Tensor) -> torch.Tensor:
    result = p.new_zeros(1, *p.shape[1:])
    result[0, :, 1:] += p[0, :, :-1]
    result[0, :, :-1] -= p[0, :, :-1]
    result[0, :, :, 1:] += p[1, :, :, :-1]
    result[0, :, :, :-1] -= p[1, :, :, :-1]
    return result


def objective(u: torch.Tensor, measurement: problems.Measurement, weight: float) -> float:
    """1/2 |A u - y|^2 + weight sum over pixels of the length of the gradient, channels together."""
    fidelity = 0.5 * (measurement.apply(u) - measurement.y).square().sum()
    return float(fidelity + weight * gradient(u).square().sum((0, 1)).sqrt().sum())


def resolvent(problem: str, measurement: problems.Measurement, step: float) -> problems.LinearMap:
    """b -> (1 + step A'A)^-1 b, in closed form."""
    if problem.startswith("superres"):
        # A'A is the projection on what is constant in each block, divided by the pixels of a block.
        scale = measurement.image_shape[3] // measurement.y.shape[3]
        part = step / (scale**2 + step)
        return lambda b: b - part * F.interpolate(measurement.apply(b), scale_factor=scale)
    if problem.startswith("inpaint"):
        diagonal = 1 / (1 + step * measurement.apply(torch.ones(measurement.image_shape)))
        return lambda b: diagonal * b
    impulse = torch.zeros(measurement.image_shape)
    impulse[:, :, 0, 0] = 1
    spectrum = 1 / (1 + step * torch.fft.rfft2(measurement.apply(impulse)).abs().square())
    return lambda b: torch.fft.irfft2(spectrum * torch.fft.rfft2(b), s=b.shape[2:])


def minimize(problem: str, measurement: problems.Measurement, weight: float, start: torch.Tensor, iterations: int) -> torch.Tensor:
    """The first-order primal-dual algorithm of Chambolle and Pock (2011) with the total variation dualized."""
    # The dual variable is no longer than `weight`, the unknown has differences of a few tenths.
    primal_step = (0.2 / (SQUARED_NORM * weight)) ** 0.5
    dual_step = 1 / (SQUARED_NORM * primal_step)
    resolve = resolvent(problem, measurement, primal_step)
    observed = primal_step * measurement.adjoint(measurement.y)
    u = start.clone()
    leading = u.clone()
    p = torch.zeros(2, *u.shape[1:])
    for _ in range(iterations):
        p += dual_step * gradient(leading)
        p /= (p.square().sum((0, 1)).sqrt() / weight).clamp(min=1)
        former = u
        u = resolve(u - primal_step * gradient_adjoint(p) + observed)
        leading = 2 * u - former
    return u


def bicubic(y: torch.Tensor, shape: tuple[int, ...]) -> torch.Tensor:
    """Of each channel in floating point, by Pillow."""
    size = (shape[3], shape[2])
    planes = [np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC)) for plane in y[0].numpy()]
    return torch.from_numpy(np.stack(planes))[None]


def scored(truth: np.ndarray, estimate: torch.Tensor) -> dict[str, float]:
    return score(truth, estimate[0].double().numpy().clip(0, 1))


def mean_of(scores: list[dict[str, float]]) -> dict[str, float]:
    return {key: statistics.fmean(each[key] for each in scores) for key in ("psnr", "ssim")}


def solve(problem: str, arguments: argparse.Namespace, files: list[pathlib.Path]) -> dict:
    """Mean PSNR and SSIM of each way, and those of total variation for each weight."""
    adjoint, enlarged, variation = [], [], {weight: [] for weight in arguments.weights}
    for file in files:
        truth = images.read(file)
        shape = torch.from_numpy(truth.astype(np.float32))[None]
        measurement = problems.read(arguments.measurements, problem, shape, file.stem)
        start = measurement.normalized_adjoint() + 0.5
        adjoint.append(scored(truth, start))
        if problem.startswith("superres"):
            enlarged.append(scored(truth, bicubic(measurement.y, measurement.image_shape)))
        for weight in arguments.weights:
            estimate = minimize(problem, measurement, weight, start, arguments.iterations)
            variation[weight].append(scored(truth, estimate))
            print(
                f"{problem}, {file.stem}, weight {weight}: PSNR {variation[weight][-1]['psnr']:.2f}, objective "
                f"{objective(estimate, measurement, weight):.3f}",
                file=sys.stderr,
                flush=True,
            )
    means = {weight: mean_of(scores) for weight, scores in variation.items()}
    best = max(means, key=lambda weight: means[weight]["psnr"])
    ways = {"adjoint": mean_of(adjoint)} | ({"bicubic": mean_of(enlarged)} if enlarged else {})
    ways |= {"total variation": means[best] | {"weight": best}}
    return {"problem": problem, "ways": ways, "weights": {str(weight): score for weight, score in means.items()}}


def reglow_rows(path: pathlib.Path, files: list[pathlib.Path]) -> dict[str, dict[str, float]]:
    """By problem, from the JSON of `reglow table`, which must be about the same images."""
    report = read_json(path)
    if [pathlib.Path(image).stem for image in report["images"]] != [file.stem for file in files]:
        sys.exit(f"{path} is about other images")
    return {row["problem"]: {"psnr": row["psnr"]["mean"], "ssim": row["ssim"]["mean"]} for row in reversed(report["rows"])}


def table(results: list[dict], images: int) -> str:
    ways = ["adjoint", "bicubic", "total variation", "reglow"]
    ways = [way for way in ways if any(way in result["ways"] for result in results)]
    lines = [f"{'mean of ' + str(images):18}" + "".join(f"{way:>18}" for way in ways)]
    for result in results:
        cells = [result["ways"].get(way) for way in ways]
        lines.append(
            f"{result['problem']:18}" + "".join(f"{cell['psnr']:10.2f}, {cell['ssim']:.4f}" if cell else f"{'':18}" for cell in cells)
        )
    return "\n".join(lines) + "\n"


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("images", nargs="+", type=pathlib.Path, help="PNG files, or folders of them")
    parser.add_argument("--measurements", required=True, type=pathlib.Path, help="what reglow table wrote")
    parser.add_argument("--output", required=True, type=pathlib.Path, help="JSON")
    parser.add_argument("--table", type=pathlib.Path, help="the JSON of reglow table, to be shown beside")
    parser.add_argument("--problems", nargs="+", choices=PROBLEMS, default=PROBLEMS)
    parser.add_argument("--weights", nargs="+", type=float, default=[0.0003, 0.0006, 0.0012, 0.0024, 0.0048])
    parser.add_argument("--iterations", type=int, default=400)
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    files = image_files(arguments.images)
    rows = reglow_rows(arguments.table, files) if arguments.table else {}
    results = [solve(problem, arguments, files) for problem in arguments.problems]
    for result in results:
        if result["problem"] in rows:
            result["ways"]["reglow"] = rows[result["problem"]]
    write(arguments.output, json.dumps({"iterations": arguments.iterations, "results": results}, indent=1) + "\n")
    print(table(results, len(files)), end="")
