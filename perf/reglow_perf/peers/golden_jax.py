"""Checks the model in JAX, in float32, against a golden file."""

import dataclasses
import sys

import jax
import numpy as np
from jax import numpy as jnp
from safetensors.numpy import load_file

from reglow_perf.files import GOLDEN
from reglow_perf.peers import glow_jax as glow

MODEL = "additive-L3K4h32"
# float32 against float64; about 1e-6 is seen.
TOLERANCE = 1e-4


def errors(form: glow.Form) -> dict[str, float]:
    """Of both maps and their VJPs in this form: the largest difference, relative to the largest magnitude."""
    form = dataclasses.replace(form, dtype=jnp.float32)
    golden = load_file(GOLDEN / f"{MODEL}.golden.safetensors")
    golden = {name: value.astype(np.float32) for name, value in golden.items()}
    architecture, levels = glow.load(str(GOLDEN / f"{MODEL}.model.safetensors"), form)
    size = golden["image"].shape[2:]

    def both(function, point, cotangent):
        value, pullback = jax.vjp(function, point)
        return value, pullback(cotangent)[0]

    latent, forward_vjp = jax.jit(lambda x, u: both(lambda x: glow.forward(architecture, form, levels, x), x, u))(
        golden["image"], golden["latent_cotangent"]
    )
    image, inverse_vjp = jax.jit(lambda z, u: both(lambda z: glow.inverse(architecture, form, levels, z, *size), z, u))(
        golden["latent"], golden["image_cotangent"]
    )
    results = {"latent": latent, "forward_vjp": forward_vjp, "image": image, "inverse_vjp": inverse_vjp}
    return {name: float(np.abs(result - golden[name]).max() / np.abs(golden[name]).max()) for name, result in results.items()}


def check(form: glow.Form) -> None:
    """Ends the process where an error is over the tolerance."""
    for name, error in errors(form).items():
        if not error <= TOLERANCE:  # NaN fails
            sys.exit(f"{name} is {error:.1e} away from {MODEL}")
