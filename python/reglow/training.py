"""Training a prior on a folder of images."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from . import _arguments as take
from . import _structures as s
from ._calls import ask, call, error_of, watched
from ._library import library
from .errors import ArgumentTypeError, Interrupted
from .prior import locate

Path = str | os.PathLike[str]


@dataclass(frozen=True)
class TrainingRecord:
    """A record of a training, as its log has it.

    Attributes
    ----------
    step, images : int
        Steps done, and crops seen.
    seconds : float
        Since the training began.
    bits_per_dimension, validation_bits_per_dimension : float
        Of the batches since the last record, and of the validation images; NaN where they were not
        measured.
    learning_rate, gradient_norm, images_per_second : float
        Of the last step; the mean since the last record.
    skipped_steps : int
        Steps whose gradient was not finite.
    """

    step: int
    images: int
    seconds: float
    bits_per_dimension: float
    validation_bits_per_dimension: float
    learning_rate: float
    gradient_norm: float
    images_per_second: float
    skipped_steps: int


@dataclass(frozen=True)
class TrainingOutcome:
    """What a training came to.

    Attributes
    ----------
    model : str
        The model file.
    ending : str
        "steps": all are done. "patience": validation gained no more. "time": `stop_after_seconds`
        are over. "interrupted": a callback or Ctrl-C asked for the end; with ``resume=True`` it
        goes on.
    step : int
        Steps done, those of earlier runs included.
    bits_per_dimension, lowest_validation_bits : float
        Of the last record; the lowest of the validation images, which the model's are. NaN where
        there is none.
    notes : tuple of str
        What was told: images that were left out, with the reason.
    """

    model: str
    ending: str
    step: int
    bits_per_dimension: float
    lowest_validation_bits: float
    notes: tuple[str, ...]


def train(
    images: Path,
    model: Path,
    *,
    start: Path | None = None,
    validation: Path | None = None,
    license: str | None = None,
    resume: bool = False,
    levels: int | None = None,
    steps_per_level: int | None = None,
    hidden: int | None = None,
    coupling: str = "additive",
    crop: int | None = None,
    batch: int | None = None,
    flips: bool | None = None,
    downscale: float | None = None,
    chroma_detail: float | None = None,
    clean_jpeg: int | None = None,
    noise_bits: int | None = None,
    validation_crops: int | None = None,
    steps: int | None = None,
    learning_rate: float | None = None,
    warm_up: int | None = None,
    cosine_decay: bool | None = None,
    clip: float | None = None,
    ema_decay: float | None = None,
    report_every: int | None = None,
    validate_every: int | None = None,
    samples_every: int | None = None,
    checkpoint_every: int | None = None,
    patience: int | None = None,
    stop_after_seconds: float | None = None,
    seed: int = 0,
    precision: str = "fp32",
    threads: int | None = None,
    memory: int | str | None = None,
    image_memory: int | str | None = None,
    on_record: Callable[[TrainingRecord], Any] | None = None,
    on_step: Callable[[int, float], Any] | None = None,
) -> TrainingOutcome:
    """Train a prior on a folder of images, as ``reglow train`` does.

    Beside the model file ``NAME.safetensors`` stand its checkpoint, log, curve and samples. What is
    None has the default of the command.

    Parameters
    ----------
    images : path
        The folder of images (PNG, JPEG, TIFF, WebP, .npy); those of the folders in it count too.
    model : path
        The model file, with the ending .safetensors.
    start : path, optional
        A model to start from, a shipped name or a file (the command's ``--from``). By default a new
        one is trained.
    validation : path, optional
        A folder of images to measure the model on, never trained with.
    license : str, optional
        Terms of use for the model's card.
    resume : bool
        Go on from the checkpoint beside the model.
    levels, steps_per_level, hidden : int, optional
        Of a new flow: 4, 16 and 128. With `start`, `steps_per_level` adds steps, and the others
        must be left out.
    coupling : {"additive", "affine"}
        What a flow step does to half of its channels.
    crop, batch : int, optional
        The side of the square crops (64), and the crops of a step (32).
    flips : bool, optional
        Whether half of them are mirrored (True).
    downscale, chroma_detail : float, optional
        The largest factor by which crops are shrunk (1); the part of them that is given fine colour
        (0).
    clean_jpeg : int, optional
        The quality with which the folder's JPEG files were saved, to take away the noise that it
        made.
    noise_bits : int, optional
        Bits of an image whose steps are as wide as the noise that is added (5).
    validation_crops : int, optional
        The most crops of the validation images (300).
    steps : int, optional
        Of the whole training (10000).
    learning_rate, warm_up, cosine_decay, clip, ema_decay : optional
        The highest rate of Adam (1e-3), the steps over which it rises (500), whether it then falls
        (True), the norm to which a gradient is cut (10), the part of the average of the weights
        that a step keeps (0.999).
    report_every, validate_every, samples_every, checkpoint_every : int, optional
        Steps between records (100), measurements (500), pictures of samples (1000; 0 draws none)
        and checkpoints (500).
    patience : int, optional
        Measurements in a row without a gain after which the training ends.
    stop_after_seconds : float, optional
        How long the call may take.
    seed : int
        Of first weights, order, crops and noise.
    precision : {"fp32", "bf16"}
        Arithmetic of the coupling networks.
    threads : int, optional
        How many work at once.
    memory, image_memory : int or str, optional
        Bytes, or a text such as "4GB": for what a step keeps of its forward pass (4 GiB), and for
        decoded images.
    on_record : callable, optional
        Called with each `TrainingRecord`.
    on_step : callable, optional
        Called with the step and its bits per dimension after each step; where it returns True the
        training ends with a checkpoint.

    Returns
    -------
    TrainingOutcome

    Raises
    ------
    ArgumentError, FileError
        For what cannot be used or read.
    Interrupted
        On Ctrl-C, with a checkpoint written; its `result` is the outcome.
    """
    options = s.TrainOptions()
    call("train_options_init", ctypes.byref(options), ctypes.sizeof(options))
    _set_files(options, images, model, start, validation, license)
    wholes = {
        "levels": levels,
        "steps_per_level": steps_per_level,
        "hidden": hidden,
        "crop": crop,
        "batch": batch,
        "clean_jpeg": clean_jpeg,
        "noise_bits": noise_bits,
        "validation_crops": validation_crops,
        "steps": steps,
        "report_every": report_every,
        "validate_every": validate_every,
        "checkpoint_every": checkpoint_every,
        "patience": patience,
    }
    for name, value in wholes.items():
        if value is not None:
            setattr(options, name, take.whole(value, name, 1))
    for name, value in {"warm_up": warm_up, "samples_every": samples_every}.items():
        if value is not None:
            setattr(options, name, take.whole(value, name, 0))
    numbers = {
        "downscale": downscale,
        "chroma_detail": chroma_detail,
        "learning_rate": learning_rate,
        "clip": clip,
        "ema_decay": ema_decay,
        "stop_after_seconds": stop_after_seconds,
    }
    for name, quantity in numbers.items():
        if quantity is not None:
            setattr(options, name, take.number(quantity, name, 0))
    for name, value in {"flips": flips, "cosine_decay": cosine_decay, "resume": resume}.items():
        if value is not None:
            setattr(options, name, take.flag(value, name))
    options.coupling = take.choice(coupling, "coupling", s.COUPLINGS)
    options.seed, options.precision = take.seed(seed), take.choice(precision, "precision", s.PRECISIONS)
    options.threads = take.thread_count(threads)
    if memory is not None:
        options.activation_memory = take.byte_count(memory)
    if image_memory is not None:
        options.image_memory = take.byte_count(image_memory, "image_memory")
    return _run(options, os.fsdecode(model), on_record, on_step)


def _set_files(
    options: s.TrainOptions, images: Path, model: Path, start: Path | None, validation: Path | None, license: str | None
) -> None:
    for name, value in (("images", images), ("model", model), ("validation", validation)):
        if value is not None:
            setattr(options, name, take.path(value, name))
    if start is not None:
        setattr(options, "from", os.fsencode(locate(start)))
    if license is not None:
        if not isinstance(license, str) or "\0" in license:
            raise ArgumentTypeError(f"license is {license!r}, but must be a text", "license")
        options.license = license.encode()


def _run(options: s.TrainOptions, model: str, on_record: Any, on_step: Any) -> TrainingOutcome:
    for name, function in (("on_record", on_record), ("on_step", on_step)):
        if function is not None and not callable(function):
            raise ArgumentTypeError(f"{name} is {function!r}, but must be a function", name)
    notes: list[str] = []
    outcome = s.TrainingOutcome()
    with watched() as watch:
        options.on_note = s.ON_TRAINING_NOTE(lambda text, _: _quiet(watch.guard(lambda: notes.append(text.decode("utf-8", "replace")))))
        options.on_step = s.ON_STEP(lambda step, bits, _: watch.guard(lambda: on_step is not None and on_step(step, bits) is True))
        if on_record is not None:
            options.on_record = s.ON_RECORD(lambda record, _: _quiet(watch.guard(lambda: _tell(on_record, record.contents))))
        status = ask("train", ctypes.byref(options), ctypes.byref(outcome))
        message = "" if status == s.OK else library().reglow_last_error().decode("utf-8", "replace")
    watch.raise_failure()
    if status != s.OK:
        raise error_of(status, message)
    result = TrainingOutcome(
        model, s.ENDINGS[outcome.ending], outcome.step, outcome.bits_per_dimension, outcome.lowest_validation_bits, tuple(notes)
    )
    if watch.interrupted:
        raise Interrupted("interrupted; a checkpoint was written, and train(..., resume=True) goes on", result)
    return result


def _tell(on_record: Callable[[TrainingRecord], Any], record: s.TrainingRecord) -> None:
    on_record(TrainingRecord(*(getattr(record, name) for name in TrainingRecord.__dataclass_fields__)))


def _quiet(_status: int) -> None:
    """Return nothing: what a callback without a result returns."""
