"""Restores images with a trained normalizing flow as the prior, on the CPU.

>>> import reglow
>>> problem = reglow.Deblur("gaussian:1.5")
>>> restored = reglow.restore(photo, problem)
>>> restored.image

`restore` takes a measurement (an image or several, as arrays) and a problem: `Denoise`, `Deblur`,
`Superresolve`, `Inpaint`, `Compressive`, or a `LinearOperator` of your own. A `Prior` is the
trained flow itself, with its maps, their derivatives, samples and likelihoods; a `Point` is its low
level. `train` makes one, `import_checkpoint` one of a Glow that was trained in PyTorch or
TensorFlow. `psnr`, `ssim` and `estimate_noise` measure.

Notes that the command prints go to the result's `notes` and to the logger "reglow".
"""

from __future__ import annotations

from ._library import library as _shared
from ._version import __version__
from .checkpoints import ImportDecision, ImportedCheckpoint, export_model, import_checkpoint
from .errors import (
    ArgumentError,
    ArgumentTypeError,
    FileError,
    Interrupted,
    LibraryError,
    MissingFileError,
    OutOfMemoryError,
    ReglowError,
    RestorationError,
    SolveError,
    StaleRecordError,
    StateError,
)
from .operators import LinearOperator
from .point import Mapped, Point, bytes_needed
from .posterior import Posterior
from .prior import Prior, priors
from .problem import Problem
from .problems import Compressive, Deblur, Denoise, Inpaint, Superresolve
from .progress import Progress
from .quality import NoiseEstimate, estimate_noise, psnr, ssim
from .restoration import restore
from .restorer import Restorer
from .result import PathStep, Restoration, RestorationBatch
from .training import TrainingOutcome, TrainingRecord, train

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "Compressive",
    "Deblur",
    "Denoise",
    "FileError",
    "ImportDecision",
    "ImportedCheckpoint",
    "Inpaint",
    "Interrupted",
    "LibraryError",
    "LinearOperator",
    "Mapped",
    "MissingFileError",
    "NoiseEstimate",
    "OutOfMemoryError",
    "PathStep",
    "Point",
    "Posterior",
    "Prior",
    "Problem",
    "Progress",
    "ReglowError",
    "Restoration",
    "RestorationBatch",
    "RestorationError",
    "Restorer",
    "SolveError",
    "StaleRecordError",
    "StateError",
    "Superresolve",
    "TrainingOutcome",
    "TrainingRecord",
    "__version__",
    "available_threads",
    "bytes_needed",
    "estimate_noise",
    "export_model",
    "import_checkpoint",
    "instruction_set",
    "priors",
    "psnr",
    "restore",
    "ssim",
    "train",
]


def instruction_set() -> str:
    """Return the instruction set that the kernels run on, such as "avx512"; the environment
    variable REGLOW_ISA asks for another.

    Raises
    ------
    ReglowError
        When REGLOW_ISA asks for one that the processor does not have.
    """
    name = _shared().reglow_instruction_set()
    if name is None:
        raise StateError("REGLOW_ISA asks for an instruction set that there is not on this processor")
    return name.decode()


def available_threads() -> int:
    """Return how many threads this process may use: its cores, cut by the quota of its cgroup."""
    return _shared().reglow_available_threads()
