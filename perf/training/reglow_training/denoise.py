"""Trains the density of noisy photographs, so that its gradient denoises.

    perf/python -m reglow_training denoise PHOTOS --validation crops.npy --init MODEL --output FILE

y = c (x - 1/2) + s0 n, with photographs x on the [0, 1] scale, standard normal n and s0 = `UNIT`: a photograph with noise of deviation
sigma is seen with the gain c = s0 / sigma, so that one flow serves all noise levels. The mean of the clean image is exact for the density
(Tweedie): D(y) = y + s0^2 grad log p(y). The loss is the likelihood of y and the squared error of D(y) over the noise. The gradient of that
in the weights needs second derivatives; it is that of the difference of log p at y + e r and at y - e r, with the error
r = D(y) - c (x - 1/2). Of the error the logarithm is minimized, so that every image and noise level counts as much as its PSNR can rise.
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from safetensors.torch import save_file

from reglow_perf.glow import folding
from reglow_perf.glow.model import Glow
from reglow_training.growth import grown
from reglow_training.optimization import Optimization, learning_rate
from reglow_training.photographs import Photographs

UNIT = 0.05
# How far from y the difference is taken, as a part of the error; and what is added to an error before its logarithm.
REACH, FLOOR = 0.5, 0.005


def frozen(model: Glow) -> dict[str, torch.Tensor]:
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


class Density(torch.nn.Module):
    """log p(y) / n of each image, in nats."""

    def __init__(self, model: Glow):
        super().__init__()
        self.model = model

    def forward(self, y: torch.Tensor) -> torch.Tensor:
        return -math.log(2) * self.model.bits_per_dimension(y)


def denoised(density: Density, y: torch.Tensor) -> torch.Tensor:
    with torch.enable_grad():
        y = y.detach().requires_grad_()
        values = torch.func.functional_call(density, frozen(density), (y,))
        (gradient,) = torch.autograd.grad(values.sum() * y[0].numel(), y)
    return (y + UNIT**2 * gradient).detach()


class Training:
    def __init__(self, model: Glow, photographs: Photographs, options: argparse.Namespace):
        self.density, self.photographs, self.options = Density(model), photographs, options
        self.optimization = Optimization(model, options.clip, options.average, beta2=0.99)

    def measurement(self) -> tuple[torch.Tensor, torch.Tensor]:
        """Clean images as the flow sees them, and y."""
        options = self.options
        x = self.photographs.draw(options.batch) - 0.5
        draws = torch.rand(options.batch, 1, 1, 1, device="cuda")
        sigma = options.low * (options.high / options.low) ** draws
        clean = UNIT / sigma * x
        return clean, clean + UNIT * torch.randn_like(clean)

    def likelihood_loss(self) -> tuple[torch.Tensor, torch.Tensor]:
        loss = -self.density(self.measurement()[1]).mean()
        return loss, loss

    def denoising_loss(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        clean, y = self.measurement()
        error = denoised(self.density, y) - clean
        errors = error.square().mean(dim=(1, 2, 3)) / UNIT**2 + FLOOR
        above, below = self.density(torch.cat((y + REACH * error, y - REACH * error))).chunk(2)
        likelihood = (above + below).mean() / 2
        loss = ((above - below) / errors).mean() / REACH - self.options.likelihood * likelihood
        return loss, -likelihood, errors.log().mean()

    def validation(self, crops: torch.Tensor, sigma: float) -> dict[str, float]:
        generator = torch.Generator("cuda").manual_seed(1)
        clean = crops - 0.5
        y = clean + sigma * torch.randn(clean.shape, generator=generator, device="cuda")
        gain = UNIT / sigma
        errors = ((denoised(self.density, gain * y) / gain - clean) ** 2).mean(dim=(1, 2, 3))
        bits = self.density.model.bits_per_dimension(gain * y).mean() - math.log2(1 / UNIT)
        return {"sigma": sigma, "psnr": round((-10 * errors.log10()).mean().item(), 3), "bits": round(bits.item(), 4)}


def run(options: argparse.Namespace) -> None:
    torch.manual_seed(options.seed)
    photographs = Photographs(options.folder, tuple(options.scales), options.crop)
    crops = torch.from_numpy(numpy.load(options.validation)).permute(0, 3, 1, 2).float().cuda() / 255
    model = grown(options.init, options.steps_per_level, options.hidden, torch.Generator().manual_seed(options.seed), options.levels).cuda()
    training = Training(model, photographs, options)
    optimization = training.optimization
    print(json.dumps({"photographs": photographs.count} | {key: str(value) for key, value in vars(options).items()}), flush=True)

    def report(step: int, seconds: float) -> None:
        *loss, norm, skipped = [round(mean, 4) for mean in optimization.means()]
        found = optimization.with_average(lambda: [training.validation(crops, sigma) for sigma in options.report_at])
        line = {"step": step, "seconds": round(seconds, 1), "loss": loss, "norm": norm, "skipped": skipped, "validation": found}
        print(json.dumps(line), flush=True)

    def save(step: int) -> None:
        texts = model.architecture.metadata() | {
            "name": options.output.stem,
            "noise_deviation": str(UNIT),
            "training_data": f"{photographs.count} photographs, crops of {options.crop}x{options.crop}",
            "noise_levels": f"{options.low} to {options.high}",
            "training": f"{step} steps of {options.batch} crops each, seed {options.seed}, for likelihood and denoising",
            "license": options.license,
        }
        save_file(optimization.with_average(lambda: folding.fold(model, torch.float16)), options.output, texts)

    likelihood_step, denoising_step = optimization.captured(training.likelihood_loss), None
    began, step, last = time.monotonic(), 0, 0.0
    while True:
        torch.cuda.synchronize()
        seconds = time.monotonic() - began
        is_over = seconds >= options.seconds
        if is_over or seconds - last >= options.report_every:
            report(step, seconds)
            last = seconds
            if options.output:
                save(step)
        if is_over:
            break
        denoises = seconds >= options.likelihood_seconds
        if denoises and denoising_step is None:
            denoising_step = optimization.captured(training.denoising_loss)
        for _ in range(10):
            step += 1
            take = denoising_step if denoises else likelihood_step
            take(learning_rate(options.learning_rate, options.warm_up, step, seconds / options.seconds))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--validation", type=pathlib.Path, required=True)
    parser.add_argument("--init", required=True)
    parser.add_argument("--output", type=pathlib.Path)
    parser.add_argument("--steps-per-level", type=int, default=12)
    parser.add_argument("--levels", type=int, default=4)
    parser.add_argument("--hidden", type=int, default=96)
    parser.add_argument("--crop", type=int, default=96)
    parser.add_argument("--scales", type=float, nargs="+", default=[1, 0.8, 0.6])
    parser.add_argument("--low", type=float, default=0.007)
    parser.add_argument("--high", type=float, default=0.2)
    parser.add_argument("--seconds", type=float, default=545)
    parser.add_argument("--likelihood-seconds", type=float, default=10)
    parser.add_argument("--likelihood", type=float, default=0.1, help="weight of the likelihood beside the error")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--learning-rate", type=float, default=6e-4)
    parser.add_argument("--warm-up", type=int, default=200)
    parser.add_argument("--clip", type=float, default=10)
    parser.add_argument("--average", type=float, default=0.9985)
    parser.add_argument("--report-every", type=float, default=20)
    parser.add_argument("--report-at", type=float, nargs="+", default=[0.02, 0.05, 0.1])
    parser.add_argument("--license", default="not told", help="terms of use, for the model's card")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.backends.cudnn.allow_tf32 = False
    run(options)


if __name__ == "__main__":
    main()
