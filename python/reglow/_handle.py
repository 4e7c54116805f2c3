"""A handle of the library, which is released when nothing in Python needs it any more."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

from ._calls import call
from ._library import library
from .errors import StateError


class Handle:
    """Owns what a maker of the library gave.

    ctypes takes it as it is where a function wants a handle.
    """

    def __init__(self, kind: str, maker: str, *arguments: Any, keep: Any = None) -> None:
        """Call a maker.

        Parameters
        ----------
        kind : str
            "model", "point", "problem", "restorer", "result" or "import".
        maker : str
            The function, without the prefix.
        *arguments
            Its arguments but the last, which receives the handle.
        keep : object
            What must live as long as the handle is used: callbacks.
        """
        received = ctypes.c_void_p()
        call(maker, *arguments, ctypes.byref(received))
        self._take(kind, received.value, keep)

    @classmethod
    def of(cls, kind: str, value: int) -> Handle:
        """Take over a handle that was received already."""
        self = cls.__new__(cls)
        self._take(kind, value, None)
        return self

    def _take(self, kind: str, value: int | None, keep: Any) -> None:
        self._kind = kind
        self._value = value
        # Not an argument of the finalizer: what is kept may refer to this handle, and would then never be released.
        self._keep = keep
        self._release = weakref.finalize(self, _free, kind, value)
        # The end of the process releases everything.
        self._release.atexit = False

    @property
    def _as_parameter_(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self._value)

    def require_open(self) -> None:
        """Raise a `StateError` where it was released."""
        if not self._release.alive:
            raise StateError(f"this {self._kind} is closed")

    @property
    def is_open(self) -> bool:
        """Whether it was not released yet."""
        return self._release.alive

    def close(self) -> None:
        """Release it now. A second time does nothing."""
        self._release()

    def __reduce__(self) -> Any:
        raise TypeError(f"a {self._kind} of the library cannot be copied or pickled")


def _free(kind: str, value: int | None) -> None:
    if value is not None:
        getattr(library(), f"reglow_{kind}_free")(value)
