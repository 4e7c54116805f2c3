"""Times one way to compute a gradient in JAX, in a process of its own: `time-jax` starts it with the settings as JSON."""

# ruff: noqa: E402
import json
import os
import sys

SETTINGS = json.loads(sys.argv[1])
# Before JAX starts: XLA takes a thread for every processor that it may run on.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: SETTINGS["threads"]])

import time

import jax
from jax import numpy as jnp

from reglow_perf.peers import measuring

MEMORY_AFTER_IMPORT = measuring.peak_memory()

from reglow_perf.peers import glow_jax as glow
from reglow_perf.peers import golden_jax


def blur(x: jax.Array) -> jax.Array:
    """Uniform 5x5 filter, periodic border."""
    for axis in (2, 3):
        x = sum(jnp.roll(x, shift, axis) for shift in range(-2, 3)) / 5
    return x


OPERATORS = {"deblur": blur, "identity": lambda x: x}


def make_iteration(form: glow.Form):
    """The compiled objective of the whole batch with its gradient, as a function of a point; and such a point."""
    architecture, levels = glow.load(SETTINGS["model"], form)
    height, width = SETTINGS["height"], SETTINGS["width"]
    image, other = measuring.images((SETTINGS["batch"], architecture.image_channels, height, width))
    apply = OPERATORS[SETTINGS["operator"]]
    y = apply(jnp.asarray(other))

    def analysis(x, levels, y):
        latent = glow.forward(architecture, form, levels, x)
        return 0.5 * jnp.square(apply(x) - y).sum() + 0.5 * measuring.WEIGHT * jnp.square(latent).sum()

    def synthesis(z, levels, y):
        x = glow.inverse(architecture, form, levels, z, height, width)
        return 0.5 * jnp.square(apply(x) - y).sum() + 0.5 * measuring.WEIGHT * jnp.square(z).sum()

    objective, point = analysis, jnp.asarray(image)
    if SETTINGS["method"] == "synthesis":
        objective, point = synthesis, jax.jit(lambda x: glow.forward(architecture, form, levels, x))(point)
    compiled = jax.jit(jax.value_and_grad(objective)).lower(point, levels, y).compile()
    return lambda: jax.block_until_ready(compiled(point, levels, y))


def main() -> None:
    dtype = jnp.float32 if SETTINGS["precision"] == "fp32" else jnp.bfloat16
    form = glow.Form(SETTINGS["layout"], SETTINGS["network"], dtype)
    golden_jax.check(form)
    begin = time.perf_counter()
    iteration = make_iteration(form)
    compiling = time.perf_counter() - begin
    value, gradient = iteration()
    report = measuring.measure(iteration, SETTINGS, MEMORY_AFTER_IMPORT)
    report |= {
        "compile_seconds": compiling,
        "objective": float(value),
        "gradient_norm": float(jnp.linalg.norm(gradient.ravel())),
        "jax": jax.__version__,
    }
    print(json.dumps(report))


if __name__ == "__main__":
    main()
