"""What happens during a call: iterates go to the caller, and Ctrl-C is seen."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from . import _structures as s
from ._calls import Watch, watched
from ._handle import Handle
from ._library import library
from ._pixels import Pixels
from .errors import ArgumentTypeError
from .prior import Prior
from .progress import Bar, Progress, read_progress


class Report:
    """The progress of one call: takes iterates to the caller's function or the bar, and knows of Ctrl-C."""

    def __init__(self, progress: Any, pixels: Pixels, shape: tuple[int, int, int]) -> None:
        if progress not in (None, False, True) and not callable(progress):
            raise ArgumentTypeError(f"progress is {progress!r}, but must be True or a function", "progress")
        self.watch = Watch()
        self._bar = Bar(len(pixels.planes)) if progress is True else None
        self._tell: Callable[[Progress], Any] | None = self._bar if self._bar is not None else progress or None
        self._shape = shape
        self._images = pixels.result

    def on_iterate(self, pointer: Any, _context: int | None) -> int:
        """Take an iterate of the library."""
        return self.watch.guard(lambda: self._show(pointer))

    def on_poll(self, _context: int | None) -> int:
        """Say whether the call is to end; Python sees Ctrl-C as this begins."""
        return self.watch.guard(lambda: False)

    def _show(self, pointer: Any) -> bool:
        if self._tell is None:
            return False
        progress = read_progress(pointer, self._shape, self._images)
        try:
            return self._tell(progress) is True
        finally:
            progress._iterate.clear()

    def __enter__(self) -> Report:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()


def run(
    flow: Prior, problem: Handle, measurements: s.Measurements, settings: s.RestoreOptions, report: Report
) -> tuple[int, str, Handle | None]:
    """Call the library; return its status and what it says, and the result where there is one."""
    received = ctypes.c_void_p()
    with watched() as watch:
        report.watch = watch
        settings.on_iterate, settings.on_poll = s.ON_ITERATE(report.on_iterate), s.ON_POLL(report.on_poll)
        status = library().reglow_restore(flow._handle, problem, ctypes.byref(measurements), ctypes.byref(settings), ctypes.byref(received))
        message = "" if status == s.OK else library().reglow_last_error().decode("utf-8", "replace")
    return status, message, Handle.of("result", received.value) if received.value else None
