"""Arguments that are no arrays: each is checked where it enters, and the error names it."""

from __future__ import annotations

import difflib
import math
import operator
import os
import re
from typing import Any

from .errors import ArgumentError, ArgumentTypeError

MOST_THREADS = 1024
_UNITS = {
    "b": 1.0,
    "k": 1e3,
    "m": 1e6,
    "g": 1e9,
    "t": 1e12,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "tb": 1e12,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
    "tib": 2.0**40,
}


def whole(value: Any, name: str, least: int = 0, most: int = 2**63 - 1) -> int:
    """Return a whole number from `least` to `most`."""
    if isinstance(value, bool):
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a whole number", name)
    try:
        number = operator.index(value)
    except TypeError as error:
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a whole number", name) from error
    if not least <= number <= most:
        bounds = f"at least {least}" if most >= 2**62 else f"from {least} to {most}"
        raise ArgumentError(f"{name} is {number}, but must be {bounds}", name)
    return number


def number(value: Any, name: str, least: float = -math.inf, most: float = math.inf, *, below: bool = False, above: bool = False) -> float:
    """Return a finite number from `least` to `most`; `above` and `below` leave out the bound itself."""
    if isinstance(value, (bool, str)):
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a number", name)
    try:
        found = float(value)
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a number", name) from error
    inside = (found > least if above else found >= least) and (found < most if below else found <= most)
    if not (math.isfinite(found) and inside):
        low = f"{'above' if above else 'at least'} {least:g}" if least > -math.inf else ""
        high = f"{'below' if below else 'at most'} {most:g}" if most < math.inf else ""
        raise ArgumentError(f"{name} is {value!r}, but must be {' and '.join(text for text in (low, high) if text) or 'finite'}", name)
    return found


def choice(value: Any, name: str, words: tuple[str, ...]) -> int:
    """Return the index of a word."""
    if isinstance(value, str) and value in words:
        return words.index(value)
    near = difflib.get_close_matches(value, words, 1) if isinstance(value, str) else []
    hint = f". Did you mean {near[0]!r}?" if near else ""
    kind = ArgumentError if isinstance(value, str) else ArgumentTypeError
    raise kind(f"{name} is {value!r}, but must be one of {', '.join(map(repr, words))}{hint}", name)


def flag(value: Any, name: str) -> int:
    """Return 0 or 1 for a bool."""
    if not isinstance(value, (bool, int)) or value not in (0, 1):
        raise ArgumentTypeError(f"{name} is {value!r}, but must be True or False", name)
    return int(value)


def seed(value: Any, name: str = "seed") -> int:
    """Return a seed: a whole number of 64 bits."""
    return whole(value, name, 0, 2**64 - 1)


def thread_count(value: Any, name: str = "threads") -> int:
    """Return a count of threads; 0 stands for None, what the machine and its cgroup offer."""
    return 0 if value is None else whole(value, name, 1, MOST_THREADS)


def size(value: Any, name: str = "size") -> tuple[int, int]:
    """Return a height and a width."""
    try:
        sides = tuple(value)
    except TypeError as error:
        raise ArgumentTypeError(f"{name} is {value!r}, but must be (height, width)", name) from error
    if len(sides) != 2:
        raise ArgumentError(f"{name} is {value!r}, but must be (height, width)", name)
    return whole(sides[0], f"{name}[0]", 1, 2**31 - 1), whole(sides[1], f"{name}[1]", 1, 2**31 - 1)


def shape(value: Any, name: str) -> tuple[int, ...]:
    """Return a shape: whole numbers of at least 1."""
    try:
        sides = tuple(value)
    except TypeError as error:
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a tuple of whole numbers", name) from error
    return tuple(whole(side, name, 1) for side in sides)


def byte_count(value: Any, name: str = "memory") -> int:
    """Return a count of bytes, given as one or as a text with a unit such as 4GB; 0 stands for None."""
    if value is None:
        return 0
    if not isinstance(value, str):
        return whole(value, name, 1)
    found = re.fullmatch(r"\s*([0-9]*\.?[0-9]+)\s*([a-zA-Z]+)\s*", value)
    if found is None or found[2].lower() not in _UNITS or not 1 <= float(found[1]) * _UNITS[found[2].lower()] < 2**62:
        raise ArgumentError(f"{name} is {value!r}, but must be a count of bytes, or a text such as '800MB', '4GB' or '2GiB'", name)
    return int(float(found[1]) * _UNITS[found[2].lower()])


def path(value: Any, name: str) -> bytes:
    """Return a path as the system has it, ~ expanded."""
    try:
        found = os.fsencode(os.path.expanduser(os.fspath(value)))
    except TypeError as error:
        raise ArgumentTypeError(f"{name} is {value!r}, but must be a path", name) from error
    if not found or b"\0" in found:
        raise ArgumentError(f"{name} is {value!r}, but must be a path", name)
    return found
