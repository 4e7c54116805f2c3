"""How good the posterior mean is as an estimate of a picture, beside the mode and the self-ensemble.

    python -m reglow_perf estimates --output rows.jsonl --images FACES [--problems denoise:0.1 ...] [--samples 24] [...]
    python -m reglow_perf estimates --output rows.jsonl --table

Each picture is measured by each problem. A row has PSNR (not clipped) and SSIM of the mode, the self-ensemble of the mode, the posterior
mean, and the mean of both views: half of that of the measurement, half of that of its mirror image, turned back. It has the mean square
errors too of the exact means, of which those of so few draws are estimates. Rows that are there already are not made again. It needs the
Python package of Reglow (REGLOW_LIBRARY may name its library) and scikit-image.
"""

import argparse
import json
import pathlib
from collections import defaultdict

import numpy as np

from reglow_perf.quality.calibration import covered, decibel, problem, read, truths

#: Problems, with their noise.
PROBLEMS = ["denoise:0.1", "inpaint-hole:0.01", "superres-x4:0.01"]
WAYS = ["mode", "self_ensemble", "mean", "both"]


def views(name: str, size: int) -> list:
    """Return a problem and its mirror image, left for right. All are their own but that of missing pixels."""
    import reglow

    if name != "inpaint-random":
        return [problem(name, size)] * 2
    known = np.random.default_rng(0).random((size, size)) >= 0.6
    return [reglow.Inpaint(mask=known), reglow.Inpaint(mask=known[:, ::-1])]


