"""A step of a training as a CUDA graph: gradient, clipping, Adam, and the exponential moving average of the weights."""

import math
from collections.abc import Callable

import torch


class Optimization:
    """Minimizes the losses of a model. A loss gives the number to minimize, and further numbers that are reported as means over steps."""

    def __init__(self, model: torch.nn.Module, clip: float, average: float, beta2: float = 0.999):
        self.parameters, self.clip, self.decay = list(model.parameters()), clip, average
        self.average = [parameter.detach().clone() for parameter in self.parameters]
        self.rate = torch.zeros((), device="cuda")
        self.optimizer = torch.optim.Adam(self.parameters, lr=self.rate, betas=(0.9, beta2), fused=True, capturable=True)
        self.sums, self.steps = None, 0

    def captured(self, loss: Callable[[], tuple[torch.Tensor, ...]]) -> Callable[[float], None]:
        """A step as a function of the learning rate. What Adam has gathered goes."""

        def work() -> None:
            value, *reported = loss()
            gradients = torch.autograd.grad(value, self.parameters)
            norm = torch.stack(torch._foreach_norm(gradients)).norm()
            # A step whose gradient is not finite is left out.
            scale = torch.nan_to_num(self.clip / (norm + 1e-12), 0, 0, 0).clamp(max=1)
            for parameter, gradient in zip(self.parameters, gradients):
                parameter.grad = torch.nan_to_num(gradient, 0, 0, 0).mul_(scale)
            self.optimizer.step()
            torch._foreach_lerp_(self.average, [parameter.detach() for parameter in self.parameters], 1 - self.decay)
            said = torch.nan_to_num(torch.stack([number.detach().float() for number in (*reported, norm, (~norm.isfinite()).float())]))
            if self.sums is None:
                self.sums = torch.zeros_like(said)
            self.sums += said

        self.rate.zero_()
        self.sums = None
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(2):
                work()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            work()
        # What Adam gathered while the rate was 0 goes too.
        for state in self.optimizer.state.values():
            for value in state.values():
                value.zero_()
        self.sums.zero_()

        def step(rate: float) -> None:
            self.rate.fill_(rate)
            graph.replay()
            self.steps += 1

        return step

    def means(self) -> list[float]:
        """The means of what was reported since the last call, then of the gradient's norm and of the share of steps that were left out."""
        found = (self.sums / max(1, self.steps)).tolist()
        self.sums.zero_()
        self.steps = 0
        return found

    @torch.no_grad()
    def with_average(self, work):
        """Does `work` while the model has the averaged weights."""
        kept = [parameter.detach().clone() for parameter in self.parameters]
        torch._foreach_copy_(self.parameters, self.average)
        result = work()
        torch._foreach_copy_(self.parameters, kept)
        return result


def learning_rate(highest: float, warm_up: int, step: int, progress: float) -> float:
    """Rises over the warm-up, then falls along half a cosine to a hundredth."""
    fall = 0.01 + 0.99 * (1 + math.cos(math.pi * min(1, progress))) / 2
    return highest * fall * min(1, step / warm_up)
