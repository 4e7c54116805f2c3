"""Restores faces with priors that were imported from a checkpoint of each family.

    python -m reglow_perf checkpoints MODEL TRAINING FACES... --output FOLDER

The checkpoint of a family is made of MODEL, a model file of version 1: the same map by the family's names and formulas, whose scales,
priors, borders and offsets do nothing at first. It is then trained on as its code trains it, for --steps batches of images of the folder
TRAINING, and saved in the family's kind of file. One that is in FOLDER already is taken as it is.

`reglow import` makes it a model file again, with FACES as --probe and --check. `reglow verify` holds that against
latents and log-determinants of the family's formulas in double precision. Then every face is measured and restored, with noise 0.01, by
--solver auto, for each problem of the paper. Prints a Markdown table of mean PSNR; the adjoint is A'y, divided by A'1 where that is not 0.
All numbers, and pictures, stay in FOLDER.
"""

import argparse
import json
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np
import torch

from reglow_perf import engine
from reglow_perf.checkpoints import files, flow, training
from reglow_perf.checkpoints.family import Family
from reglow_perf.files import image_files, write
from reglow_perf.quality import images

NOISE = 0.01


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=pathlib.Path, help="a model file of version 1, of the faces' kind")
    parser.add_argument("training", type=pathlib.Path, help="a folder of faces of one size")
    parser.add_argument("faces", nargs="+", type=pathlib.Path, help="faces to be restored, or folders of them")
    parser.add_argument("--output", type=pathlib.Path, required=True, metavar="FOLDER")
    parser.add_argument("--families", nargs="+", default=[family.name for family in files.FAMILIES], help="(default: all)")
    parser.add_argument("--steps", type=int, default=24, help="of the training (default: %(default)s)")
    parser.add_argument("--batch", type=int, default=4, help="images of a step (default: %(default)s)")
    parser.add_argument("--rate", type=float, default=1e-4, help="learning rate (default: %(default)s)")
    parser.add_argument("--count", type=int, default=4, help="faces that are restored (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=1, help="of PyTorch (default: %(default)s)")
    parser.add_argument("--train-only", action="store_true", help="makes the checkpoints and restores nothing")
    return parser.parse_args()


def call(*arguments: str | pathlib.Path) -> dict:
    """The report of a call of `reglow`; ends the program where it fails."""
    child = subprocess.run([engine.REGLOW, *map(str, arguments), "--json", "-"], capture_output=True, text=True)
    if child.returncode != 0:
        sys.exit(f"reglow {arguments[0]}: {child.stderr.strip()}")
    return json.loads(child.stdout)


class Checkpoint:
    """A family's checkpoint in `folder`, with what is to be known of it."""

    def __init__(self, kind: type[Family], folder: pathlib.Path):
        self.kind = kind
        self.path = folder / f"{kind.name}{kind.suffix}"
        self.golden = folder / f"{kind.name}.golden.safetensors"
        self.model = folder / f"{kind.name}.safetensors"
        self.facts = folder / f"{kind.name}.json"

    def make(self, source: flow.Flow, trained: torch.Tensor, steps: int, batch: int, rate: float) -> None:
        """Trains and writes it."""
        generator = torch.Generator().manual_seed(1)
        size = trained.shape[2:]
        model = self.kind.of(source, generator, tuple(size)).copy(torch.float32)
        bits = training.train(model, trained, steps, batch, rate, generator)
        held = training.dequantized(trained[:2], generator)
        files.save_golden(model, held, self.golden)
        facts = {
            "settings": files.settings(model),
            "steps": steps,
            "bits_of_batches": bits,
            "prior_reach": max((t.abs().max().item() for key, t in model.state.items() if is_of_prior(key)), default=None),
        }
        write(self.facts, json.dumps(facts))
        files.save(model, self.path)

    def imported(self, probe: pathlib.Path) -> dict:
        """The reports of `reglow import` and `reglow verify`, of what they agree on."""
        facts = json.loads(self.facts.read_text())
        chosen = [word for setting in facts["settings"] for word in ("--set", setting)]
        report = call("import", self.path, "--output", self.model, "--probe", probe, "--check", probe, "--noise-levels", "5", *chosen)
        errors = call("verify", "--model", self.model, "--golden", self.golden)["errors"]
        return {**facts, "import": report, "errors": {name: float(error) for name, error in errors.items()}}


def is_of_prior(key: str) -> bool:
    return any(word in key for word in ("prior", "learn_top", "gaussianize", "conv_zero", "pool", "q0.")) and "prior_h" not in key


def adjoint(problem: str, measurement: np.ndarray, mask: np.ndarray | None) -> np.ndarray:
    """A'y / A'1, in the range of the flow, pixel values less 1/2; 1/2 where A'1 is 0."""
    y = measurement - 0.5
    if problem == "deblur":
        x = sum(np.roll(y, (i, j), axis=(1, 2)) for i in range(-2, 3) for j in range(-2, 3)) / 25
    elif problem.startswith("superres"):
        scale = int(problem[-1])
        x = y.repeat(scale, axis=1).repeat(scale, axis=2)
    else:
        x = np.where(mask, y, 0)
    return x + 0.5


def restored(checkpoint: Checkpoint, folder: pathlib.Path, faces: list[pathlib.Path]) -> dict[str, dict]:
    """Of each problem: PSNR of the adjoint and of the restored image, for each face; of one row, the pictures stay."""
    work = engine.Engine(folder / "work", faces, NOISE, 7, ["--prior", str(checkpoint.model), "--solver", "auto"])
    names = [file.stem for file in faces]
    results = {}
    for problem in engine.PROBLEMS:
        work.measure(problem)
        _, report = work.restore(problem, names)
        begins = []
        for name, file in zip(names, faces):
            place = work.mask(problem, name)
            mask = images.read(place)[:1] > 0.5 if place.exists() else None
            begins.append(images.psnr(images.read(file), adjoint(problem, np.load(work.measurement(problem, name)), mask)))
        kept = folder / "pictures" / checkpoint.kind.name
        kept.mkdir(parents=True, exist_ok=True)
        for name in names:
            shutil.copyfile(work.folder / "restored" / f"{name}.npy", kept / f"{problem}-{name}.npy")
        results[problem] = {
            "adjoint": begins,
            "psnr": [one["psnr"] for one in report["results"]],
            "evaluations": [one["evaluations"] for one in report["results"]],
            "stop": [one["stop"] for one in report["results"]],
        }
    return results


def table(results: dict[str, dict]) -> str:
    problems = list(engine.PROBLEMS)
    lines = ["| family | steps | file | bits | agrees to | " + " | ".join(problems) + " |", "|---" * (5 + len(problems)) + "|"]
    for name, one in results.items():
        report = one["imported"]["import"]
        steps = ", ".join(map(str, report["architecture"]["steps"]))
        agrees = f"{max(one['imported']['errors'].values()):.1e}"
        cells = [name, steps, report["format"][-1], f"{report['bits_per_dimension']:.2f}", agrees]
        for problem in problems:
            found = one["restored"][problem]
            cells.append(f"{statistics.mean(found['adjoint']):.1f} → {statistics.mean(found['psnr']):.1f}")
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    arguments = parse_arguments()
    torch.set_num_threads(arguments.threads)
    folder = arguments.output
    folder.mkdir(parents=True, exist_ok=True)
    faces = image_files(arguments.faces)[: arguments.count]
    kinds = [family for family in files.FAMILIES if family.name in arguments.families]
    checkpoints = [Checkpoint(kind, folder) for kind in kinds]
    missing = [checkpoint for checkpoint in checkpoints if not checkpoint.path.exists()]
    if missing:
        source = flow.read(str(arguments.model))
        chosen = image_files([arguments.training], (".png", ".jpg"))
        trained = training.read_images(chosen[:: max(1, len(chosen) // 256)])
        for checkpoint in missing:
            checkpoint.make(source, trained, arguments.steps, arguments.batch, arguments.rate)
            print(f"{checkpoint.path}: made", file=sys.stderr, flush=True)
    if arguments.train_only:
        return
    probe = folder / "probe"
    probe.mkdir(exist_ok=True)
    for file in image_files(arguments.faces):
        link = probe / file.name
        link.unlink(missing_ok=True)
        link.symlink_to(file.resolve())
    results = {}
    for checkpoint in checkpoints:
        results[checkpoint.kind.name] = {"imported": checkpoint.imported(probe), "restored": restored(checkpoint, folder, faces)}
        write(folder / "results.json", json.dumps(results, indent=1))
        print(f"{checkpoint.kind.name}: restored", file=sys.stderr, flush=True)
    print(table(results))
    bad = [
        f"{name}, {problem}, face {face}"
        for name, one in results.items()
        for problem, found in one["restored"].items()
        for face, (begin, end) in enumerate(zip(found["adjoint"], found["psnr"]))
        if not (end is not None and np.isfinite(end) and end > begin)
    ]
    if bad:
        sys.exit("not better than the adjoint: " + "; ".join(bad))


if __name__ == "__main__":
    main()
