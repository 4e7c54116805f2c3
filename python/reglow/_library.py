"""The shared library: found, loaded once, and every function of reglow.h with its types."""

from __future__ import annotations

import ctypes
import os
from ctypes import POINTER, c_char_p, c_double, c_int, c_size_t, c_uint64, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from . import _structures as s
from ._version import __version__
from .errors import LibraryError

NAME = "libreglow.so.0"
PACKAGE = Path(__file__).resolve().parent

_HANDLE = c_void_p
_NEW = POINTER(c_void_p)
_FLOATS = c_void_p
_DOUBLES = c_void_p
_BYTES = c_void_p
_SHAPE = POINTER(s.Shape)

# Each function that returns a status, with its arguments; then those that return something else.
_CALLS: dict[str, list[Any]] = {
    "model_load": [c_char_p, c_int, _NEW],
    "model_free": [_HANDLE],
    "model_describe": [_HANDLE, POINTER(s.ModelFacts)],
    "point_new": [_HANDLE, c_size_t, c_size_t, c_size_t, c_size_t, _NEW],
    "point_free": [_HANDLE],
    "point_describe": [_HANDLE, POINTER(s.PointFacts)],
    "point_bytes": [_HANDLE, c_size_t, c_size_t, c_size_t, c_size_t, POINTER(c_size_t)],
    "forward": [_HANDLE, _FLOATS, c_size_t, _FLOATS, _DOUBLES, POINTER(c_uint64)],
    "inverse": [_HANDLE, _FLOATS, c_size_t, _FLOATS, _DOUBLES, POINTER(c_uint64)],
    "forward_jvp": [_HANDLE, c_uint64, _FLOATS, _FLOATS],
    "forward_vjp": [_HANDLE, c_uint64, _FLOATS, _DOUBLES, _FLOATS],
    "inverse_jvp": [_HANDLE, c_uint64, _FLOATS, _FLOATS],
    "inverse_vjp": [_HANDLE, c_uint64, _FLOATS, _DOUBLES, _FLOATS],
    "sample": [_HANDLE, c_size_t, c_size_t, c_size_t, c_double, c_uint64, c_size_t, _FLOATS],
    "log_likelihood": [_HANDLE, _FLOATS, c_size_t, c_size_t, c_size_t, c_size_t, _DOUBLES],
    "bits_per_dimension": [_HANDLE, _FLOATS, c_size_t, c_size_t, c_size_t, c_size_t, c_uint64, c_size_t, _DOUBLES],
    "problem_denoise": [_NEW],
    "problem_deblur": [c_char_p, c_int, _NEW],
    "problem_deblur_array": [_FLOATS, c_size_t, c_size_t, c_int, c_int, _NEW],
    "problem_superresolve": [c_size_t, c_char_p, c_int, _NEW],
    "problem_inpaint_random": [c_double, c_uint64, _NEW],
    "problem_inpaint_hole": [c_size_t, _NEW],
    "problem_inpaint_mask": [_BYTES, c_size_t, c_size_t, c_size_t, _NEW],
    "problem_compressive": [c_size_t, c_size_t, c_size_t, c_uint64, _NEW],
    "operator_init": [POINTER(s.Operator), c_size_t],
    "problem_linear": [POINTER(s.Operator), _NEW],
    "problem_free": [_HANDLE],
    "problem_scene": [_HANDLE, c_size_t, c_size_t, POINTER(s.Scene)],
    "problem_measurement_shape": [_HANDLE, _SHAPE, _SHAPE],
    "problem_apply": [_HANDLE, _SHAPE, _FLOATS, c_size_t, _FLOATS],
    "problem_adjoint": [_HANDLE, _SHAPE, _FLOATS, c_size_t, _FLOATS],
    "problem_measured": [_HANDLE, _SHAPE, _BYTES],
    "problem_norm": [_HANDLE, _SHAPE, c_size_t, POINTER(c_double)],
    "problem_degrade": [_HANDLE, _SHAPE, _FLOATS, c_size_t, c_double, c_uint64, _FLOATS],
    "restore_options_init": [POINTER(s.RestoreOptions), c_size_t],
    "measurements_init": [POINTER(s.Measurements), c_size_t],
    "restorer_new": [_HANDLE, _HANDLE, POINTER(s.RestoreOptions), _NEW],
    "restorer_free": [_HANDLE],
    "restorer_run": [_HANDLE, POINTER(s.Measurements), _NEW],
    "restore": [_HANDLE, _HANDLE, POINTER(s.Measurements), POINTER(s.RestoreOptions), _NEW],
    "iterate_image": [POINTER(s.Iterate), _FLOATS, c_size_t],
    "estimate_noise": [_FLOATS, _SHAPE, _BYTES, POINTER(c_double), POINTER(c_int)],
    "result_describe": [_HANDLE, c_size_t, POINTER(s.ResultFacts)],
    "result_copy_image": [_HANDLE, c_size_t, _FLOATS, c_size_t],
    "result_iterate": [_HANDLE, c_size_t, c_size_t, POINTER(s.Iterate)],
    "result_path_step": [_HANDLE, c_size_t, c_size_t, POINTER(s.PathStep)],
    "result_free": [_HANDLE],
    "posterior_options_init": [POINTER(s.PosteriorOptions), c_size_t],
    "restorer_posterior": [_HANDLE, POINTER(s.Measurements), POINTER(s.PosteriorOptions), _NEW],
    "result_posterior": [_HANDLE, c_size_t, POINTER(s.PosteriorFacts)],
    "psnr": [_FLOATS, _FLOATS, _SHAPE, POINTER(c_double)],
    "ssim": [_FLOATS, _FLOATS, _SHAPE, POINTER(c_double)],
    "train_options_init": [POINTER(s.TrainOptions), c_size_t],
    "train": [POINTER(s.TrainOptions), POINTER(s.TrainingOutcome)],
    "import_options_init": [POINTER(s.ImportOptions), c_size_t],
    "import_checkpoint": [c_char_p, POINTER(s.ImportOptions), _NEW],
    "import_free": [_HANDLE],
    "import_write": [_HANDLE, c_char_p],
    "export_model": [c_char_p, c_char_p, c_size_t, c_char_p, POINTER(c_size_t)],
}
_VALUES: dict[str, tuple[Any, list[Any]]] = {
    "last_error": (c_char_p, []),
    "status_name": (c_char_p, [c_int]),
    "version": (c_char_p, []),
    "instruction_set": (c_char_p, []),
    "available_threads": (c_size_t, []),
    "prior_count": (c_size_t, []),
    "prior_name": (c_char_p, [c_size_t]),
    "prior_for_restoring": (c_char_p, [c_size_t, c_size_t]),
    "prior_for_size": (c_char_p, [c_size_t, c_size_t]),
    "model_path": (c_char_p, [_HANDLE]),
    "model_card": (c_char_p, [_HANDLE, c_char_p]),
    "model_card_key": (c_char_p, [_HANDLE, c_size_t]),
    "import_report": (c_char_p, [_HANDLE]),
    "problem_note": (c_char_p, [_HANDLE, c_size_t]),
    "result_count": (c_size_t, [_HANDLE]),
    "result_image": (c_void_p, [_HANDLE, c_size_t]),
    "result_message": (c_char_p, [_HANDLE, c_size_t]),
    "result_deviation": (c_void_p, [_HANDLE, c_size_t]),
    "result_mode": (c_void_p, [_HANDLE, c_size_t]),
    "result_quantile": (c_void_p, [_HANDLE, c_size_t, c_size_t]),
    "result_sample": (c_void_p, [_HANDLE, c_size_t, c_size_t]),
    "result_trust": (c_char_p, [_HANDLE, c_size_t, POINTER(c_int)]),
    "result_note": (c_char_p, [_HANDLE, c_size_t, POINTER(c_size_t)]),
}


