"""Holds checkpoints that the families' own codes wrote against what these codes computed, on every instruction set.

    python -m reglow_perf shared-checkpoints FOLDER

FOLDER has the checkpoints, NAME.golden.safetensors, which `reglow verify` reads, and NAME.expected.npz, what the family's code computed in
double precision (openai: single): `input`, which is the pixel value less 1/2 plus `offset`, latents finest level first (`eps0`, ... or, of
families without priors, `z0`, ...), `log_likelihood`, and `random_eps0`, ... with their `inverse`. All errors are relative to the largest
magnitude of their array; one over 1e-5 ends the program with an error, as does a checkpoint that is to be refused and is not.

Prints a Markdown table with two errors for each instruction set: the largest of all maps of the golden file, and the largest of latents,
log-determinants and images against the family's code. The last column is the error of the families' formulas in `reglow_perf.checkpoints`,
which other checks take for the truth.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.numpy import save_file

from reglow_perf import engine
from reglow_perf.checkpoints import files
from reglow_perf.checkpoints.family import Family

SETS = ("portable", "avx2", "avx512", "avx512bf16")
BOUND = 1e-5
# Files and what they do not say; None is refused.
SETTINGS = {
    "glowip-affine-L3K3.pt": ["squeeze=interleaved", "last-offset=1"],
    "glowip-additive-L2K2.pt": ["squeeze=interleaved"],
    "glowip-contiguous-L3K2.pt": ["squeeze=contiguous", "last-offset=0"],
    "rosinality-additive-L2K3.pt": [],
    "rosinality-affine-L3K2.pt": [],
    "y0ast-affine-L2K2.pth": [],
    "y0ast-shuffle-L2K2.pth": None,
    "chaiyujin-affine-L2K2.pkg": [],
    "normflows-affine-L3K2.pth": ["scale-map=sigmoid"],
    "normflows-additive-L2K3.pth": [],
    "kamen-L2K3.pt": [],
    "pclucas-affine-L2K2.pth": [],
    "openai-additive-L3K2.npz": [],
    "dajin-affine-L4K1.ckpt": [],
}


def reglow(*arguments: str | pathlib.Path, isa: str | None = None) -> tuple[int, str, str]:
    environment = {**os.environ, **({"REGLOW_ISA": isa} if isa else {})}
    child = subprocess.run([engine.REGLOW, *map(str, arguments)], capture_output=True, text=True, env=environment)
    return child.returncode, child.stdout, child.stderr.strip()


def blocks(expected: dict[str, np.ndarray], *prefixes: str) -> list[np.ndarray]:
    """The arrays PREFIX0, PREFIX1, ..., of the first prefix that there is."""
    for prefix in prefixes:
        found = []
        while f"{prefix}{len(found)}" in expected:
            found.append(np.float64(expected[f"{prefix}{len(found)}"]))
        if found:
            return found
    return []


def images_of(expected: dict[str, np.ndarray], name: str) -> np.ndarray:
    """As the engine sees them: pixel values less 1/2."""
    return np.float64(expected[name]) - float(expected["offset"])


def flattened(parts: list[np.ndarray], family: type[Family]) -> np.ndarray:
    """A latent as the engine has it."""
    if family.second_conditions:
        half = parts[-1].shape[1] // 2
        parts = [*parts[:-1], np.concatenate((parts[-1][:, half:], parts[-1][:, :half]), axis=1)]
    return np.concatenate([part.reshape(len(part), -1) for part in parts], axis=1)


def golden_files(expected: dict[str, np.ndarray], family: type[Family], folder: pathlib.Path) -> list[pathlib.Path]:
    """What the family's code computed, as golden files: at images, and at latents that were drawn."""
    made = []

    def write(name: str, **tensors: np.ndarray) -> None:
        path = folder / f"{name}.golden.safetensors"
        save_file({key: np.ascontiguousarray(values) for key, values in tensors.items()}, path, metadata={"format": "reglow-golden/1"})
        made.append(path)

    found = blocks(expected, "eps", "z")
    if found:
        latent = flattened(found, family)
        n = latent.shape[1]
        total = np.float64(expected["log_likelihood"]) + (latent**2).sum(1) / 2 + n / 2 * math.log(2 * math.pi)
        write("images", image=images_of(expected, "input"), latent=latent, log_determinant=total)
    drawn = blocks(expected, "random_eps", "random_z")
    if drawn and "inverse" in expected:
        write("latents", image=images_of(expected, "inverse"), latent=flattened(drawn, family))
    return made


