"""What the processes that time one variant share, whatever they are written in: the point, the clock and the memory."""

import time

import numpy as np

# lambda of the objective.
WEIGHT = 1e-4
WARM_UP = 2
LEAST_REPEATS = 3
# A variant that is this much slower than the best one so far is not timed further.
HOPELESS = 1.3


def peak_memory() -> int:
    """Largest resident size of this process so far, in bytes (Linux)."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def images(shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray]:
    """The point of the gradient, and the image that is measured: the same numbers in every peer, so that objectives compare."""
    generator = np.random.default_rng(0)
    image, other = (generator.random(shape, dtype=np.float32) - np.float32(0.5) for _ in range(2))
    return image, other


def measure(iteration, settings: dict, memory_after_import: int) -> dict:
    """Times `iteration` up to `repeats` times or for about `seconds`, after a warm-up."""
    for _ in range(WARM_UP):
        iteration()
    seconds = []
    end = time.perf_counter() + settings["seconds"]
    while len(seconds) < settings["repeats"]:
        if len(seconds) >= LEAST_REPEATS:
            hopeless = settings["best"] is not None and min(seconds) > HOPELESS * settings["best"]
            if hopeless or time.perf_counter() > end:
                break
        begin = time.perf_counter()
        iteration()
        seconds.append(time.perf_counter() - begin)
    seconds.sort()
    peak = peak_memory()
    return {
        "min": seconds[0],
        "median": seconds[len(seconds) // 2],
        "repeats": len(seconds),
        "peak_memory_bytes": peak,
        "memory_after_import_bytes": memory_after_import,
        "peak_memory_increase_bytes": peak - memory_after_import,
    }
