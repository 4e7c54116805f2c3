"""What can go wrong, as exceptions.

Each is a `ReglowError`, and also the built-in exception that a Python programmer expects, so that
both ``except reglow.ReglowError`` and ``except ValueError`` work.
"""

from __future__ import annotations

from typing import Any


class ReglowError(Exception):
    """The base of all exceptions of this package, but `Interrupted`."""


class ArgumentError(ReglowError, ValueError):
    """An argument has a value that cannot be used.

    Attributes
    ----------
    argument : str or None
        The name of the argument, where it is known.
    """

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.argument)


class ArgumentTypeError(ReglowError, TypeError):
    """An argument is of a type that cannot be used.

    Attributes
    ----------
    argument : str or None
        The name of the argument, where it is known.
    """

    def __init__(self, message: str, argument: str | None = None) -> None:
        super().__init__(message)
        self.argument = argument

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.args[0], self.argument)


class FileError(ReglowError, OSError):
    """A file cannot be read or written, or does not hold what it should."""


class MissingFileError(FileError, FileNotFoundError):
    """A file, or a shipped prior, is not there."""


class SolveError(ReglowError, RuntimeError):
    """The work itself failed: a solve or a training that cannot go on."""


class RestorationError(SolveError):
    """Images could not be restored, or their solves diverged.

    Attributes
    ----------
    result : Restoration or RestorationBatch
        What there is, with the images that were restored; `message` of the others says what
        happened.
    """

    def __init__(self, message: str, result: Any = None) -> None:
        super().__init__(message)
        self.result = result


class OutOfMemoryError(ReglowError, MemoryError):
    """There is not enough memory for what was asked for."""


class StateError(ReglowError, RuntimeError):
    """An object is used in an order in which it cannot be: closed, without a record, or by two threads at once."""


class StaleRecordError(StateError):
    """A product with the Jacobian was asked for at a point that holds another record by now."""


class LibraryError(ReglowError, ImportError):
    """The shared library is missing, or of another version than this package."""


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during a restoration; what was found until then is in `result`.

    It is a `KeyboardInterrupt`, so that a program that does not ask for it ends as it should. In an
    interactive session the result is at hand as ``sys.last_value.result``.

    Attributes
    ----------
    result : Restoration, RestorationBatch or None
        The best images so far; None where nothing had been evaluated.
    """

    def __init__(self, message: str = "interrupted", result: Any = None) -> None:
        super().__init__(message)
        self.result = result
