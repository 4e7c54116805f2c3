"""The coupling network with frozen weights, in three forms that compute the same map.

conv3x3, relu, conv1x1, relu, conv3x3: (N, C/2, H, W) -> (N, O, H, W). A form works in the type of its own weights, which may be
bfloat16; input and output keep the type of the flow state. `layers` are the weight (outputs, inputs, size, size) and the bias of each
convolution.
"""

import torch
from torch import nn
from torch.nn import functional as F

Layers = list[tuple[torch.Tensor, torch.Tensor]]


class ConvolutionNetwork(nn.Module):
    """PyTorch's convolutions."""

    def __init__(self, layers: Layers):
        super().__init__()
        self.first, self.middle, self.last = (self._convolution(weight, bias) for weight, bias in layers)

    @staticmethod
    def _convolution(weight: torch.Tensor, bias: torch.Tensor | None) -> nn.Conv2d:
        outputs, inputs, size, _ = weight.shape
        convolution = nn.utils.skip_init(nn.Conv2d, inputs, outputs, size, padding=size // 2, bias=bias is not None)
        convolution.weight = nn.Parameter(weight, requires_grad=False)
        if bias is not None:
            convolution.bias = nn.Parameter(bias, requires_grad=False)
        return convolution

    def hidden(self, conditioning: torch.Tensor) -> torch.Tensor:
        # In place: the backward of a convolution does not need its output, that of relu needs only its result.
        hidden = F.relu(self.first(conditioning.to(self.first.weight.dtype)), inplace=True)
        return F.relu(self.middle(hidden), inplace=True)

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        return self.last(self.hidden(conditioning)).to(conditioning.dtype)


class TapNetwork(ConvolutionNetwork):
    """The last convolution as one 1x1 product, (9 O) x h, whose 9 tap planes are shifted and added."""

    def __init__(self, layers: Layers):
        *others, (weight, bias) = layers
        taps = tap_rows(weight)
        super().__init__([*others, (taps.reshape(*taps.shape, 1, 1), None)])
        self.register_buffer("last_bias", bias.reshape(-1, 1, 1))

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        planes = self.last(self.hidden(conditioning)).to(conditioning.dtype)
        shift = F.fold(planes.flatten(2), conditioning.shape[2:], kernel_size=3, padding=1)
        return shift + self.last_bias.to(conditioning.dtype)


class ProductNetwork(nn.Module):
    """Three matrix products, (outputs, depth) x (N, depth, H W): with neighbourhoods gathered before the first, and the tap planes of
    the last shifted and added."""

    def __init__(self, layers: Layers):
        super().__init__()
        for index, (weight, bias) in enumerate(layers):
            matrix = tap_rows(weight) if index == 2 else weight.flatten(1).contiguous()
            self.register_buffer(f"weight{index}", matrix)
            self.register_buffer(f"bias{index}", bias.reshape(-1, 1))

    def forward(self, conditioning: torch.Tensor) -> torch.Tensor:
        size = conditioning.shape[2:]
        hidden = F.unfold(conditioning.to(self.weight0.dtype), kernel_size=3, padding=1)
        hidden = F.relu(torch.matmul(self.weight0, hidden).add_(self.bias0), inplace=True)
        hidden = F.relu(torch.matmul(self.weight1, hidden).add_(self.bias1), inplace=True)
        planes = torch.matmul(self.weight2, hidden).to(conditioning.dtype)
        shift = F.fold(planes, size, kernel_size=3, padding=1)
        return shift + self.bias2.to(conditioning.dtype).unsqueeze(2)


def tap_rows(weight: torch.Tensor) -> torch.Tensor:
    """(O, h, 3, 3) -> (9 O, h), for a sum of shifted planes: it scatters to tap -d what a convolution gathers from tap d."""
    return weight.flip(2, 3).permute(0, 2, 3, 1).reshape(-1, weight.shape[1]).contiguous()


NETWORKS = {"convolution": ConvolutionNetwork, "taps": TapNetwork, "products": ProductNetwork}
