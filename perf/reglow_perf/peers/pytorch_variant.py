"""Times one way to compute a gradient, in a process of its own: `time-pytorch` starts it with the settings as JSON.

A process of its own, because peak memory is a property of the process and the allocator is set at its start.
"""

# ruff: noqa: E402
import torch

from reglow_perf.peers import measuring

# Before anything else is imported or allocated: what PyTorch needs only to be there.
MEMORY_AFTER_IMPORT = measuring.peak_memory()

import contextlib
import json
import sys
import time

from reglow_perf.glow import folded
from reglow_perf.glow.model import Glow
from reglow_perf.quality import problems

OPERATORS = {"deblur": problems.blur(5), "identity": problems.identity}


def make_model(settings: dict) -> Glow:
    options = {"channels_last": settings["layout"] == "channels_last", "network": settings["network"]}
    if settings["model"]:
        model = folded.load(settings["model"], **options)
    else:
        model = folded.random(*settings["random"], **options)
    return folded.networks_in(model, torch.bfloat16) if settings["precision"] == "bf16-weights" else model


def make_objective(model: Glow, settings: dict):
    """The objective of the whole batch, and a point to take its gradient at."""
    shape = (settings["batch"], model.architecture.image_channels, settings["height"], settings["width"])
    image, other = (torch.from_numpy(values) for values in measuring.images(shape))
    apply = OPERATORS[settings["operator"]]
    y = apply(other)

    def analysis(x: torch.Tensor) -> torch.Tensor:
        return 0.5 * (apply(x) - y).square().sum() + 0.5 * measuring.WEIGHT * model(x)[0].square().sum()

    def synthesis(z: torch.Tensor) -> torch.Tensor:
        x = model.inverse(z, settings["height"], settings["width"])
        return 0.5 * (apply(x) - y).square().sum() + 0.5 * measuring.WEIGHT * z.square().sum()

    if settings["method"] == "analysis":
        return analysis, image
    with torch.no_grad():
        return synthesis, model(image)[0]


def measure(settings: dict) -> dict:
    torch.set_num_threads(settings["threads"])
    torch.set_flush_denormal(True)
    objective, point = make_objective(make_model(settings), settings)
    if settings["compile"]:
        objective = torch.compile(objective, dynamic=False)

    def iteration() -> tuple[float, torch.Tensor]:
        variable = point.detach().requires_grad_()
        lower = settings["precision"] == "bf16-autocast"
        with torch.autocast("cpu", dtype=torch.bfloat16) if lower else contextlib.nullcontext():
            value = objective(variable)
        return value.item(), torch.autograd.grad(value, variable)[0]

    begin = time.perf_counter()
    value, gradient = iteration()
    first = time.perf_counter() - begin
    return measuring.measure(iteration, settings, MEMORY_AFTER_IMPORT) | {
        "first_call": first,
        "objective": value,
        "gradient_norm": gradient.norm().item(),
        "torch": torch.__version__,
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        "onednn": torch.backends.mkldnn.is_available() and torch.backends.mkldnn.enabled,
        "mkl": torch.backends.mkl.is_available(),
    }


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]))))
