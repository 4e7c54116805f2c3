"""A trained flow: what it is, its maps, samples and likelihoods of images."""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import numpy as np

from . import _arguments as take
from . import _structures as s
from ._arrays import one_or_all
from ._calls import ask, call
from ._handle import Handle
from ._library import PACKAGE, library
from .errors import ArgumentError, ArgumentTypeError, FileError, MissingFileError
from .flow import FlowMaps

_FOLDER = PACKAGE / "share" / "reglow" / "models"
_ENDING = ".safetensors"
_FACES = ("faces64", "faces64-bootstrap")


def priors() -> list[str]:
    """Return the names of the priors that came with this package or were installed with the library."""
    of_library = (library().reglow_prior_name(index) for index in range(library().reglow_prior_count()))
    names = {name.decode() for name in of_library if name is not None}
    return sorted(names | {path.stem for path in _FOLDER.glob("*" + _ENDING)})


class Prior(FlowMaps):
    """A trained Glow flow f, which takes an image x to a latent z = f(x) with z ~ N(0, I) under the
    model.

    Make one with `Prior.load`. It never changes, may be used by many threads at once, and is
    pickled by its path.

    Images are arrays of numbers with black 0 and white 1, of shape (H, W, 3) or (N, H, W, 3), and
    with ``channel_axis=0`` or ``1`` (3, H, W) or (N, 3, H, W); uint8 and uint16 are scaled. The
    sides must be multiples of `size_multiple` here (`restore` takes any). A float32 array that is
    planar and C-contiguous is not copied. Latents have the shape (D,) or (N, D), D = 3 H W.

    Attributes
    ----------
    path, name : str
        The model file, and its name without the ending, such as "photos".
    precision : str
        "fp32" or "bf16": the arithmetic of the coupling networks.
    threads : int or None
        How many work at once; None is what the machine and its cgroup offer.
    channels, levels, hidden, size_multiple, parameters, weight_bytes : int
        Channels of an image, levels of the flow, hidden channels of a coupling network, what the
        sides of an image are multiples of, numbers in the model file, bytes of the weights in
        memory.
    steps : tuple of int
        Flow steps of each level, the finest first.
    coupling : str
        "additive" or "affine". The log-determinant of an additive flow is the same for all images,
        unless the model has a learned prior.
    fixed_size : tuple of int or None
        The only height and width that the flow takes, where its learned prior has a number for each
        latent value; `restore` then takes no larger size.
    sha256 : str
        Of the model file.
    """

    def __init__(self, name_or_path: str | os.PathLike[str], *, precision: str = "fp32", threads: int | None = None) -> None:
        super().__init__()
        self.threads = None if threads is None else take.thread_count(threads)
        where = locate(name_or_path)
        try:
            self._handle = Handle("model", "model_load", os.fsencode(where), take.choice(precision, "precision", s.PRECISIONS))
        except MissingFileError as error:
            raise MissingFileError(f"{error}{_advice(where)}") from None
        self.path = os.fsdecode(ask("model_path", self._handle))
        self.name = Path(self.path).stem
        facts = s.ModelFacts()
        call("model_describe", self._handle, ctypes.byref(facts))
        self.precision: str = s.PRECISIONS[facts.precision]
        self.channels: int = facts.channels
        self.levels: int = facts.levels
        self.steps: tuple[int, ...] = tuple(facts.steps[: facts.levels])
        self.hidden: int = facts.hidden
        self.coupling: str = s.COUPLINGS[facts.coupling]
        self.size_multiple: int = facts.size_multiple
        self.parameters: int = facts.parameters
        self.weight_bytes: int = facts.weight_bytes
        self.sha256: str = facts.sha256.decode()
        self.fixed_size: tuple[int, int] | None = (facts.fixed_height, facts.fixed_width) if facts.fixed_height else None

    @classmethod
    def load(cls, name_or_path: str | os.PathLike[str], *, precision: str = "fp32", threads: int | None = None) -> Prior:
        """Load a prior.

        Parameters
        ----------
        name_or_path : str or path
            The name of a shipped prior (see `priors`), or a model file.
        precision : {"fp32", "bf16"}
            The arithmetic of the coupling networks; all else is in 32 bit floats.
        threads : int, optional
            How many work at once; by default what the machine and its cgroup offer.

        Raises
        ------
        MissingFileError
            When there is no such prior and no such file.
        FileError
            When the file is no model.
        """
        return cls(name_or_path, precision=precision, threads=threads)

    @property
    def card(self) -> dict[str, str]:
        """What the model says of itself: its licence, what it was trained on."""
        card: dict[str, str] = {}
        while (key := ask("model_card_key", self._handle, len(card))) is not None:
            card[key.decode()] = (ask("model_card", self._handle, key) or b"").decode("utf-8", "replace")
        return card

    def log_likelihood(self, images: Any, channel_axis: int | None = -1) -> Any:
        """Compute log p(x) in nats: a density over pixel values from 0 to 1.

        Images of 8 bits are points of a grid, on which a density means little: see
        `bits_per_dimension`.

        Returns
        -------
        float or (N,) float64 array
        """
        pixels = self._images(images, channel_axis, "images")
        found = np.empty(len(pixels.planes), np.float64)
        for part in self._parts(pixels.planes):
            planes = pixels.planes[part]
            size = planes.shape[2:]
            call("log_likelihood", self._handle, planes.ctypes.data, len(planes), *size, self.threads or 0, found[part].ctypes.data)
        return one_or_all(found, pixels.layout)

    def log_likelihood_gradient(self, images: Any, channel_axis: int | None = -1) -> np.ndarray:
        """Compute the gradient of log p(x) in x, also called the score, of the shape of the images."""
        pixels = self._images(images, channel_axis, "images")
        product = self._products(
            "forward",
            pixels.planes,
            None,
            lambda point, part, latents: point.forward_vjp(-latents, np.ones(len(latents))),
            takes_values=True,
        )
        return pixels.layout.images(product)

    def bits_per_dimension(self, images: Any, noise_bits: int = 5, seed: int = 0, channel_axis: int | None = -1) -> Any:
        """Compute the bits per dimension of images, as ``reglow likelihood`` does; lower is
        likelier.

        They are ``noise_bits - log2 p(x + e) / D`` with uniform noise e of mean 0 and width ``2 **
        -noise_bits``.

        Parameters
        ----------
        images : array
            x.
        noise_bits : int
            From 1 to 8; figures of different ones cannot be compared. The shipped priors were
            trained with 5.
        seed : int
            Of the noise; that of the k-th image depends on the seed and k alone.

        Returns
        -------
        float or (N,) float64 array
        """
        pixels = self._images(images, channel_axis, "images")
        planes, found = pixels.planes, np.empty(len(pixels.planes), np.float64)
        bits = take.whole(noise_bits, "noise_bits", 1, 8)
        options = (bits, take.seed(seed), self.threads or 0)
        call("bits_per_dimension", self._handle, planes.ctypes.data, len(planes), *planes.shape[2:], *options, found.ctypes.data)
        return one_or_all(found, pixels.layout)

    def sample(
        self,
        count: int | None = None,
        size: tuple[int, int] = (64, 64),
        temperature: float = 0.7,
        seed: int = 0,
        channel_axis: int | None = -1,
    ) -> np.ndarray:
        """Draw images: g(z) with z ~ N(0, temperature^2 I).

        Parameters
        ----------
        count : int, optional
            How many; the k-th depends on the seed and k alone. By default one, without an axis that
            counts.
        size : (height, width)
            Multiples of `size_multiple`.
        temperature : float
            The standard deviation of the latent; below 1 images are more typical, with less
            variety.
        seed : int
            Of the latents.

        Returns
        -------
        (H, W, 3) or (N, H, W, 3) float32 array
            Not clipped; the channels where `channel_axis` says.
        """
        number = 1 if count is None else take.whole(count, "count", 1)
        height, width = take.size(size)
        self._require_sides(height, width, "size")
        deviation = take.number(temperature, "temperature", 0)
        planes = np.empty((number, self.channels, height, width), np.float32)
        call("sample", self._handle, height, width, number, deviation, take.seed(seed), self.threads or 0, planes.ctypes.data)
        return self._layout(channel_axis, count is not None).images(planes)

    def close(self) -> None:
        """Release the model now; it is released anyway when nothing refers to it."""
        with self._lock:
            self._spare.clear()
        self._handle.close()

    def __enter__(self) -> Prior:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        steps = "+".join(map(str, self.steps))
        state = "" if self._handle.is_open else ", closed"
        return (
            f"<Prior {self.name!r}: {self.levels} levels of {steps} steps, {self.hidden} hidden channels, {self.coupling} coupling, "
            f"{self.parameters / 1e6:.1f} M parameters, {self.precision}{state}>"
        )

    def __reduce__(self) -> Any:
        return _load_again, (self.path, self.name, self.sha256, self.precision, self.threads)


