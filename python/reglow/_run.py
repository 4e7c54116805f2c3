"""What happens during a call: iterates go to the caller, and Ctrl-C is seen."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

from . import _structures as s
from ._calls import Watch, ask, watched
from ._handle import Handle
from ._library import library
from ._pixels import Pixels
from .errors import ArgumentTypeError
from .prior import Prior
from .progress import Bar, Progress, read_progress


class Report:
    """The progress of one call: takes iterates to the caller's function or the bar, and knows of Ctrl-C."""

    def __init__(self, tell: Callable[[Progress], Any] | None, pixels: Pixels, shape: tuple[int, int, int], first: int = 0) -> None:
        """Take what is told, and the index of the first image of the call among all that are restored."""
        self.watch = Watch()
        self._tell = tell
        self._shape = shape
        self._images = pixels.result
        self._first = first

    def on_iterate(self, pointer: Any, _context: int | None) -> int:
        """Take an iterate of the library."""
        return self.watch.guard(lambda: self._show(pointer))

    def on_poll(self, _context: int | None) -> int:
        """Say whether the call is to end; Python sees Ctrl-C as this begins."""
        return self.watch.guard(lambda: False)

    def _show(self, pointer: Any) -> bool:
        if self._tell is None:
            return False
        progress = read_progress(pointer, self._shape, self._images, self._first)
        try:
            return self._tell(progress) is True
        finally:
            progress._iterate.clear()


class Runner:
    """Restorers of the library, kept for later calls with the same options, and the report of the call that runs."""

    def __init__(self) -> None:
        self._restorers: dict[tuple[Handle, Handle, bytes], Handle] = {}
        self._report: Report | None = None
        self._callbacks = s.ON_ITERATE(self._on_iterate), s.ON_POLL(self._on_poll)

    def run(
        self,
        flow: Prior,
        problem: Handle,
        measurements: s.Measurements,
        settings: s.RestoreOptions,
        report: Report,
        posterior: s.PosteriorOptions | None = None,
    ) -> tuple[int, str, Handle | None]:
        """Call the library; return its status and what it says, and the result where there is one."""
        received = ctypes.c_void_p()
        with watched() as watch:
            report.watch, self._report = watch, report
            try:
                restorer = self._restorer(flow, problem, settings)
                arguments = restorer, ctypes.byref(measurements)
                if posterior is None:
                    status = ask("restorer_run", *arguments, ctypes.byref(received))
                else:
                    status = ask("restorer_posterior", *arguments, ctypes.byref(posterior), ctypes.byref(received))
                message = "" if status == s.OK else library().reglow_last_error().decode("utf-8", "replace")
            finally:
                self._report = None
        return status, message, Handle.of("result", received.value) if received.value else None

    def close(self) -> None:
        """Release what is kept."""
        for restorer in self._restorers.values():
            restorer.close()
        self._restorers.clear()

    def _restorer(self, flow: Prior, problem: Handle, settings: s.RestoreOptions) -> Handle:
        key = (flow._handle, problem, bytes(settings))
        if key not in self._restorers:
            settings.on_iterate, settings.on_poll = self._callbacks
            self._restorers[key] = Handle("restorer", "restorer_new", flow._handle, problem, ctypes.byref(settings), keep=self._callbacks)
        return self._restorers[key]

    def _on_iterate(self, pointer: Any, context: int | None) -> int:
        return 1 if self._report is None else self._report.on_iterate(pointer, context)

    def _on_poll(self, context: int | None) -> int:
        return 1 if self._report is None else self._report.on_poll(context)


def make_tell(progress: Any, images: int) -> tuple[Callable[[Progress], Any] | None, Callable[[], None]]:
    """Return what is told of iterates, and what is called at the end."""
    if progress is None or progress is False:
        return None, lambda: None
    if progress is True:
        bar = Bar(images)
        return bar, bar.close
    if not callable(progress):
        raise ArgumentTypeError(f"progress is {progress!r}, but must be True or a function", "progress")
    return progress, lambda: None