def ssim(truth: np.ndarray, image: np.ndarray) -> float:
    """Return the SSIM with Gaussian weights, of the image clipped to [0, 1]."""
    from skimage.metrics import structural_similarity

    options = {"channel_axis": 2, "data_range": 1, "gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False}
    return float(structural_similarity(truth, np.clip(image, 0, 1), **options))


def errors(truth: np.ndarray, samples: np.ndarray, chains: int) -> np.ndarray:
    """Return the error of the mean of each chain, (chains, n)."""
    means = [chain.mean(0, dtype=float) for chain in np.split(samples, chains)]
    return np.stack([(mean - truth).ravel() for mean in means])


def exact_square(a: np.ndarray, b: np.ndarray | None = None) -> float:
    """Return what the mean square error of an exact mean is, by errors of the means of chains (chains, n).

    Different chains err by chance independently, so that the products of their errors have the mean that the exact errors have.

    Parameters
    ----------
    a : errors of chains of one density
    b : those of another, for the product of both exact errors
    """
    products = (a @ (a if b is None else b).T) / a.shape[1]
    if b is not None:
        return float(products.mean())
    count = len(a)
    return float((products.sum() - np.trace(products)) / (count * (count - 1)))


def row(truth: np.ndarray, restored: list, ensemble, chains: int) -> dict:
    """Return what the estimates of one picture are like.

    Parameters
    ----------
    restored : the restorations of the measurement and of its mirror image, with posteriors
    ensemble : the self-ensemble of the mode
    """
    here, mirrored = (view.posterior for view in restored)
    both = (here.mean + mirrored.mean[:, ::-1]) / 2
    samples = [here.samples, mirrored.samples[:, :, ::-1]]
    images = dict(zip(WAYS, (here.mode, ensemble.image, here.mean, both)))
    of_views = [errors(truth, each, chains) for each in samples]
    exact = [exact_square(each) for each in of_views]
    exact_both = (exact[0] + exact[1] + 2 * exact_square(*of_views)) / 4
    flat = [each.reshape(len(each), -1) for each in samples]
    return (
        {f"psnr_{way}": decibel(truth, image) for way, image in images.items()}
        | {f"ssim_{way}": ssim(truth, image) for way, image in images.items()}
        | {
            "psnr_draws": decibel(truth, here.samples.mean(0)),
            "square_mean": exact[0],
            "square_both": exact_both,
            "variance": float((here.deviation.astype(float) ** 2).mean()),
            "pixels": covered(truth.reshape(-1), flat[0]),
            "pixels_both": covered(truth.reshape(-1), np.concatenate(flat)),
            "r_hat": here.r_hat,
            "median_effective": here.median_effective_samples,
            "evaluations_mode": restored[0].evaluations,
            "evaluations_self_ensemble": ensemble.evaluations,
            "evaluations_mean": here.evaluations,
            "evaluations_both": here.evaluations + mirrored.evaluations,
        }
    )


def measure(options: argparse.Namespace) -> None:
    """Append a row to the output for each picture and problem that has none yet."""
    import reglow

    prior = reglow.Prior.load(options.prior, threads=options.threads)
    done = {(each["truth"], each["problem"], each["noise"]) for each in read(options.output)}
    for index, (name, truth) in enumerate(truths(options, prior)):
        for text in options.problems:
            word, level = text.split(":")
            noise = float(level)
            if index < options.skip or (name, word, noise) in done:
                continue
            problems = views(word, options.size)
            y = problems[0].degrade(truth, noise=noise, seed=1000 + index)
            common = {"noise": noise, "prior": prior, "threads": options.threads}
            draws = {name: getattr(options, name) for name in ("samples", "chains", "burn_in", "steps_per_sample")}
            restored = [
                reglow.restore(view, problems[number], posterior=True, posterior_seed=2 * index + number, **common, **draws)
                for number, view in enumerate((y, np.ascontiguousarray(y[:, ::-1])))
            ]
            ensemble = reglow.restore(y, problems[0], self_ensemble=True, **common)
            found = {"prior": prior.name, "truth": name, "problem": word, "noise": noise, "size": options.size} | draws
            found |= row(truth, restored, ensemble, options.chains)
            with options.output.open("a") as file:
                file.write(json.dumps(found) + "\n")
            print(f"{word} {name}: " + ", ".join(f"{way} {found['psnr_' + way]:.2f}" for way in WAYS), flush=True)


def table(rows: list[dict]) -> str:
    """Return the table of the rows, a line for each problem: means over the pictures, of PSNR and SSIM."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for each in rows:
        groups[(each["problem"], each["noise"], each["samples"])].append(each)
    lines = [
        "| problem | noise | pictures | draws of a view | mode | self-ensemble | mean | mean of both views | exact mean "
        "| exact mean of both views "
        "| both above the mode | evaluations: mode, self-ensemble, both | intervals hold, one view | both | R-hat "
        "| effective draws of a pixel |",
        "|" + "---|" * 16,
    ]
    for (word, noise, samples), group in groups.items():

        def mean(name: str, group: list[dict] = group) -> float:
            return float(np.mean([each[name] for each in group]))

        def exact(name: str, group: list[dict] = group) -> float:
            # An estimate of a square may have any sign: the mean over the pictures comes first.
            return float(-10 * np.log10(np.mean([each[name] for each in group])))

        gains = np.array([each["psnr_both"] - each["psnr_mode"] for each in group])
        cells = [f"{mean('psnr_' + way):.2f}, {mean('ssim_' + way):.4f}" for way in WAYS]
        # PSNR of the mean square error over all pictures, beside that of the mode.
        mode = -10 * np.log10(np.mean([10 ** (-each["psnr_mode"] / 10) for each in group]))
        cells += [f"{exact(name) - mode:+.2f} dB" for name in ("square_mean", "square_both")]
        cells.append(f"{gains.mean():+.2f} dB, {int((gains > 0).sum())} of {len(group)}")
        cells.append(", ".join(f"{mean('evaluations_' + way):.0f}" for way in ("mode", "self_ensemble", "both")))
        cells += [f"{100 * mean(name):.1f} %" for name in ("pixels", "pixels_both")]
        cells += [f"{mean('r_hat'):.2f}", f"{mean('median_effective'):.0f}"]
        lines.append(f"| {word} | {noise} | {len(group)} | {samples} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="rows, a JSON object a line")
    parser.add_argument("--table", action="store_true", help="measure nothing, and print the table of the rows")
    parser.add_argument("--prior", default="faces64", help="name of a shipped prior, or a model file")
    parser.add_argument("--images", type=pathlib.Path, nargs="*", default=[], help="the pictures, cut to squares from their middle")
    parser.add_argument("--truths", type=int, default=15, help="how many of them")
    parser.add_argument("--skip", type=int, default=0, help="leave out so many first, as another process measures them")
    parser.add_argument("--size", type=int, default=64, help="side of the images")
    parser.add_argument("--problems", nargs="+", default=PROBLEMS, help="each with its noise")
    parser.add_argument("--samples", type=int, default=24, help="draws for each view")
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--burn-in", type=int, default=5)
    parser.add_argument("--steps-per-sample", type=int, default=64)
    parser.add_argument("--threads", type=int, default=None)
    options = parser.parse_args()
    if options.table:
        print(table(read(options.output)), end="")
    else:
        measure(options)


if __name__ == "__main__":
    main()
