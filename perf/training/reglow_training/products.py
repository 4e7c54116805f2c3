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
def _expand(x, y, count, height, width, x_stride, channels, columns, SIGN: tl.constexpr, ONES: tl.constexpr, BLOCK: tl.constexpr):
    index = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    pixel, column = index // columns, index % columns
    channel, tap = column // 9, column % 9
    down, across = SIGN * (tap // 3 - 1), SIGN * (tap % 3 - 1)
    row, place = pixel // width % height + down, pixel % width + across
    inside = (row >= 0) & (row < height) & (place >= 0) & (place < width) & (channel < channels) & (index < count)
    value = tl.load(x + (pixel + down * width + across) * x_stride + channel, mask=inside, other=0.0).to(tl.float32)
    if ONES:
        value = tl.where(column == 9 * channels, 1.0, value)
    tl.store(y + index, value.to(y.dtype.element_ty), mask=index < count)


@triton.jit
def _collapse(y, x, count, height, width, channels, columns, SIGN: tl.constexpr, BLOCK: tl.constexpr):
    index = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    pixel, channel = index // channels, index % channels
    total = tl.zeros((BLOCK,), tl.float32)
    for tap in tl.static_range(9):
        down = SIGN * (tap // 3 - 1)
        across = SIGN * (tap % 3 - 1)
        row, place = pixel // width % height + down, pixel % width + across
        inside = (row >= 0) & (row < height) & (place >= 0) & (place < width) & (index < count)
        source = (pixel + down * width + across) * columns + 9 * channel + tap
        total += tl.load(y + source, mask=inside, other=0.0).to(tl.float32)
    tl.store(x + index, total, mask=index < count)


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


def expand(x: torch.Tensor, size: tuple[int, int], columns: int, sign: int, ones: bool = False) -> torch.Tensor:
    """(P, C) float32 -> (P, columns) bfloat16, with columns >= 9 C; the rest is zero, but column 9 C is 1 with `ones`."""
    pixels, channels = x.shape
    y = torch.empty(pixels, columns, dtype=torch.bfloat16, device=x.device)
    grid = (triton.cdiv(y.numel(), BLOCK),)
    _expand[grid](x, y, y.numel(), *size, x.stride(0), channels, columns, SIGN=sign, ONES=ones, BLOCK=BLOCK)
    return y


def collapse(y: torch.Tensor, size: tuple[int, int], channels: int, sign: int) -> torch.Tensor:
    """(P, columns) bfloat16 -> (P, channels) float32."""
    pixels, columns = y.shape
    x = torch.empty(pixels, channels, dtype=torch.float32, device=y.device)
    grid = (triton.cdiv(x.numel(), BLOCK),)
    _collapse[grid](y, x, x.numel(), *size, channels, columns, SIGN=sign, BLOCK=BLOCK)
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


class CouplingProducts(torch.autograd.Function):
    """The network up to its last bias and scale: (P, C/2) float32 -> (P, C/2) float32.

    weight0 (columns, h) has the bias in row 9 C/2, weight1 (h, h) is (input, output), weight2 (columns, h) has tap t of output c
    in row 9 c + t. The weights are bfloat16, bias1 (h) too.
    """

    @staticmethod
    def forward(context, a, weight0, weight1, bias1, weight2, size):
        neighbourhoods = expand(a, size, len(weight0), 1, ones=True)
        hidden0 = product_relu(neighbourhoods, weight0, torch.zeros_like(bias1))
        hidden1 = product_relu(hidden0, weight1, bias1)
        context.save_for_backward(neighbourhoods, hidden0, hidden1, weight0, weight1, weight2)
        context.size, context.channels = size, a.shape[1]
        return collapse(hidden1 @ weight2.t(), size, a.shape[1], 1)

    @staticmethod
    def backward(context, shift):
        neighbourhoods, hidden0, hidden1, weight0, weight1, weight2 = context.saved_tensors
        planes = expand(shift, context.size, len(weight2), -1)
        gradient2 = planes.t() @ hidden1
        hidden = planes @ weight2
        bias1 = rectify(hidden, hidden1, with_sums=True)
        gradient1 = hidden0.t() @ hidden
        hidden = hidden @ weight1.t()
        rectify(hidden, hidden0, with_sums=False)
        gradient0 = neighbourhoods.t() @ hidden
        a = collapse(hidden @ weight0.t(), context.size, context.channels, -1)
        return a, gradient0, gradient1, bias1.to(hidden.dtype), gradient2, None
