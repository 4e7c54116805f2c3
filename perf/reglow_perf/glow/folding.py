"""Between the tensors that are trained and those of a model file: both are the same map.

Folding takes actnorm into the 1x1 convolution and the output scales into the last layer; unfolding leaves both at nothing.
"""

import copy

import torch

from reglow_perf.glow.model import Glow
from reglow_perf.glow.trained import TrainedLevel

NETWORK_TENSORS = [f"net.{layer}.{part}" for layer in range(3) for part in ("weight", "bias")]


@torch.no_grad()
def fold(model: Glow, weight_dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    """The tensors of the model file, computed in double precision; `weight_dtype` is that of the networks' weights."""
    tensors = {}
    for index, trained in enumerate(model.levels):
        level = copy.deepcopy(trained).double().cpu()
        mixing, bias, _ = level.mixing()
        half, (steps, outputs), hidden = level.half, level.bias2.shape, level.bias0.shape[1]
        scales = (3 * level.log_scale2).exp()
        for step in range(steps):
            name = f"levels.{index}.steps.{step}"
            last = level.weight2[step].view(outputs, 3, 3, hidden).permute(0, 3, 1, 2)
            network = [
                level.weight0[step].t().reshape(hidden, half, 3, 3),
                level.bias0[step],
                level.weight1[step].t(),
                level.bias1[step],
                last * scales[step].view(outputs, 1, 1, 1),
                level.bias2[step] * scales[step],
            ]
            tensors[f"{name}.invconv.weight"], tensors[f"{name}.invconv.bias"] = (mixing[step].float(), bias[step].float())
            for key, value in zip(NETWORK_TENSORS, network):
                dtype = weight_dtype if key.endswith("weight") else torch.float32
                tensors[f"{name}.{key}"] = value.to(dtype)
    return {name: tensor.contiguous() for name, tensor in tensors.items()}


@torch.no_grad()
def unfold(level: TrainedLevel, step: int, tensors: dict[str, torch.Tensor], name: str) -> None:
    """Gives a step the map of a model file's step `name`, whose networks may be narrower: further hidden channels have no outputs."""
    weight = tensors[f"{name}.invconv.weight"].double()
    level.set_mixing(step, weight)
    level.actnorm_log_scale[step], level.log_scale2[step] = 0, 0
    level.actnorm_bias[step] = torch.linalg.solve(weight, tensors[f"{name}.invconv.bias"].double())
    first, bias0, middle, bias1, last, bias2 = (tensors[f"{name}.{key}"] for key in NETWORK_TENSORS)
    hidden = len(first)
    level.weight0[step, :, :hidden] = first.flatten(1).t()
    level.bias0[step, :hidden] = bias0
    level.weight1[step, hidden:, :hidden] = 0
    level.weight1[step, :hidden, :hidden] = middle.reshape(hidden, hidden).t()
    level.bias1[step, :hidden] = bias1
    level.weight2[step, :, :hidden] = last.permute(0, 2, 3, 1).reshape(-1, hidden)
    level.bias2[step] = bias2
