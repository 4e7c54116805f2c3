"""The coupling network of a flow step as three matrix products with its gradient by hand, for training on a GPU.

State is (P, C): one row for each of the P = N H W pixels of a batch, channels within a row. Products are in bfloat16, sums in
float32. The neighbourhoods of a 3x3 convolution are gathered before the first product and summed after the last, by two kernels,
each of which is the adjoint of the other with the other sign:

    expand:    y[p, 9 c + t] = x[p + sign t, c]            collapse:    x[p, c] = sum over t of y[p + sign t, 9 c + t]

where t = 3 (dy + 1) + dx + 1 also stands for the offset (dy, dx), and what lies outside of the image is zero.
"""

import torch
import triton
import triton.language as tl

BLOCK = 1024


@triton.jit
def _expand(
    x, y, count, x_stride, HEIGHT: tl.constexpr, WIDTH: tl.constexpr, CHANNELS: tl.constexpr, COLUMNS: tl.constexpr,
    SIGN: tl.constexpr, ONES: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    index = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    pixel, column = index // COLUMNS, index % COLUMNS
    channel, tap = column // 9, column % 9
    down, across = SIGN * (tap // 3 - 1), SIGN * (tap % 3 - 1)
    row, place = pixel // WIDTH % HEIGHT + down, pixel % WIDTH + across
    inside = (row >= 0) & (row < HEIGHT) & (place >= 0) & (place < WIDTH) & (channel < CHANNELS) & (index < count)
    value = tl.load(x + (pixel + down * WIDTH + across) * x_stride + channel, mask=inside, other=0.0).to(tl.float32)
    if ONES:
        value = tl.where(column == 9 * CHANNELS, 1.0, value)
    tl.store(y + index, value.to(y.dtype.element_ty), mask=index < count)


@triton.jit
def _collapse(
    y, x, count, x_stride, HEIGHT: tl.constexpr, WIDTH: tl.constexpr, CHANNELS: tl.constexpr, COLUMNS: tl.constexpr,
    SIGN: tl.constexpr, ADD: tl.constexpr, BLOCK: tl.constexpr,
):  # fmt: skip
    index = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    pixel, channel = index // CHANNELS, index % CHANNELS
    total = tl.zeros((BLOCK,), tl.float32)
    for tap in tl.static_range(9):
        down = SIGN * (tap // 3 - 1)
        across = SIGN * (tap % 3 - 1)
        row, place = pixel // WIDTH % HEIGHT + down, pixel % WIDTH + across
        inside = (row >= 0) & (row < HEIGHT) & (place >= 0) & (place < WIDTH) & (index < count)
        source = (pixel + down * WIDTH + across) * COLUMNS + 9 * channel + tap
        total += tl.load(y + source, mask=inside, other=0.0).to(tl.float32)
    target = x + pixel * x_stride + channel
    if ADD:
        total += tl.load(target, mask=index < count, other=0.0)
    tl.store(target, total, mask=index < count)


@triton.jit
def _rectify(gradient, hidden, sums, rows, columns, SUM: tl.constexpr, ROWS: tl.constexpr, COLUMNS: tl.constexpr):
    row = tl.program_id(0).to(tl.int64) * ROWS + tl.arange(0, ROWS)
    column = tl.program_id(1) * COLUMNS + tl.arange(0, COLUMNS)
    place = row[:, None] * columns + column[None, :]
    mask = (row < rows)[:, None] & (column < columns)[None, :]
    value = tl.load(gradient + place, mask=mask, other=0.0)
    value = tl.where(tl.load(hidden + place, mask=mask, other=0.0) > 0, value, 0.0)
    tl.store(gradient + place, value.to(gradient.dtype.element_ty), mask=mask)
    if SUM:
        tl.atomic_add(sums + column, tl.sum(value.to(tl.float32), 0), mask=column < columns)


def checked(count: int) -> int:
    """Indices within the kernels have 32 bits."""
    if count >= 1 << 31:
        raise ValueError(f"{count} numbers at once are too many")
    return count


def expand(x: torch.Tensor, size: tuple[int, int], columns: int, sign: int, ones: bool = False) -> torch.Tensor:
    """(P, C) float32 -> (P, columns) bfloat16, with columns >= 9 C; the rest is zero, but column 9 C is 1 with `ones`."""
    pixels, channels = x.shape
    y = torch.empty(pixels, columns, dtype=torch.bfloat16, device=x.device)
    grid = (triton.cdiv(checked(y.numel()), BLOCK),)
    _expand[grid](x, y, y.numel(), x.stride(0), *size, channels, columns, SIGN=sign, ONES=ones, BLOCK=BLOCK)
    return y


def collapse(y: torch.Tensor, size: tuple[int, int], channels: int, sign: int, added_to: torch.Tensor | None = None) -> torch.Tensor:
    """(P, columns) bfloat16 -> (P, channels) float32, or into the first channels of `added_to` (P, more), to which it is added."""
    pixels, columns = checked(y.numel()) // y.shape[1], y.shape[1]
    x = torch.empty(pixels, channels, dtype=torch.float32, device=y.device) if added_to is None else added_to
    grid = (triton.cdiv(pixels * channels, BLOCK),)
    _collapse[grid](
        y, x, pixels * channels, x.stride(0), *size, channels, columns, SIGN=sign, ADD=added_to is not None, BLOCK=BLOCK
    )  # fmt: skip
    return x


def rectify(gradient: torch.Tensor, hidden: torch.Tensor, with_sums: bool) -> torch.Tensor:
    """Clears the entries of `gradient` (P, h) in place where relu gave 0; the sums of its columns (h) in float32, if wanted."""
    rows, columns = gradient.shape
    sums = torch.zeros(columns, dtype=torch.float32, device=gradient.device)
    grid = (triton.cdiv(rows, 64), triton.cdiv(columns, 64))
    _rectify[grid](gradient, hidden, sums, rows, columns, SUM=with_sums, ROWS=64, COLUMNS=64)
    return sums


def product_relu(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    if x.is_cuda:
        return torch._addmm_activation(bias, x, weight)
    return torch.relu(torch.addmm(bias, x, weight))


def network(a, weight0, weight1, bias1, weight2, size, outputs):
    """The network of (P, C/2) float32 up to its last bias and scale: (P, outputs) float32, and what its gradient needs.

    weight0 (columns, h) has the bias in row 9 C/2, weight1 (h, h) is (input, output), weight2 (columns, h) has tap t of output c
    in row 9 c + t. The weights are bfloat16, bias1 (h) too.
    """
    neighbourhoods = expand(a, size, len(weight0), 1, ones=True)
    hidden0 = product_relu(neighbourhoods, weight0, torch.zeros_like(bias1))
    hidden1 = product_relu(hidden0, weight1, bias1)
    return collapse(hidden1 @ weight2.t(), size, outputs, 1), (neighbourhoods, hidden0, hidden1, weight0, weight1, weight2)


def network_gradient(output, kept, size, channels, wants_weights, added_to=None):
    """The gradients in a, which is added to `added_to` if given, and in weight0, weight1, bias1 and weight2 if wanted."""
    neighbourhoods, hidden0, hidden1, weight0, weight1, weight2 = kept
    planes = expand(output, size, len(weight2), -1)
    hidden = planes @ weight2
    bias1 = rectify(hidden, hidden1, with_sums=wants_weights)
    earlier = hidden @ weight1.t()
    rectify(earlier, hidden0, with_sums=False)
    a = collapse(earlier @ weight0.t(), size, channels, -1, added_to)
    if not wants_weights:
        return a, None, None, None, None
    return a, neighbourhoods.t() @ earlier, hidden0.t() @ hidden, bias1.to(hidden.dtype), planes.t() @ hidden1


class CouplingProducts(torch.autograd.Function):
    """The network up to its last bias and scale: (P, C/2) float32 -> (P, C/2) float32."""

    @staticmethod
    def forward(context, a, weight0, weight1, bias1, weight2, size):
        output, kept = network(a, weight0, weight1, bias1, weight2, size, a.shape[1])
        context.save_for_backward(*kept)
        context.size, context.channels = size, a.shape[1]
        return output

    @staticmethod
    def backward(context, shift):
        wants_weights = any(context.needs_input_grad[1:5])
        return *network_gradient(shift, context.saved_tensors, context.size, context.channels, wants_weights), None
