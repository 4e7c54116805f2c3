"""L-BFGS of PyTorch as fast as it goes here, with a clock: what `race` holds Reglow against."""

import os
import statistics
import sys
import time

import numpy as np
import torch
from skimage.metrics import peak_signal_noise_ratio

from reglow_perf.glow import folded
from reglow_perf.glow.networks import NETWORKS
from reglow_perf.peers import variants
from reglow_perf.quality import lbfgs, problems

LAYOUTS = {"nchw": False, "channels_last": True}
WARM_UP, REPEATS = 2, 5


def keep_freed_memory() -> None:
    """Starts the program again unless the allocator keeps freed blocks, which is faster; glibc reads its settings at start."""
    settings = variants.ALLOCATORS["retain"]
    if any(os.environ.get(name) != value for name, value in settings.items()):
        os.execve(sys.executable, sys.orig_argv, os.environ | settings)


def seconds_of_gradient(objective: lbfgs.Objective, start: torch.Tensor) -> float:
    """The median of some repeats."""
    seconds = []
    for _ in range(WARM_UP + REPEATS):
        begin = time.perf_counter()
        point = start.clone().requires_grad_()
        torch.autograd.grad(objective(point)[0], point)
        seconds.append(time.perf_counter() - begin)
    return statistics.median(seconds[WARM_UP:])


class Peer:
    """A method with the model in the layout and the form of the networks whose gradient is the fastest here.

    `measurement` is one to time it on. `name` says which it is.
    """

    def __init__(self, path: str, method: str, measurement: problems.Measurement, weight: float):
        self.method, self.weight = method, weight
        best = float("inf")
        for layout, channels_last in LAYOUTS.items():
            for network in NETWORKS:
                model = folded.load(path, channels_last=channels_last, network=network)
                seconds = seconds_of_gradient(*lbfgs.pose(method, model, measurement, weight, torch.float32))
                print(f"{method}, {layout} {network}: {seconds:.4f} s for a gradient", file=sys.stderr, flush=True)
                if seconds < best:
                    best, self.model, self.name = seconds, model, f"{layout} {network}"

    def solve(self, measurement: problems.Measurement, evaluations: int, truth: np.ndarray) -> dict:
        """A point for each evaluation with a lower objective than all before: what the solve would give, were it stopped there.

        The clock runs from before the start is made. PSNR, of the image clipped to [0, 1], is computed after the solve.
        """
        seen = []
        begin = time.perf_counter()
        objective, start = lbfgs.pose(self.method, self.model, measurement, self.weight, torch.float32)
        _, report = lbfgs.minimize(objective, start, evaluations, lambda *point: seen.append((time.perf_counter() - begin, *point)))
        total = time.perf_counter() - begin
        points = [[round(seconds, 4), evaluation, value, round(self.psnr(truth, image), 4)] for seconds, evaluation, value, image in seen]
        return {"variant": self.name, "seconds": total, "evaluations": report["evaluations"], "stop": report["stop"], "points": points}

    @staticmethod
    def psnr(truth: np.ndarray, image: torch.Tensor) -> float:
        return float(peak_signal_noise_ratio(truth, lbfgs.pixel_values(image).clip(0, 1), data_range=1))
