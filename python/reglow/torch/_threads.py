"""The threads of PyTorch, while those of Reglow work."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import torch

_lock = threading.Lock()
_inside = 0
_former = 1
_mine = threading.local()


@contextmanager
def one_thread() -> Iterator[None]:
    """Let PyTorch use one thread, and put its number back at the end.

    PyTorch's idle threads wait for their next loop by spinning, and so take the cores that Reglow
    computes on. Put this around a loop that uses both in turn. It may be nested, and be entered by
    several threads at once; the number is that of the thread that enters.

    Examples
    --------
    >>> with reglow.torch.one_thread():
    ...     for step in range(100):
    ...         optimizer.step(closure)
    """
    global _inside, _former
    if getattr(_mine, "is_inside", False):
        yield
        return
    number = torch.get_num_threads()
    with _lock:
        # A thread that is new while another is inside begins with the number of that one, 1.
        if _inside == 0:
            _former = number
        elif number == 1:
            number = _former
        _inside += 1
    torch.set_num_threads(1)
    _mine.is_inside = True
    try:
        yield
    finally:
        _mine.is_inside = False
        torch.set_num_threads(number)
        with _lock:
            _inside -= 1
