"""Whether intervals of the posterior hold what they promise, and how good its mean is.

    python -m reglow_perf calibration --output rows.jsonl [--prior faces64] [--size 64] [--truths 4] [--problems denoise ...] [...]
    python -m reglow_perf calibration --output rows.jsonl --table [--markdown table.md]

Truths are drawn from the prior itself, where intervals of 90 % must hold 90 % of them; `--images` takes pictures in their place. Each is
measured by each problem, and its posterior is sampled. A row says which part of its numbers lies between the quantiles 0.05 and 0.95, of
pixels and of random linear functionals (inner products with white noise), where among the draws the truth ranks (tenths), and the PSNR of
mean, plain mean of the draws and mode. Rows that are there already are not made again. It needs the Python package of Reglow
(REGLOW_LIBRARY may name its library).
"""

import argparse
import json
import pathlib
from collections import defaultdict
from collections.abc import Iterable

import numpy as np

from reglow_perf.files import write
from reglow_perf.quality import images

FUNCTIONALS = 200
LEVELS = (0.05, 0.95)


def problem(name: str, size: int):
    """Return a problem of the package for images of this size; holes are five sixteenths of a side, as 20 is of 64."""
    import reglow

    makers = {
        "denoise": reglow.Denoise,
        "deblur": lambda: reglow.Deblur("uniform:5", border="periodic"),
        "superres-x4": lambda: reglow.Superresolve(4),
        "inpaint-random": lambda: reglow.Inpaint(missing=0.6, seed=0),
        "inpaint-hole": lambda: reglow.Inpaint(hole=5 * size // 16),
    }
    return makers[name]()


def ranks(truth: np.ndarray, draws: np.ndarray) -> np.ndarray:
    """Return the part of the draws that lie below the truth, for numbers (n,) and draws (samples, n)."""
    return (draws < truth).mean(0)


def tenths(values: np.ndarray) -> list[int]:
    """Return how many of the ranks lie in each tenth."""
    return np.histogram(values, bins=10, range=(0, 1))[0].tolist()


def decibel(truth: np.ndarray, image: np.ndarray) -> float:
    """Return the PSNR for a peak of 1; neither is clipped, since draws of a prior may lie anywhere."""
    return float(-10 * np.log10(((truth - image).astype(float) ** 2).mean()))


def covered(truth: np.ndarray, draws: np.ndarray) -> float:
    """Return the part of the numbers that lie between the quantiles of the draws."""
    low, high = np.quantile(draws, LEVELS, axis=0)
    return float(((low <= truth) & (truth <= high)).mean())


def row(truth: np.ndarray, restored, seed: int) -> dict:
    """Return what one posterior is like."""
    posterior = restored.posterior
    draws = posterior.samples.reshape(len(posterior.samples), -1).astype(float)
    flat = truth.reshape(-1).astype(float)
    weights = np.random.default_rng(seed).standard_normal((flat.size, FUNCTIONALS))
    seen, known = draws @ weights, flat @ weights
    return {
        "pixels": covered(flat, draws),
        "functionals": covered(known, seen),
        "pixel_ranks": tenths(ranks(flat, draws)),
        "functional_ranks": tenths(ranks(known, seen)),
        "psnr_mean": decibel(truth, posterior.mean),
        "psnr_draws": decibel(truth, posterior.samples.mean(0)),
        "psnr_mode": decibel(truth, posterior.mode),
        "deviation": float(np.sqrt((posterior.deviation.astype(float) ** 2).mean())),
        "error": float(np.sqrt(((posterior.mean - truth).astype(float) ** 2).mean())),
        "r_hat": posterior.r_hat,
        "effective": posterior.effective_samples,
        "median_effective": posterior.median_effective_samples,
        "acceptance": posterior.acceptance,
        "evaluations": posterior.evaluations,
        "mode_evaluations": restored.evaluations,
        "seconds": posterior.seconds,
    }


def truths(options: argparse.Namespace, prior) -> Iterable[tuple[str, np.ndarray]]:
    """Yield names and images (H, W, 3): draws of the prior, or pictures cut to squares from their middle."""
    if not options.images:
        for index, image in enumerate(prior.sample(options.truths, size=(options.size, options.size), temperature=1, seed=options.seed)):
            yield f"draw-{options.seed}-{index}", image
        return
    for path in options.images[: options.truths]:
        values = images.read(path).transpose(1, 2, 0)
        top, left = ((length - options.size) // 2 for length in values.shape[:2])
        yield path.stem, np.ascontiguousarray(values[top : top + options.size, left : left + options.size], np.float32)


def measure(options: argparse.Namespace) -> None:
    """Append a row to the output for each truth and problem that has none yet."""
    import reglow

    # Draws of a prior may lie on another scale than pictures, which the package takes for a mistake.
    reglow.restorer.require_range = lambda *_: None
    prior = reglow.Prior.load(options.prior, threads=options.threads)
    rows = read(options.output)
    done = {(each["prior"], each["truth"], each["problem"], each["noise"], each["size"]) for each in rows}
    for index, (name, truth) in enumerate(truths(options, prior)):
        for word in options.problems:
            key = (prior.name, name, word, options.noise, options.size)
            if key in done:
                continue
            posed = problem(word, options.size)
            y = posed.degrade(truth, noise=options.noise, seed=1000 + index)
            restored = reglow.restore(
                y,
                posed,
                noise=options.noise,
                prior=prior,
                posterior=True,
                samples=options.samples,
                chains=options.chains,
                burn_in=options.burn_in,
                steps_per_sample=options.steps_per_sample,
                threads=options.threads,
                posterior_seed=index,
            )
            found = dict(zip(("prior", "truth", "problem", "noise", "size"), key)) | row(truth, restored, index)
            found |= {"is_drawn": not options.images, "samples": options.samples, "burn_in": options.burn_in}
            with options.output.open("a") as file:
                file.write(json.dumps(found) + "\n")
            print(f"{word} {name}: {found['pixels']:.3f} of the pixels, R-hat {found['r_hat']:.2f}, {found['seconds']:.0f} s", flush=True)


def read(path: pathlib.Path) -> list[dict]:
    """Return the rows that are there."""
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def uneven(counts: np.ndarray) -> float:
    """Return the largest part that a tenth of the ranks has too much or too little of a tenth."""
    return float(np.abs(counts / counts.sum() - 0.1).max())


def table(rows: list[dict]) -> str:
    """Return the table of the rows, a line for each prior, kind of truth, noise and problem."""
    groups: dict[tuple, list[dict]] = defaultdict(list)
    for each in rows:
        kind = "drawn" if each["is_drawn"] else "pictures"
        groups[(each["prior"], each["size"], kind, each["noise"], each["problem"])].append(each)
    lines = [
        "| prior | side | truths | noise | problem | pixels | functionals | worst tenth of ranks | deviation | error | mean, dB "
        "| of the draws | mode | R-hat | effective | evaluations |",
        "|" + "---|" * 16,
    ]
    for (prior, size, kind, noise, word), group in groups.items():

        def mean(name: str, group: list[dict] = group) -> float:
            known = [each[name] for each in group if name in each]
            return float(np.mean(known)) if known else float("nan")

        def decibels(name: str) -> str:
            # Draws of a prior of noisy pictures are no pictures.
            return "" if np.isnan(mean(name)) else f"{mean(name):.2f}"

        counts = np.sum([each["functional_ranks"] for each in group], axis=0)
        pixels, functionals = (f"{100 * mean(name):.1f} %" for name in ("pixels", "functionals"))
        lines.append(
            f"| {prior} | {size} | {len(group)} {kind} | {noise} | {word} | {pixels} | {functionals} "
            f"| {100 * uneven(counts):.1f} % | {mean('deviation'):.4f} | {mean('error'):.4f} | {decibels('psnr_mean')} "
            f"| {decibels('psnr_draws')} | {decibels('psnr_mode')} "
            f"| {mean('r_hat'):.2f} | {mean('effective'):.0f} | {mean('evaluations'):.0f} |"
        )
    return "\n".join(lines) + "\n"


def main() -> None:
    words = ["denoise", "deblur", "superres-x4", "inpaint-random", "inpaint-hole"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=pathlib.Path, required=True, help="rows, a JSON object a line")
    parser.add_argument("--table", action="store_true", help="measure nothing, and print the table of the rows")
    parser.add_argument("--markdown", type=pathlib.Path, help="where the table goes, in place of standard output")
    parser.add_argument("--prior", default="faces64", help="name of a shipped prior, or a model file")
    parser.add_argument("--images", type=pathlib.Path, nargs="*", default=[], help="pictures in place of draws of the prior")
    parser.add_argument("--truths", type=int, default=4)
    parser.add_argument("--size", type=int, default=64, help="side of the images")
    parser.add_argument("--problems", nargs="+", choices=words, default=words)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--chains", type=int, default=4)
    parser.add_argument("--burn-in", type=int, default=20)
    parser.add_argument("--steps-per-sample", type=int, default=64)
    parser.add_argument("--threads", type=int, default=None)
    parser.add_argument("--seed", type=int, default=0, help="of the draws of the prior")
    options = parser.parse_args()
    if not options.table:
        measure(options)
        return
    text = table(read(options.output))
    if options.markdown:
        write(options.markdown, text)
    else:
        print(text, end="")


if __name__ == "__main__":
    main()