def errors(model: pathlib.Path, golden: pathlib.Path, isa: str) -> dict[str, float]:
    code, out, problem = reglow("verify", "--model", model, "--golden", golden, "--json", "-", isa=isa)
    if not out:
        sys.exit(f"{golden.name}, {isa}: {problem}")
    return {name: float(error) for name, error in json.loads(out)["errors"].items()}


def state_of(path: pathlib.Path, report: dict) -> dict[str, torch.Tensor]:
    """The state dict as the report of the import says where it stands. The files are trusted: torch.load runs what they say."""
    if path.suffix == ".npz":
        found = {key: torch.from_numpy(values) for key, values in np.load(path).items() if values.dtype.kind in "fiu"}
    else:
        found = torch.load(path, map_location="cpu", weights_only=False)
        for key in filter(None, report["place"].split("/")):
            found = found[key]
    return {key.removeprefix(report["prefix"]): tensor for key, tensor in found.items() if key.startswith(report["prefix"])}


def error_of_formulas(path: pathlib.Path, report: dict, expected: dict[str, np.ndarray], family: type[Family]) -> float:
    """Of `Family.forward`, in double precision."""
    architecture = report["architecture"]
    steps, channels = architecture["steps"], 4 * architecture["image_channels"]
    model = family(steps, channels, architecture["coupling"] == "affine", state_of(path, report)).copy(torch.float64)
    for setting in SETTINGS[path.name]:
        name, value = setting.split("=")
        setattr(model, name.replace("-", "_"), float(value) if name == "last-offset" else value)
    with torch.no_grad():
        found, total = model.forward(torch.from_numpy(images_of(expected, "input")))
    pairs = [(one.numpy(), other) for one, other in zip(found, blocks(expected, "eps", "z"))]
    energy = sum((one.numpy() ** 2).sum(axis=(1, 2, 3)) for one in found)
    n = expected["input"][0].size
    pairs.append((total.numpy() - energy / 2 - n / 2 * math.log(2 * math.pi), np.float64(expected["log_likelihood"])))
    return max(float(np.abs(one - other).max() / np.abs(other).max()) for one, other in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    sets = [isa for isa in SETS if reglow("info", isa=isa)[0] == 0]
    for isa in set(SETS) - set(sets):
        print(f"{isa}: not on this processor", file=sys.stderr)
    print("| checkpoint | " + " | ".join(sets) + " | formulas |\n" + "|---" * (len(sets) + 2) + "|")
    failures = []
    for name, chosen in SETTINGS.items():
        path = folder / name
        family = next(one for one in files.FAMILIES if one.name == name.split("-")[0])
        with tempfile.TemporaryDirectory() as place:
            work = pathlib.Path(place)
            model = work / "model.safetensors"
            words = [word for setting in chosen or [] for word in ("--set", setting)]
            code, out, problem = reglow("import", path, "--output", model, "--json", "-", *words)
            if (code == 0) != (chosen is not None):
                failures.append(f"{name}: {problem or 'was imported, but is to be refused'}")
                continue
            if chosen is None:
                reason = problem.splitlines()[0].split(": ", 2)[-1]
                print(f"| {name} | " + f"refused: {reason} |" + " |" * len(sets), flush=True)
                continue
            with np.load(path.with_name(path.stem + ".expected.npz")) as archive:
                expected = dict(archive)
            own = golden_files(expected, family, work)
            cells = []
            for isa in sets:
                given = errors(model, path.with_name(path.stem + ".golden.safetensors"), isa)
                code_s = {f"{golden.stem}.{key}": error for golden in own for key, error in errors(model, golden, isa).items()}
                cells.append(f"{max(given.values()):.1e}, " + (f"{max(code_s.values()):.1e}" if code_s else "-"))
                failures += [f"{name}, {isa}, {key}: {error}" for key, error in {**given, **code_s}.items() if not error <= BOUND]
            formulas = error_of_formulas(path, json.loads(out), expected, family) if own else math.nan
            if own and not formulas <= BOUND:
                failures.append(f"{name}, formulas: {formulas}")
            print(f"| {name} | " + " | ".join(cells) + f" | {formulas:.1e} |", flush=True)
    if failures:
        sys.exit("\n".join(failures))


if __name__ == "__main__":
    main()
