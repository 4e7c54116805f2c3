"""Glow in folded form (`reglow-glow/1`) in JAX: the second peer. The map is that of `reglow_perf.glow`.

Functions of (weights, array), to be differentiated and compiled as a whole. The steps are unrolled: in a loop (`lax.scan`) XLA
gives its convolutions one thread. A batch keeps its channels in axis 1
("nchw") or in the last ("nhwc"); images and latents go in and out as (N, channels, H, W) and (N, n) in both.
"""

import dataclasses

import jax
import numpy as np
from jax import lax
from jax import numpy as jnp
from safetensors import safe_open
from safetensors.numpy import load_file

from reglow_perf.glow.architecture import Architecture, read


@dataclasses.dataclass(frozen=True)
class Form:
    """How the map is written down; it does not change what it computes."""

    layout: str = "nchw"
    # "convolution": XLA's 3x3 convolutions. "taps": one product on gathered neighbourhoods, one whose planes are shifted and added.
    network: str = "convolution"
    # The type of the coupling networks; the flow state stays as it is.
    dtype: jnp.dtype = jnp.float32

    @property
    def channel_axis(self) -> int:
        return 1 if self.layout == "nchw" else 3

    def product(self, matrix: jax.Array, x: jax.Array) -> jax.Array:
        """matrix (O, C) at every pixel of x."""
        return jnp.einsum("oc,nchw->nohw" if self.layout == "nchw" else "oc,nhwc->nhwo", matrix, x)

    def convolve(self, weight: jax.Array, x: jax.Array) -> jax.Array:
        """weight (3, 3, C, O), zero padding."""
        axes = self.layout.upper()
        return lax.conv_general_dilated(x, weight, (1, 1), "SAME", dimension_numbers=(axes, "HWIO", axes))

    def along_channels(self, vector: jax.Array) -> jax.Array:
        return vector[:, None, None] if self.layout == "nchw" else vector

    def halves(self, x: jax.Array) -> list[jax.Array]:
        return jnp.split(x, 2, axis=self.channel_axis)

    def join(self, *parts: jax.Array) -> jax.Array:
        return jnp.concatenate(parts, axis=self.channel_axis)

    def neighbour(self, x: jax.Array, tap: int) -> jax.Array:
        """At (i, j) what x is at (i + tap / 3 - 1, j + tap % 3 - 1): zero outside the image."""
        rows, columns = (2, 3) if self.layout == "nchw" else (1, 2)
        padded = jnp.pad(x, [(1, 1) if axis in (rows, columns) else (0, 0) for axis in range(4)])
        for axis, first in ((rows, tap // 3), (columns, tap % 3)):
            padded = lax.slice_in_dim(padded, first, first + x.shape[axis], axis=axis)
        return padded

    def squeeze(self, x: jax.Array) -> jax.Array:
        """Channel 4c + 2 dy + dx at (i, j) is channel c at (2i + dy, 2j + dx)."""
        if self.layout == "nchw":
            n, c, h, w = x.shape
            return x.reshape(n, c, h // 2, 2, w // 2, 2).transpose(0, 1, 3, 5, 2, 4).reshape(n, 4 * c, h // 2, w // 2)
        n, h, w, c = x.shape
        return x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 5, 2, 4).reshape(n, h // 2, w // 2, 4 * c)

    def unsqueeze(self, x: jax.Array) -> jax.Array:
        if self.layout == "nchw":
            n, c, h, w = x.shape
            return x.reshape(n, c // 4, 2, 2, h, w).transpose(0, 1, 4, 2, 5, 3).reshape(n, c // 4, 2 * h, 2 * w)
        n, h, w, c = x.shape
        return x.reshape(n, h, w, c // 4, 2, 2).transpose(0, 1, 4, 2, 5, 3).reshape(n, 2 * h, 2 * w, c // 4)

    def planar(self, x: jax.Array) -> jax.Array:
        """From this layout to (N, channels, H, W)."""
        return x if self.layout == "nchw" else x.transpose(0, 3, 1, 2)

    def from_planar(self, x: jax.Array) -> jax.Array:
        return x if self.layout == "nchw" else x.transpose(0, 2, 3, 1)


def load(path: str, form: Form) -> tuple[Architecture, list]:
    """The architecture, and a dictionary of weights for each step of each level."""
    with safe_open(path, framework="np") as file:
        architecture = read(file.metadata(), path)
    tensors = load_file(path)
    levels = [
        [step_weights(tensors, f"levels.{level}.steps.{step}.", form) for step in range(count)]
        for level, count in enumerate(architecture.steps)
    ]
    return architecture, levels


def step_weights(tensors: dict[str, np.ndarray], prefix: str, form: Form) -> dict[str, jax.Array]:
    mixing, bias = (tensors[f"{prefix}invconv.{name}"].astype(np.float64) for name in ("weight", "bias"))
    inverse = np.linalg.inv(mixing)
    first, middle, last = (tensors[f"{prefix}net.{index}.weight"] for index in range(3))
    hidden, half = first.shape[:2]
    if form.network == "taps":
        # (h, 9 C/2) on neighbourhoods, and (9 O, h) whose planes are for the neighbours; both tap by tap.
        first = first.transpose(0, 2, 3, 1).reshape(hidden, 9 * half)
        last = last.transpose(2, 3, 0, 1).reshape(-1, hidden)
    else:
        first, last = first.transpose(2, 3, 1, 0), last.transpose(2, 3, 1, 0)
    state = {"mixing": mixing, "bias": bias, "inverse": inverse, "inverse_bias": -inverse @ bias}
    network = {"first": first, "middle": middle.reshape(hidden, hidden), "last": last}
    network |= {f"{name}_bias": tensors[f"{prefix}net.{index}.bias"] for index, name in enumerate(("first", "middle", "last"))}
    return {name: jnp.asarray(value, jnp.float32) for name, value in state.items()} | {
        name: jnp.asarray(value, form.dtype) for name, value in network.items()
    }


def network(form: Form, weights: dict, conditioning: jax.Array) -> jax.Array:
    x = conditioning.astype(form.dtype)
    taps = form.network == "taps"
    if taps:
        x = form.product(weights["first"], form.join(*(form.neighbour(x, tap) for tap in range(9))))
    else:
        x = form.convolve(weights["first"], x)
    x = jax.nn.relu(x + form.along_channels(weights["first_bias"]))
    x = jax.nn.relu(form.product(weights["middle"], x) + form.along_channels(weights["middle_bias"]))
    if taps:
        planes = jnp.split(form.product(weights["last"], x).astype(conditioning.dtype), 9, axis=form.channel_axis)
        x = sum(form.neighbour(plane, tap) for tap, plane in enumerate(planes))
    else:
        x = form.convolve(weights["last"], x).astype(conditioning.dtype)
    return x + form.along_channels(weights["last_bias"]).astype(conditioning.dtype)


def step_forward(architecture: Architecture, form: Form, weights: dict, x: jax.Array) -> jax.Array:
    conditioning, transformed = form.halves(form.product(weights["mixing"], x) + form.along_channels(weights["bias"]))
    shift = network(form, weights, conditioning)
    if architecture.affine:
        shift, raw_scale = form.halves(shift)
        return form.join(conditioning, (transformed + shift) * jax.nn.sigmoid(raw_scale + 2))
    return form.join(conditioning, transformed + shift)


def step_inverse(architecture: Architecture, form: Form, weights: dict, x: jax.Array) -> jax.Array:
    conditioning, transformed = form.halves(x)
    shift = network(form, weights, conditioning)
    if architecture.affine:
        shift, raw_scale = form.halves(shift)
        transformed = transformed / jax.nn.sigmoid(raw_scale + 2) - shift
    else:
        transformed = transformed - shift
    return form.product(weights["inverse"], form.join(conditioning, transformed)) + form.along_channels(weights["inverse_bias"])


def forward(architecture: Architecture, form: Form, levels: list, images: jax.Array) -> jax.Array:
    """images (N, channels, H, W) -> latents (N, n)."""
    x = form.from_planar(images)
    latents = []
    for index, steps in enumerate(levels):
        x = form.squeeze(x)
        for weights in steps:
            x = step_forward(architecture, form, weights, x)
        if index < len(levels) - 1:
            x, latent = form.halves(x)
            latents.append(latent)
    return jnp.concatenate([form.planar(part).reshape(len(images), -1) for part in (*latents, x)], axis=1)


def inverse(architecture: Architecture, form: Form, levels: list, latents: jax.Array, height: int, width: int) -> jax.Array:
    """latents (N, n) -> images (N, channels, height, width)."""
    shapes = architecture.latent_shapes(height, width)
    parts = jnp.split(latents, np.cumsum([np.prod(shape) for shape in shapes])[:-1], axis=1)
    x = None
    for steps, part, shape in zip(reversed(levels), reversed(parts), reversed(shapes)):
        latent = form.from_planar(part.reshape(-1, *shape))
        x = latent if x is None else form.join(x, latent)
        for weights in reversed(steps):
            x = step_inverse(architecture, form, weights, x)
        x = form.unsqueeze(x)
    return form.planar(x)
