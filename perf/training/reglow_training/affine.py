"""The affine coupling of a flow step with its network, as one function with its gradient by hand, for training on a GPU.

State is (P, C), one row for each of the P = N H W pixels. With the halves a and b of u, and the network's output with its bias, shift and
raw scale: s = sigmoid(raw + 2), x = (a, (b + shift) s), log|det| of an image is the sum of log s.
"""

import torch
import triton
import triton.language as tl

from reglow_training.products import BLOCK, checked, network, network_gradient


@triton.jit
def _couple(u, output, bias, x, logs, count, HALF: tl.constexpr, BLOCK: tl.constexpr):
    index = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = index < count
    pixel, channel = index // HALF, index % HALF
    place = pixel * (2 * HALF) + channel
    shift = tl.load(output + place, mask=mask) + tl.load(bias + channel, mask=mask)
    raw = tl.load(output + place + HALF, mask=mask) + tl.load(bias + HALF + channel, mask=mask) + 2
    log_scale = tl.minimum(raw, 0.0) - tl.log(1 + tl.exp(-tl.abs(raw)))
    tl.store(x + place, tl.load(u + place, mask=mask), mask=mask)
    tl.store(x + place + HALF, (tl.load(u + place + HALF, mask=mask) + shift) * tl.exp(log_scale), mask=mask)
    tl.store(logs + index, log_scale, mask=mask)


@triton.jit
def _couple_gradient(
    u, output, bias, x_gradient, change, u_gradient, output_gradient, count, PIXELS: tl.constexpr, HALF: tl.constexpr, BLOCK: tl.constexpr
):
    index = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    mask = index < count
    pixel, channel = index // HALF, index % HALF
    place = pixel * (2 * HALF) + channel
    shift = tl.load(output + place, mask=mask) + tl.load(bias + channel, mask=mask)
    raw = tl.load(output + place + HALF, mask=mask) + tl.load(bias + HALF + channel, mask=mask) + 2
    scale = 1 / (1 + tl.exp(-raw))
    tail = tl.load(x_gradient + place + HALF, mask=mask)
    of_log = tail * (tl.load(u + place + HALF, mask=mask) + shift) * scale + tl.load(change + pixel // PIXELS, mask=mask)
    tl.store(u_gradient + place, tl.load(x_gradient + place, mask=mask), mask=mask)
    tl.store(u_gradient + place + HALF, tail * scale, mask=mask)
    tl.store(output_gradient + place, tail * scale, mask=mask)
    tl.store(output_gradient + place + HALF, of_log * (1 - scale), mask=mask)


class AffineStep(torch.autograd.Function):
    """u (P, C) float32 -> x (P, C) and log|det| of each of `images` (N). Weights as in `products.network`, scaled already; bias2 (C)."""

    @staticmethod
    def forward(context, u, weight0, weight1, bias1, weight2, bias2, size, images):
        half = u.shape[1] // 2
        output, kept = network(u[:, :half], weight0, weight1, bias1, weight2, size, 2 * half)
        x, logs = torch.empty_like(u), torch.empty(len(u), half, dtype=u.dtype, device=u.device)
        _couple[(triton.cdiv(checked(logs.numel()), BLOCK),)](u, output, bias2, x, logs, logs.numel(), HALF=half, BLOCK=BLOCK)
        context.save_for_backward(u, output, bias2, *kept)
        context.size = size
        return x, logs.view(images, -1).sum(1)

    @staticmethod
    def backward(context, x_gradient, change):
        u, output, bias2, *kept = context.saved_tensors
        half = u.shape[1] // 2
        wants_weights = any(context.needs_input_grad[1:6])
        u_gradient, output_gradient = torch.empty_like(u), torch.empty_like(u)
        _couple_gradient[(triton.cdiv(len(u) * half, BLOCK),)](
            u, output, bias2, x_gradient.contiguous(), change.contiguous(), u_gradient, output_gradient, len(u) * half,
            PIXELS=context.size[0] * context.size[1], HALF=half, BLOCK=BLOCK,
        )  # fmt: skip
        _, *weights = network_gradient(output_gradient, kept, context.size, half, wants_weights, added_to=u_gradient)
        return u_gradient, *weights, output_gradient.sum(0) if wants_weights else None, None, None
