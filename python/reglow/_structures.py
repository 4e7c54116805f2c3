"""The structs and enumerations of reglow.h, in its order."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char, c_char_p, c_double, c_int, c_size_t, c_uint64, c_void_p

OK, BAD_ARGUMENT, BAD_HANDLE, BUSY, STALE, FILE_ERROR, OUT_OF_MEMORY, CANCELLED, CALLBACK_FAILED, DIVERGED, FAILED = range(11)

MOST_LEVELS = 8
MOST_QUANTILES = 32
NOISE_ESTIMATED = -1.0

# Words of this package for the enumerations; the index is the number of the header.
PRECISIONS = ("fp32", "bf16")
COUPLINGS = ("additive", "affine")
BORDERS = ("unknown", "periodic", "reflect", "replicate", "zero")
CENTRES = ("auto", "middle", "corner", "mass")
RULES = ("noise-variance", "fixed", "discrepancy", "whiteness")
SOLVERS = ("auto", "lbfgs", "adam", "gd", "gauss-newton")
METHODS = ("auto", "analysis", "synthesis")
GRADIENTS = ("model", "bf16", "auto")
STARTS = ("auto", "adjoint", "zero", "random")
STOPS = ("none", "gradient", "progress", "budget", "time", "no-further-progress", "diverged", "cancelled", "closed-form", "schedule")
CERTAINTIES = (None, "measured", "lower-bound", "rounding", "too-few-pixels")
VERDICTS = (None, "ok", "doubtful", "unusable")
ENDINGS = ("steps", "patience", "time", "interrupted")


class Sized(ctypes.Structure):
    """A struct whose first field is its size."""

    def __init__(self, *args: object, **fields: object) -> None:
        super().__init__(*args, **fields)
        self.size = ctypes.sizeof(self)


class Shape(ctypes.Structure):
    _fields_ = [("channels", c_size_t), ("height", c_size_t), ("width", c_size_t)]


class ModelFacts(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("channels", c_size_t),
        ("levels", c_size_t),
        ("steps", c_size_t * MOST_LEVELS),
        ("hidden", c_size_t),
        ("coupling", c_int),
        ("precision", c_int),
        ("size_multiple", c_size_t),
        ("pixel_shift", c_double),
        ("parameters", c_size_t),
        ("weight_bytes", c_size_t),
        ("sha256", c_char * 65),
        ("fixed_height", c_size_t),
        ("fixed_width", c_size_t),
    ]


class PointFacts(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("shape", Shape),
        ("dimensions", c_size_t),
        ("capacity", c_size_t),
        ("threads", c_size_t),
        ("bytes", c_size_t),
        ("record", c_uint64),
        ("count", c_size_t),
    ]


APPLY = CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p)
RELEASE = CFUNCTYPE(None, c_void_p)


class Operator(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("image", Shape),
        ("measurement", Shape),
        ("apply", APPLY),
        ("adjoint", APPLY),
        ("release", RELEASE),
        ("context", c_void_p),
        ("is_nonnegative", c_int),
        ("is_thread_safe", c_int),
    ]


class Scene(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("height", c_size_t),
        ("width", c_size_t),
        ("top", c_size_t),
        ("left", c_size_t),
        ("image_height", c_size_t),
        ("image_width", c_size_t),
    ]


class Iterate(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("image", c_size_t),
        ("evaluations", c_size_t),
        ("passes", c_size_t),
        ("objective", c_double),
        ("data_fidelity", c_double),
        ("prior", c_double),
        ("gradient_norm", c_double),
        ("step", c_double),
        ("seconds", c_double),
        ("unknown", c_int),
        ("gradient_precision", c_int),
        ("is_mirrored", c_int),
        ("window", c_size_t),
        ("windows", c_size_t),
    ]


ON_ITERATE = CFUNCTYPE(c_int, POINTER(Iterate), c_void_p)
ON_POLL = CFUNCTYPE(c_int, c_void_p)
ON_NOTE = CFUNCTYPE(None, c_size_t, c_char_p, c_void_p)


class RestoreOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("noise", c_double),
        ("rule", c_int),
        ("regularization_weight", c_double),
        ("minimizer", c_int),
        ("formulation", c_int),
        ("max_evaluations", c_size_t),
        ("max_seconds", c_double),
        ("gradient_tolerance", c_double),
        ("progress_tolerance", c_double),
        ("self_ensemble", c_int),
        ("full_map", c_int),
        ("gradients", c_int),
        ("start", c_int),
        ("start_seed", c_uint64),
        ("threads", c_size_t),
        ("max_batch", c_size_t),
        ("memory_limit", c_size_t),
        ("on_iterate", ON_ITERATE),
        ("on_poll", ON_POLL),
        ("on_note", ON_NOTE),
        ("context", c_void_p),
        ("ensemble", c_size_t),
    ]


class Measurements(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("count", c_size_t),
        ("shape", Shape),
        ("values", c_void_p),
        ("trusted", c_void_p),
        ("trusted_count", c_size_t),
        ("trusted_channels", c_size_t),
        ("saturated", c_double),
        ("start", c_void_p),
        ("start_channels", c_size_t),
    ]


class ResultFacts(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("status", c_int),
        ("shape", Shape),
        ("objective", c_double),
        ("data_fidelity", c_double),
        ("prior", c_double),
        ("mirrored_objective", c_double),
        ("regularization_weight", c_double),
        ("is_regularization_settled", c_int),
        ("path_count", c_size_t),
        ("noise", c_double),
        ("estimated_noise", c_double),
        ("estimate_error", c_double),
        ("certainty", c_int),
        ("evaluations", c_size_t),
        ("bf16_evaluations", c_size_t),
        ("passes", c_size_t),
        ("seconds", c_double),
        ("stop", c_int),
        ("iterate_count", c_size_t),
        ("windows", c_size_t),
        ("missing_pixels", c_size_t),
        ("missing_values", c_size_t),
    ]


class PathStep(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("regularization_weight", c_double),
        ("data_fidelity", c_double),
        ("prior", c_double),
        ("measure", c_double),
        ("evaluations", c_size_t),
    ]


class PosteriorOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("samples", c_size_t),
        ("chains", c_size_t),
        ("burn_in", c_size_t),
        ("steps_per_sample", c_size_t),
        ("quantiles", c_double * MOST_QUANTILES),
        ("quantile_count", c_size_t),
        ("seed", c_uint64),
    ]


class PosteriorFacts(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("samples", c_size_t),
        ("quantile_count", c_size_t),
        ("chains", c_size_t),
        ("acceptance", c_double),
        ("r_hat", c_double),
        ("effective_samples", c_double),
        ("median_effective_samples", c_double),
        ("evaluations", c_size_t),
        ("seconds", c_double),
    ]


class TrainingRecord(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("step", c_size_t),
        ("images", c_size_t),
        ("seconds", c_double),
        ("bits_per_dimension", c_double),
        ("validation_bits_per_dimension", c_double),
        ("learning_rate", c_double),
        ("gradient_norm", c_double),
        ("images_per_second", c_double),
        ("skipped_steps", c_size_t),
    ]


class TrainingOutcome(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("ending", c_int),
        ("step", c_size_t),
        ("bits_per_dimension", c_double),
        ("lowest_validation_bits", c_double),
    ]


ON_STEP = CFUNCTYPE(c_int, c_size_t, c_double, c_void_p)
ON_RECORD = CFUNCTYPE(None, POINTER(TrainingRecord), c_void_p)
ON_TRAINING_NOTE = CFUNCTYPE(None, c_char_p, c_void_p)


class TrainOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("images", c_char_p),
        ("model", c_char_p),
        ("from", c_char_p),
        ("validation", c_char_p),
        ("license", c_char_p),
        ("resume", c_int),
        ("levels", c_size_t),
        ("steps_per_level", c_size_t),
        ("hidden", c_size_t),
        ("coupling", c_int),
        ("crop", c_size_t),
        ("batch", c_size_t),
        ("flips", c_int),
        ("downscale", c_double),
        ("chroma_detail", c_double),
        ("clean_jpeg", c_size_t),
        ("noise_bits", c_size_t),
        ("validation_crops", c_size_t),
        ("steps", c_size_t),
        ("learning_rate", c_double),
        ("warm_up", c_size_t),
        ("cosine_decay", c_int),
        ("clip", c_double),
        ("ema_decay", c_double),
        ("report_every", c_size_t),
        ("validate_every", c_size_t),
        ("samples_every", c_size_t),
        ("checkpoint_every", c_size_t),
        ("patience", c_size_t),
        ("stop_after_seconds", c_double),
        ("seed", c_uint64),
        ("precision", c_int),
        ("threads", c_size_t),
        ("activation_memory", c_size_t),
        ("image_memory", c_size_t),
        ("on_step", ON_STEP),
        ("on_record", ON_RECORD),
        ("on_note", ON_TRAINING_NOTE),
        ("context", c_void_p),
    ]


ON_IMPORT_NOTE = CFUNCTYPE(None, c_char_p, c_void_p)


class ImportOptions(Sized):
    _fields_ = [
        ("size", c_size_t),
        ("config", c_char_p),
        ("settings", c_char_p),
        ("probe", c_char_p),
        ("noise_levels", c_size_t),
        ("threads", c_size_t),
        ("on_note", ON_IMPORT_NOTE),
        ("context", c_void_p),
    ]