def locate(name_or_path: str | os.PathLike[str]) -> str:
    """Return the path of a prior inside this package, else what was given."""
    if isinstance(name_or_path, bytes) or not (isinstance(name_or_path, str) or hasattr(name_or_path, "__fspath__")):
        raise ArgumentTypeError(f"the prior is {name_or_path!r}, but must be a name or a path", "name_or_path")
    given = os.fspath(name_or_path)
    if not given:
        raise ArgumentError("the name of the prior is empty", "name_or_path")
    if "\0" in given:
        raise ArgumentError("the path of the prior has a zero byte in it", "name_or_path")
    own = _FOLDER / (given + _ENDING)
    if os.sep not in given and own.is_file():
        return str(own)
    return os.path.expanduser(given)


def _advice(name: str) -> str:
    if name not in _FACES:
        return ""
    return (
        f". {name} is for non-commercial research only, so that no wheel has it: take Models/{name}.safetensors of the sources, "
        "and give its path"
    )


def _load_again(path: str, name: str, sha256: str, precision: str, threads: int | None) -> Prior:
    """Load a pickled prior: by its path, or where that is not, by its name."""
    prior = Prior(path if os.path.exists(path) else name, precision=precision, threads=threads)
    if prior.sha256 != sha256:
        raise FileError(f"{prior.path} is another model than the one that was pickled (SHA-256 {prior.sha256}, not {sha256})")
    return prior
