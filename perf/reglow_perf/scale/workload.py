"""What is measured: faces of 64x64 and photographs of 768x512, in several problems, as lists of jobs for `reglow batch`."""

import ast
import dataclasses
import json
import pathlib

from reglow_perf import engine
from reglow_perf.scale import processes

NOISE = 0.01
PHOTOGRAPH_WIDTH = 768
COMPRESSIVE = {"compressive": ["--problem", "compressive", "--measurements", "1024"]}
OPERATORS = {**engine.OPERATORS, **COMPRESSIVE}
FACES = ("denoise", "deblur", "superres-x2", "inpaint-random", "inpaint-hole", "compressive")
PHOTOS = ("denoise", "deblur-window")
MORE_PHOTOS = (*PHOTOS, "superres-x2", "inpaint-random", "inpaint-hole")
PRIORS = {"faces": "faces64", "photos": "photos"}


@dataclasses.dataclass(frozen=True)
class Load:
    """`images` measurements of one problem. `kind` is faces or photos, which decides the prior."""

    kind: str
    problem: str
    images: int

    @property
    def key(self) -> str:
        return f"{self.kind} {self.problem}"

    def options(self) -> list[str]:
        """Those of `reglow batch`, but for folder, list and threads."""
        size = ["--size", "64x64"] if self.problem == "compressive" else []
        return [*OPERATORS[self.problem], *size, "--noise", str(NOISE), "--prior", PRIORS[self.kind]]


def loads(faces: int, photos: int, every: bool) -> list[Load]:
    found = [Load("faces", problem, faces) for problem in FACES]
    return found + [Load("photos", problem, photos) for problem in (MORE_PHOTOS if every else PHOTOS)]


def write_list(load: Load, truths: list[pathlib.Path], reglow: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """Measures images and lists them; the list.

    Image i is of truth i modulo their number, with the seed i over that number, for noise, mask and matrix. Compressive sensing has one
    matrix, as a camera has: a seed for each image would be a matrix for each.
    """
    folder.mkdir()
    ending = "npy" if load.problem == "compressive" else "png"
    lines = []
    for index in range(load.images):
        truth = truths[index % len(truths)]
        seed = 0 if load.problem == "compressive" else index // len(truths)
        output = folder / f"{index:04}.{ending}"
        noise = ["--noise", str(NOISE), "--seed", str(seed)]
        processes.run(reglow, "degrade", str(truth), *OPERATORS[load.problem], *noise, "--output", str(output), "--quiet")
        # A window of a scene is smaller than the scene, which is no truth of it then.
        known = {} if load.problem == "deblur-window" else {"truth": str(truth.resolve())}
        lines.append(json.dumps({"input": output.name, "output": f"{index:04}.png", "seed": seed, **known}))
    path = folder / "jobs.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def widen(array: bytes, width: int) -> bytes:
    """A .npy file of an image of three planes, each row continued to `width` columns by its mirror image."""
    length = int.from_bytes(array[8:10], "little")
    header, numbers = ast.literal_eval(array[10 : 10 + length].decode()), array[10 + length :]
    planes, rows, columns = header["shape"]
    if array[6] != 1 or header["descr"] != "<f4" or header["fortran_order"] or not columns <= width <= 2 * columns:
        raise ValueError(f"an image of {columns}x{rows} in {header['descr']} cannot become {width} wide")
    found = []
    for row in range(planes * rows):
        line = numbers[4 * columns * row : 4 * columns * (row + 1)]
        mirrored = [line[4 * place : 4 * place + 4] for place in range(columns - 1, 2 * columns - width - 1, -1)]
        found.append(line + b"".join(mirrored))
    text = str({**header, "shape": (planes, rows, width)}).encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return array[:8] + len(text).to_bytes(2, "little") + text + b"".join(found)


def write_photograph(picture: pathlib.Path, reglow: pathlib.Path, folder: pathlib.Path) -> pathlib.Path:
    """A photograph that is PHOTOGRAPH_WIDTH wide, from a picture that is at least half as wide."""
    plain = ["--problem", "denoise", "--noise", "0", "--quiet", "--output"]
    whole, wide, path = folder / "whole.npy", folder / "wide.npy", folder / "photograph.png"
    processes.run(reglow, "degrade", str(picture), *plain, str(whole))
    wide.write_bytes(widen(whole.read_bytes(), PHOTOGRAPH_WIDTH))
    processes.run(reglow, "degrade", str(wide), *plain, str(path))
    return path
