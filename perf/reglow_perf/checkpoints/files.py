"""State dicts as files of their families' kinds, and golden vectors of what they compute."""

import argparse
import pathlib

import numpy as np
import torch
from safetensors.torch import save_file

from reglow_perf.checkpoints.blocks import Dajin, Rosinality
from reglow_perf.checkpoints.family import Family
from reglow_perf.checkpoints.flat import Chaiyujin, PCLucas, Y0ast
from reglow_perf.checkpoints.others import GlowIP, Kamen, Normflows, OpenAI

FAMILIES = (GlowIP, Rosinality, Y0ast, Chaiyujin, Normflows, Kamen, PCLucas, Dajin, OpenAI)


def save(model: Family, path: pathlib.Path) -> None:
    """A file as the family's script writes it: what it wraps the tensors in, and which format."""
    state = {key: tensor.detach() for key, tensor in model.state.items()}
    if path.suffix == ".npz":
        np.savez(path, **{f"model/{key}": tensor.numpy() for key, tensor in state.items()})
        return
    if model.name in ("rosinality", "pclucas", "kamen"):
        state = {f"module.{key}": tensor for key, tensor in state.items()}
    wrapped = {
        "chaiyujin": {"graph": state, "optim": {"state": {0: {"exp_avg": torch.zeros(3)}}}, "iteration": 100},
        "kamen": {"epoch": 3, "state_dict": state, "config": argparse.Namespace(lr=1e-3)},
        "dajin": {"state_dict": {f"flow_net.{key}": tensor for key, tensor in state.items()}, "pytorch-lightning_version": "1.0"},
    }
    legacy = model.name in ("glowip", "chaiyujin", "kamen", "pclucas")
    torch.save(wrapped.get(model.name, state), path, _use_new_zipfile_serialization=not legacy)


def settings(model: Family) -> list[str]:
    """What the file does not say, as `--set` takes it."""
    if isinstance(model, GlowIP):
        offset = [f"last-offset={model.last_offset:g}"] if model.affine else []
        if model.scale_offset:
            offset.append(f"scale-offset={model.scale_offset:g}")
        return [f"squeeze={model.squeeze}", *offset]
    if isinstance(model, Normflows) and model.affine:
        return [f"scale-map={model.scale_map}"]
    return []


def save_golden(model: Family, images: torch.Tensor, path: pathlib.Path) -> None:
    """Latents and log-determinants in double precision, for `reglow verify`."""
    with torch.no_grad():
        latents, total = model.copy(torch.float64).latents(images.double())
    tensors = {"image": images.double(), "latent": latents, "log_determinant": total}
    save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, path, metadata={"format": "reglow-golden/1"})
