"""Checkpoints of PyTorch and TensorFlow: imported as model files, and models exported as them."""

from __future__ import annotations

import ctypes
import json
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _arguments as take
from . import _structures as s
from ._calls import ask, call, watched_call
from ._handle import Handle
from .errors import ArgumentError, ArgumentTypeError
from .prior import locate

Path = str | os.PathLike[str]

FAMILIES = ("rosinality",)

log = logging.getLogger("reglow")


@dataclass(frozen=True)
class ImportDecision:
    """What a checkpoint does not say, and how it was decided.

    Attributes
    ----------
    key, value : str
        As `settings` of `import_checkpoint` takes them.
    source : str
        "given", "configuration" or "probe".
    margin : float or None
        By how many bits per dimension the best other value is less likely; None without a probe.
    """

    key: str
    value: str
    source: str
    margin: float | None


@dataclass(frozen=True)
class ImportedCheckpoint:
    """What was found in a checkpoint.

    Attributes
    ----------
    checkpoint : str
        The file.
    output : str or None
        The model file that was written; `Prior.load` takes it.
    family, container : str
        The implementation that wrote it, and the format of the file.
    place, prefix : str
        The keys of the dictionaries around its state dict, and what all of its keys begin with.
    sha256 : str
        Of the checkpoint.
    format : str
        Of the model file: "reglow-glow/1" or "reglow-glow/2".
    image_channels, levels, hidden : int
        Channels of an image, levels of the flow, hidden channels of a coupling network.
    steps : tuple of int
        Flow steps of each level, the finest first.
    coupling : str
        "additive" or "affine".
    image_size : tuple of int or None
        The only height and width that the model takes, where it has a density for each latent value.
    decisions : tuple of ImportDecision
        What the file does not say and was given or found out.
    bits_per_dimension : float or None
        The mean over the images of the probe; None without one.
    noise_levels, probe_images : int
        The bits of images that `bits_per_dimension` belongs to, and how many images it is the mean
        of.
    notes : tuple of str
        What should be known.
    """

    checkpoint: str
    output: str | None
    family: str
    container: str
    place: str
    prefix: str
    sha256: str
    format: str
    image_channels: int
    levels: int
    steps: tuple[int, ...]
    hidden: int
    coupling: str
    image_size: tuple[int, int] | None
    decisions: tuple[ImportDecision, ...]
    bits_per_dimension: float | None
    noise_levels: int
    probe_images: int
    notes: tuple[str, ...]


def import_checkpoint(
    checkpoint: Path,
    output: Path | None = None,
    *,
    config: Path | None = None,
    settings: Mapping[str, Any] | None = None,
    probe: Path | None = None,
    noise_levels: int | None = None,
    threads: int | None = None,
) -> ImportedCheckpoint:
    """Make a prior of a Glow that was trained in PyTorch or TensorFlow, as ``reglow import`` does.

    Which of the nine known implementations wrote the file, and its architecture, are found out.
    Nothing in the file is run, and neither PyTorch nor TensorFlow is needed.

    Parameters
    ----------
    checkpoint : path
        A file of ``torch.save``, safetensors, or variables of TensorFlow as ``.npz``.
    output : path, optional
        The model file to write, with the ending .safetensors. By default none is written.
    config : path, optional
        The configuration that the training script wrote, a JSON file.
    settings : mapping, optional
        What the file does not say, as ``--set`` has it: ``{"squeeze": "interleaved", "last-offset": 1}``.
        An underscore in a key stands for the hyphen.
    probe : path, optional
        A folder of images that the model was trained on, in the size of the training. They decide
        what is open, and measure the model.
    noise_levels : int, optional
        Bits of the images that the model was trained on, from 1 to 8; by default what `config` says,
        else what the implementation trains with.
    threads : int, optional
        How many work at once.

    Returns
    -------
    ImportedCheckpoint

    Raises
    ------
    FileError
        For a file that is no checkpoint of a known implementation, is damaged, or does not say how it
        is to be read: the message lists the readings.
    ArgumentError
        For a setting that there is not.
    """
    options = s.ImportOptions()
    call("import_options_init", ctypes.byref(options), ctypes.sizeof(options))
    if config is not None:
        options.config = take.path(config, "config")
    if probe is not None:
        options.probe = take.path(probe, "probe")
    if settings is not None:
        options.settings = _settings(settings)
    if noise_levels is not None:
        options.noise_levels = take.whole(noise_levels, "noise_levels", 1, 8)
    options.threads = take.thread_count(threads)
    notes: list[str] = []
    options.on_note = s.ON_IMPORT_NOTE(lambda text, _: notes.append(text.decode("utf-8", "replace")))
    received = ctypes.c_void_p()
    target = None if output is None else take.path(output, "output")
    if target is not None and not target.endswith(b".safetensors"):
        raise ArgumentError(f"output is {output!r}, but must end in .safetensors", "output")
    watched_call("import_checkpoint", take.path(checkpoint, "checkpoint"), ctypes.byref(options), ctypes.byref(received))
    imported = Handle.of("import", received.value or 0)
    try:
        found = json.loads(ask("import_report", imported).decode("utf-8", "replace"))
        if target is not None:
            call("import_write", imported, target)
    finally:
        imported.close()
    for note in notes:
        log.info("%s: %s", found["checkpoint"], note)
    return _imported(found, None if target is None else os.fsdecode(target), tuple(notes))


