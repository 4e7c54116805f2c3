"""When the last of many shards ends, by simulation: shards of equal expected work, images whose evaluations nobody knows before.

`reglow batch` divides images by their pixels and problem, so shards of one kind of image have the same number of them, but for one. How
many evaluations an image takes is drawn here from those measured. A node takes the next shard of the queue when it is free, as tasks of a
Slurm array do; the unit of time is what a mean image takes on a mean node.
"""

import dataclasses

import numpy as np

# What every solve ends with, by the solver's default.
MOST_EVALUATIONS = 300


@dataclasses.dataclass(frozen=True)
class Nodes:
    """Speeds are normal with this deviation around 1; `slow` of the nodes are half as fast."""

    name: str
    deviation: float = 0.0
    slow: int = 0

    def speeds(self, rng: np.random.Generator, repeats: int, count: int) -> np.ndarray:
        speeds = np.maximum(rng.normal(1, self.deviation, (repeats, count)), 0.1)
        for row in range(repeats if self.slow else 0):
            speeds[row, rng.choice(count, min(self.slow, count), replace=False)] /= 2
        return speeds


def costs(evaluations: list[int], tail: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Costs of images, their mean being 1, and how likely each is: those measured, and with `tail` such as take all evaluations."""
    values = np.array([*evaluations, MOST_EVALUATIONS], float)
    likely = np.append(np.full(len(evaluations), (1 - tail) / len(evaluations)), tail)
    return values / (values @ likely), likely


def shard_work(rng: np.random.Generator, values: np.ndarray, likely: np.ndarray, images: int, shards: int, repeats: int) -> np.ndarray:
    """The work of each shard: sums of so many costs, drawn by how often each cost comes. Repeats by shards."""
    counts = np.full(shards, images // shards)
    counts[: images % shards] += 1
    return np.stack([rng.multinomial(counts, likely) @ values for _ in range(repeats)])


def ends(work: np.ndarray, speeds: np.ndarray, fixed: float = 0.0) -> np.ndarray:
    """When the last shard ends: each goes to the node that is free first. `fixed` is what a shard takes besides, on any node."""
    rows = np.arange(len(work))
    free = np.zeros_like(speeds)
    for shard in range(work.shape[1]):
        node = free.argmin(axis=1)
        free[rows, node] += fixed + work[:, shard] / speeds[rows, node]
    return free.max(axis=1)


def lateness(work: np.ndarray, speeds: np.ndarray, fixed: float = 0.0) -> np.ndarray:
    """When the last shard ends, over when all nodes would end if they shared the work without a rest and without what is fixed."""
    return ends(work, speeds, fixed) / (work.sum(axis=1) / speeds.sum(axis=1))


def simulate(
    evaluations: list[int],
    images: int,
    nodes: int,
    rounds: tuple[int, ...],
    kinds: list[Nodes],
    *,
    fixed: float,
    tail: float,
    repeats: int,
    seed: int = 0,
) -> dict[str, list[tuple[float, float]]]:
    """For each kind of nodes, and each number of shards for a node: median and 95th percentile of the lateness."""
    rng = np.random.default_rng([seed, nodes, images])
    values, likely = costs(evaluations, tail)
    speeds = {kind.name: kind.speeds(rng, repeats, nodes) for kind in kinds}
    found: dict[str, list[tuple[float, float]]] = {kind.name: [] for kind in kinds}
    for each in rounds:
        work = shard_work(rng, values, likely, images, nodes * each, repeats)
        for kind in kinds:
            late = lateness(work, speeds[kind.name], fixed)
            found[kind.name].append((float(np.median(late)), float(np.quantile(late, 0.95))))
    return found
