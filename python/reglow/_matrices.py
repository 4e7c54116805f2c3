"""Matrices and operators of numpy and scipy, by what they can do."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._callbacks import Map
from .errors import ArgumentTypeError


def matrix_shape(operator: Any) -> tuple[int, int]:
    shape = getattr(operator, "shape", None)
    if not isinstance(shape, tuple) or len(shape) != 2:
        raise ArgumentTypeError(
            f"the operator is {type(operator).__name__}, but must be a matrix, or have shape (M, N), matvec and rmatvec", "operator"
        )
    if np.dtype(getattr(operator, "dtype", None) or np.float32).kind == "c":
        raise ArgumentTypeError("the operator is complex, but must be real", "operator")
    return int(shape[0]), int(shape[1])


def matrix_products(operator: Any) -> tuple[Map, Map]:
    if hasattr(operator, "matvec") and hasattr(operator, "rmatvec"):
        return operator.matvec, operator.rmatvec
    if not hasattr(operator, "__matmul__") or not hasattr(operator, "T"):
        raise ArgumentTypeError(
            f"the operator is {type(operator).__name__}, but must be a matrix, or have shape (M, N), matvec and rmatvec", "operator"
        )
    transposed = operator.T
    return lambda x: operator @ x, lambda y: transposed @ y


def is_matrix_like(value: Any) -> bool:
    """Whether `LinearOperator.wrap` would take a value."""
    shape = getattr(value, "shape", None)
    has_products = (hasattr(value, "matvec") and hasattr(value, "rmatvec")) or (hasattr(value, "T") and hasattr(value, "__matmul__"))
    return isinstance(shape, tuple) and len(shape) == 2 and has_products
