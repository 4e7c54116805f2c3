"""Writes a model file with random weights, for timing: python3 perf/peers/random_model.py L,K,h OUTPUT.safetensors

M is a permutation with signs, so it is orthogonal; networks have unit gain inside and a small last layer, so the map is tame.
Needs the standard library only. The numbers repeat, which no timing sees: every tensor is cut from one block of noise.
"""

import array
import json
import math
import os
import random
import sys

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


def tensors(levels: int, steps: int, hidden: int):
    """(name, shape, numbers) in the order of the file."""
    noise, generator = Noise(0), random.Random(0)
    channels = 3
    for level in range(levels):
        channels *= 4
        half = channels // 2
        for step in range(steps):
            name = f"levels.{level}.steps.{step}"
            yield f"{name}.invconv.weight", (channels, channels), signed_permutation(channels, generator)
            yield f"{name}.invconv.bias", (channels,), noise(channels, 0.01)
            layers = [
                ((hidden, half, 3, 3), math.sqrt(2 / (9 * half)), 0.1),
                ((hidden, hidden), math.sqrt(2 / hidden), 0.1),
                ((half, hidden, 3, 3), 0.1 / math.sqrt(9 * hidden), 0.01),
            ]
            for index, (shape, deviation, bias_deviation) in enumerate(layers):
                yield f"{name}.net.{index}.weight", shape, noise(math.prod(shape), deviation)
                yield f"{name}.net.{index}.bias", shape[:1], noise(shape[0], bias_deviation)
        channels //= 2


def write(levels: int, steps: int, hidden: int, path: str) -> None:
    """An additive model of three channels; `path` appears when it is whole."""
    metadata = {
        "format": "reglow-glow/1", "image_channels": "3", "levels": str(levels), "steps": ",".join([str(steps)] * levels),
        "hidden": str(hidden), "coupling": "additive", "pixel_shift": "-0.5", "name": f"random L{levels} K{steps} h{hidden}",
        "license": "none", "training_data": "none", "bits_per_dimension": "none"}
    header, size = {"__metadata__": metadata}, 0
    for name, shape, _ in tensors(levels, steps, hidden):
        end = size + 4 * math.prod(shape)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [size, end]}
        size = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(f"{path}.part", "wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, _, numbers in tensors(levels, steps, hidden):
            if sys.byteorder == "big":
                numbers.byteswap()
            numbers.tofile(file)
    os.replace(f"{path}.part", path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        sizes = [int(part) for part in sys.argv[1].split(",")]
    except ValueError:
        sizes = []
    if len(sizes) != 3 or min(sizes) < 1:
        sys.exit(f"random_model: {sys.argv[1]}: expected L,K,h, such as 4,32,512")
    write(*sizes, sys.argv[2])
