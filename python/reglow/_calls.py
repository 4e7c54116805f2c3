"""Calls of the library: from its status to an exception, callbacks that may raise, and Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from . import _structures as s
from ._library import library
from .errors import ArgumentError, FileError, MissingFileError, OutOfMemoryError, SolveError, StaleRecordError, StateError

_active = threading.local()


def ask(name: str, *arguments: Any) -> Any:
    """Call a function that returns what is asked for.

    A handle that is closed is an error here: ctypes would make another one of its exception.
    """
    for argument in arguments:
        if (require_open := getattr(argument, "require_open", None)) is not None:
            require_open()
    return getattr(library(), "reglow_" + name)(*arguments)


def call(name: str, *arguments: Any) -> None:
    """Call a function that returns a status, and raise what it says."""
    status = ask(name, *arguments)
    if status != s.OK:
        raise error_of(status)


def error_of(status: int, message: str | None = None) -> Exception:
    """Return the exception for a status, with the text of the last error unless there is a message."""
    text = message if message is not None else library().reglow_last_error().decode("utf-8", "replace")
    if status == s.BAD_ARGUMENT:
        return ArgumentError(text)
    if status == s.STALE:
        return StaleRecordError(text)
    if status in (s.BAD_HANDLE, s.BUSY):
        return StateError(text)
    if status == s.FILE_ERROR:
        missing = "No such file" in text or "neither a model file nor a shipped prior" in text
        return MissingFileError(text) if missing else FileError(text)
    if status == s.OUT_OF_MEMORY:
        return OutOfMemoryError(text)
    return SolveError(text)


class Watch:
    """One call of the library that calls back, on one thread: the first exception of a callback,
    and whether Ctrl-C was pressed.

    The library must never see an exception. Every callback of the call goes through `guard`, which
    keeps the exception and asks the library to end; `raise_failure` raises it, with its traceback,
    once the call is over.
    """

    def __init__(self) -> None:
        self.failure: BaseException | None = None
        self.interrupted = False

    @property
    def wants_end(self) -> bool:
        """Whether the library is to end."""
        return self.interrupted or self.failure is not None

    def guard(self, work: Callable[[], Any]) -> int:
        """Run a piece of a callback; return what the library is to be told: 0, or 1 to end."""
        if self.wants_end:
            return 1
        try:
            return 1 if work() or self.wants_end else 0
        except BaseException as failure:
            self.failure = failure
            return 1

    def raise_failure(self) -> None:
        """Raise what a callback raised."""
        if self.failure is not None:
            failure, self.failure = self.failure, None
            raise failure


def current_watch() -> Watch | None:
    """Return the watch of the call that this thread is in; None outside of one."""
    watches = getattr(_active, "watches", None)
    return watches[-1] if watches else None


@contextmanager
def watched() -> Iterator[Watch]:
    """Watch one call of the library.

    While it runs, and this is the main thread, Ctrl-C sets a flag instead of raising an exception
    at a place where it would be lost: in a callback. A handler of the program's own is run as
    before, within the call; what it raises ends the call and is raised after it.
    """
    watch = Watch()
    watches = _active.watches = getattr(_active, "watches", [])
    watches.append(watch)
    former = _listen(watch)
    try:
        yield watch
    finally:
        watches.pop()
        if former is not None:
            signal.signal(signal.SIGINT, former)


def watched_call(name: str, *arguments: Any) -> None:
    """Call a function that may call back, and raise what the callback raised, or what the status says."""
    with watched() as watch:
        status = ask(name, *arguments)
        text = library().reglow_last_error().decode("utf-8", "replace") if status != s.OK else ""
    watch.raise_failure()
    if watch.interrupted:
        raise KeyboardInterrupt
    if status != s.OK:
        raise error_of(status, text)


def _listen(watch: Watch) -> Any:
    """Replace the handler of SIGINT, and return the former one; None where it is left alone."""
    if threading.current_thread() is not threading.main_thread():
        return None
    former = signal.getsignal(signal.SIGINT)
    if not callable(former):
        return None

    def handle(number: int, frame: FrameType | None) -> None:
        if former is signal.default_int_handler:
            watch.interrupted = True
            return
        try:
            former(number, frame)
        except BaseException as failure:
            watch.failure = watch.failure or failure

    signal.signal(signal.SIGINT, handle)
    return former