def export_model(name_or_path: Path, output: Path, *, to: str = "rosinality", hidden: int | None = None) -> int:
    """Write a model as the state dict of a public PyTorch implementation, as ``reglow export`` does.

    Parameters
    ----------
    name_or_path : str or path
        The name of a shipped prior, or a model file.
    output : path
        ``.pt`` or ``.pth``, which ``torch.load`` reads, or ``.safetensors``.
    to : {"rosinality"}
        Whose names the tensors have.
    hidden : int, optional
        Hidden channels of the networks that its code builds; by default 512, or one more than the
        model has where that is more.

    Returns
    -------
    int
        The hidden channels of what was written, ``filter_size`` of that code.

    Raises
    ------
    FileError
        For a model that the implementation cannot express.
    """
    take.choice(to, "to", FAMILIES)
    width = 0 if hidden is None else take.whole(hidden, "hidden", 1, 65536)
    built = ctypes.c_size_t()
    call("export_model", os.fsencode(locate(name_or_path)), to.encode(), width, take.path(output, "output"), ctypes.byref(built))
    return built.value


def _settings(settings: Mapping[str, Any]) -> bytes:
    if not isinstance(settings, Mapping):
        raise ArgumentTypeError(f"settings is {settings!r}, but must be a mapping of names to values", "settings")
    parts = []
    for key, value in settings.items():
        text = f"{str(key).replace('_', '-')}={value}"
        if "," in text or "\0" in text:
            raise ArgumentError(f"settings has {key!r}: {value!r}, which is no setting", "settings")
        parts.append(text)
    return ",".join(parts).encode("utf-8", "backslashreplace")


def _imported(found: dict[str, Any], output: str | None, notes: tuple[str, ...]) -> ImportedCheckpoint:
    architecture = found["architecture"]
    size = architecture.get("image_size")
    return ImportedCheckpoint(
        checkpoint=found["checkpoint"],
        output=output,
        family=found["family"],
        container=found["container"],
        place=found["place"],
        prefix=found["prefix"],
        sha256=found["sha256"],
        format=found["format"],
        image_channels=architecture["image_channels"],
        levels=architecture["levels"],
        steps=tuple(architecture["steps"]),
        hidden=architecture["hidden"],
        coupling=architecture["coupling"],
        image_size=None if size is None else (size[0], size[1]),
        decisions=tuple(ImportDecision(one["key"], one["value"], one["source"], one.get("margin")) for one in found["decisions"]),
        bits_per_dimension=found.get("bits_per_dimension"),
        noise_levels=found["noise_levels"],
        probe_images=found["probe_images"],
        notes=notes,
    )