@cache
def library() -> ctypes.CDLL:
    """Return the library, loaded.

    It is the one that the environment variable REGLOW_LIBRARY names, else the one inside this
    package, else one that the system's loader finds (``make install``).

    Raises
    ------
    LibraryError
        When there is none, or it is of another version.
    """
    named = os.environ.get("REGLOW_LIBRARY")
    own = PACKAGE / "lib" / NAME
    path = named or (str(own) if own.exists() else NAME)
    try:
        loaded = ctypes.CDLL(path)
    except OSError as error:
        why = f"REGLOW_LIBRARY is {named}: " if named else ""
        raise LibraryError(
            f"{why}the shared library of Reglow cannot be loaded ({error}). A wheel has it inside; `pip install ./python` builds it "
            "where Swift is; REGLOW_LIBRARY=/path/to/libreglow.so.0 names one"
        ) from error
    try:
        for name, arguments in _CALLS.items():
            function = getattr(loaded, "reglow_" + name)
            function.argtypes, function.restype = arguments, c_int
        for name, (result, arguments) in _VALUES.items():
            function = getattr(loaded, "reglow_" + name)
            function.argtypes, function.restype = arguments, result
    except AttributeError as error:
        raise LibraryError(f"{path} is no library of Reglow {__version__}: {error}") from error
    found = loaded.reglow_version().decode()
    if found.split(".")[:2] != __version__.split(".")[:2]:
        raise LibraryError(f"{path} is of version {found}, but this package is of {__version__}")
    return loaded
