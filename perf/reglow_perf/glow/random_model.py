"""Writes a model file with random weights, for timing.

    python -m reglow_perf random-model L,K,h OUTPUT.safetensors [--coupling affine [--version 2]]

M is a permutation with signs, so it is orthogonal; networks have unit gain inside and a small last layer, so the map is tame.
Needs the standard library only. The numbers repeat, which no timing sees: every tensor is cut from one block of noise.
"""

import argparse
import array
import json
import math
import os
import pathlib
import random
import re
import sys
from collections.abc import Iterator

from reglow_perf.glow.architecture import Architecture

BLOCK = 100_003


class Noise:
    """Normal numbers of a standard deviation; every call goes on at another place of the block."""

    def __init__(self, seed: int):
        generator = random.Random(seed)
        self.unit = [generator.gauss(0, 1) for _ in range(BLOCK)]
        self.scaled = {}
        self.place = 0

    def __call__(self, count: int, deviation: float) -> array.array:
        if deviation not in self.scaled:
            self.scaled[deviation] = array.array("f", (deviation * value for value in self.unit))
        block, start = self.scaled[deviation], self.place % BLOCK
        self.place += count
        return (block[start:] + block * (count // BLOCK + 1))[:count]


def signed_permutation(channels: int, generator: random.Random) -> array.array:
    matrix = array.array("f", [0]) * (channels * channels)
    for row, column in enumerate(generator.sample(range(channels), channels)):
        matrix[row * channels + column] = generator.choice((-1, 1))
    return matrix


def tensors(
    levels: int, steps: int, hidden: int, affine: bool = False, version: int = 1
) -> Iterator[tuple[str, tuple[int, ...], array.array]]:
    """(name, shape, float32 numbers) of a model of three channels, in the order of the file. Version 2 has borders and learned priors."""
    noise, generator = Noise(0), random.Random(0)
    channels = 3
    for level in range(levels):
        channels *= 4
        half = channels // 2
        out = channels if affine else half
        for step in range(steps):
            name = f"levels.{level}.steps.{step}"
            yield f"{name}.invconv.weight", (channels, channels), signed_permutation(channels, generator)
            yield f"{name}.invconv.bias", (channels,), noise(channels, 0.01)
            layers = [
                ((hidden, half, 3, 3), math.sqrt(2 / (9 * half)), 0.1),
                ((hidden, hidden), math.sqrt(2 / hidden), 0.1),
                ((out, hidden, 3, 3), 0.1 / math.sqrt(9 * hidden), 0.01),
            ]
            for index, (shape, deviation, bias_deviation) in enumerate(layers):
                yield f"{name}.net.{index}.weight", shape, noise(math.prod(shape), deviation)
                yield f"{name}.net.{index}.bias", shape[:1], noise(shape[0], bias_deviation)
                if version == 2 and len(shape) == 4:
                    yield f"{name}.net.{index}.border", (shape[0], 3, 3), noise(9 * shape[0], bias_deviation)
        if version == 2:
            prior, sent = f"levels.{level}.prior", half if level < levels - 1 else channels
            if level < levels - 1:
                yield f"{prior}.weight", (2 * sent, half, 3, 3), noise(2 * sent * half * 9, 0.1 / math.sqrt(9 * half))
            yield f"{prior}.bias", (2 * sent,), noise(2 * sent, 0.1)
            yield f"{prior}.border", (2 * sent, 3, 3), noise(18 * sent, 0.01)
        channels //= 2


def write(levels: int, steps: int, hidden: int, path: pathlib.Path, affine: bool = False, version: int = 1) -> None:
    """`path` appears when it is whole."""
    words = {"name": f"random L{levels} K{steps} h{hidden}", "license": "none", "training_data": "none", "bits_per_dimension": "none"}
    header: dict = {"__metadata__": Architecture((steps,) * levels, hidden, affine).metadata() | words}
    if version == 2:
        header["__metadata__"] |= {"format": "reglow-glow/2", "affine_order": "scale-first"}
    size = 0
    for name, shape, _ in tensors(levels, steps, hidden, affine, version):
        end = size + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [size, end]}
        size = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    part = path.with_name(path.name + ".part")
    with open(part, "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, _, numbers in tensors(levels, steps, hidden, affine, version):
            if sys.byteorder == "big":
                numbers.byteswap()
            numbers.tofile(file)
    os.replace(part, path)


def sizes(text: str) -> list[int]:
    """L,K,h as an argument."""
    if not re.fullmatch(r"[1-9]\d*,[1-9]\d*,[1-9]\d*", text):
        raise argparse.ArgumentTypeError(f"{text}: expected L,K,h, such as 4,32,512")
    return [int(part) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sizes", type=sizes, metavar="L,K,h", help="levels, steps on each, hidden channels")
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--coupling", choices=["additive", "affine"], default="additive")
    parser.add_argument("--version", type=int, choices=[1, 2], default=1, help="2 has borders, learned priors, and scales before shifts")
    arguments = parser.parse_args()
    if arguments.version == 2 and arguments.coupling != "affine":
        parser.error("a model of version 2 is affine here")
    write(*arguments.sizes, arguments.output, arguments.coupling == "affine", arguments.version)
