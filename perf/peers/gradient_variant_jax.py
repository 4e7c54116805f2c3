"""Times one way to compute a gradient in JAX, in a process of its own: time_gradient_jax.py starts it with the settings as JSON."""

import json
import os
import sys

SETTINGS = json.loads(sys.argv[1])
# Before JAX starts: XLA takes a thread for every processor that it may run on.
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: SETTINGS["threads"]])

import dataclasses
import pathlib
import time

import jax
import measuring
import numpy as np
from jax import numpy as jnp
from safetensors.numpy import load_file

MEMORY_AFTER_IMPORT = measuring.peak_memory()

import glow_jax as glow

GOLDEN_FOLDER = pathlib.Path(__file__).resolve().parents[2] / "Tests/GlowModelTests/Golden"
GOLDEN = "additive-L3K4h32"
# float32 against float64; about 1e-6 is seen.
GOLDEN_TOLERANCE = 1e-4


def blur(x: jax.Array) -> jax.Array:
    """Uniform 5x5 filter, periodic border."""
    for axis in (2, 3):
        x = sum(jnp.roll(x, shift, axis) for shift in range(-2, 3)) / 5
    return x


OPERATORS = {"deblur": blur, "identity": lambda x: x}


def check_golden(form: glow.Form) -> None:
    """Ends the process unless both maps and their VJPs in this form are those of the golden file. In float32."""
    form = dataclasses.replace(form, dtype=jnp.float32)
    golden = load_file(GOLDEN_FOLDER / f"{GOLDEN}.golden.safetensors")
    golden = {name: value.astype(np.float32) for name, value in golden.items()}
    architecture, levels = glow.load(GOLDEN_FOLDER / f"{GOLDEN}.model.safetensors", form)
    size = golden["image"].shape[2:]

    def both(function, point, cotangent):
        value, pullback = jax.vjp(function, point)
        return value, pullback(cotangent)[0]

    latent, forward_vjp = jax.jit(lambda x, u: both(lambda x: glow.forward(architecture, form, levels, x), x, u))(
        golden["image"], golden["latent_cotangent"])
    image, inverse_vjp = jax.jit(lambda z, u: both(lambda z: glow.inverse(architecture, form, levels, z, *size), z, u))(
        golden["latent"], golden["image_cotangent"])
    results = {"latent": latent, "forward_vjp": forward_vjp, "image": image, "inverse_vjp": inverse_vjp}
    for name, result in results.items():
        error = np.abs(result - golden[name]).max() / np.abs(golden[name]).max()
        if not error <= GOLDEN_TOLERANCE:  # NaN fails
            sys.exit(f"{name} is {error:.1e} away from {GOLDEN}")


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
    check_golden(form)
    begin = time.perf_counter()
    iteration = make_iteration(form)
    compiling = time.perf_counter() - begin
    value, gradient = iteration()
    report = measuring.measure(iteration, SETTINGS, MEMORY_AFTER_IMPORT)
    report |= {
        "compile_seconds": compiling, "objective": float(value), "gradient_norm": float(jnp.linalg.norm(gradient.ravel())),
        "jax": jax.__version__}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
