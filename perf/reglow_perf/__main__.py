"""The measurements of Reglow and of its peers: python -m reglow_perf NAME [ARGUMENTS], with --help for each."""

import importlib
import sys

# The name of a command, its module, and what it does.
COMMANDS = {
    "results": ("results.command", "measures every figure of the table of speed and memory"),
    "curves": ("figures.curves", "draws PSNR and objective against passes of the flow"),
    "roofline": ("figures.roofline", "draws what perf/roofline has measured"),
    "scale": ("scale.command", "measures reglow batch, and what a cluster would take"),
    "threads": ("scale.threads", "predicts an evaluation on more threads than this machine has"),
    "start": ("profiles.start", "times what comes before the first evaluation of a solve"),
    "stacks": ("profiles.stacks", "folds the stacks that perf or callgrind recorded"),
    "kernels": ("profiles.kernels", "prints the time by kernel of folded stacks"),
    "speedscope": ("profiles.speedscope", "writes folded stacks as a profile for speedscope"),
    "weights": ("quality.weights", "compares the rules for lambda"),
    "noise": ("quality.noise", "compares estimates of the noise with what is there"),
    "trust": ("quality.trust", "counts what is told of images that can be trusted, and of others"),
    "borders": ("quality.borders", "compares borders and a Wiener filter on blurred windows"),
    "calibration": ("quality.calibration", "whether intervals of the posterior hold what they promise"),
    "estimates": ("quality.estimates", "the posterior mean as an estimate, beside the mode and the self-ensemble"),
    "samplers": ("quality.samplers", "effective samples per evaluation of ways to sample a posterior"),
    "splitting": ("quality.splitting", "other ways of the noise for photographs"),
    "checkpoints": ("checkpoints.restoring", "restores faces with priors imported from each family's checkpoints"),
    "shared-checkpoints": ("checkpoints.shared", "holds checkpoints of the families' own codes against what these computed"),
    "golden": ("glow.golden", "checks the models in PyTorch against golden files"),
    "random-model": ("glow.random_model", "writes a model file with random weights"),
    "time-pytorch": ("peers.time_pytorch", "times one solver iteration in PyTorch"),
    "time-jax": ("peers.time_jax", "times one solver iteration in JAX"),
    "time-fourier": ("peers.time_fourier", "times Fourier transforms by FFTW and by pocketfft"),
    "time-training": ("peers.time_training", "times one training step in PyTorch"),
    "training-step": ("peers.training_step", "writes the fixtures of the engine's trainer"),
    "lbfgs-quality": ("quality.lbfgs_quality", "PSNR and SSIM of plain L-BFGS in PyTorch"),
    "total-variation": ("quality.total_variation", "PSNR and SSIM of what needs no trained prior"),
    "photo-peers": ("quality.photo_peers", "PSNR, SSIM and seconds of BM3D and others on photographs"),
    "race": ("quality.race", "seconds until Reglow is as good as L-BFGS in PyTorch in the end"),
}


def usage() -> str:
    lines = [f"    {name:16} {words}" for name, (_, words) in COMMANDS.items()]
    return "\n".join([__doc__, "", *lines])


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        print(usage())
    elif name not in COMMANDS:
        sys.exit(f"{name}: no such command\n\n{usage()}")
    else:
        sys.argv = [f"python -m reglow_perf {name}", *sys.argv[2:]]
        importlib.import_module(f"reglow_perf.{COMMANDS[name][0]}").main()


if __name__ == "__main__":
    main()
