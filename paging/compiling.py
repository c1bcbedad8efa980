"""Kernels: functions that numba compiles. That takes seconds, once on every machine: the result is kept on disk."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar, cast

from paging.interruption import HeldBack

F = TypeVar("F", bound=Callable[..., Any])

_listeners: list[Callable[[], None]] = []


def kernel(function: F) -> F:
    """Decorator: compile ``function`` when it is first called, unless that was done before with the kernels of today.

    It runs without Python's lock: a long one has a thread of its own (paging.stoppable).
    """
    import numba

    from paging.kernel_store import store

    _watch()
    chosen = numba.config.CACHE_DIR  # type: ignore[attr-defined]
    folder = store(function.__code__.co_filename, chosen)
    numba.config.CACHE_DIR = str(folder or chosen)  # type: ignore[attr-defined]  # read when a kernel is declared
    try:
        return cast("F", numba.njit(cache=folder is not None, nogil=True)(function))
    finally:
        numba.config.CACHE_DIR = chosen  # type: ignore[attr-defined]


def tell(listener: Callable[[], None]) -> None:
    """Have ``listener`` called once, when the first kernel is compiled; never where all of them are found on disk."""
    _listeners.append(listener)


@cache
def _watch() -> None:
    """Hear of numba's events: "numba:compile", which a kernel that is found on disk does not cause; the lock under which
    kernels are compiled or loaded; the passes of a compilation.

    LLVM calls back into Python, where Ctrl-C would be dropped; it is held back until the next pass begins.
    """
    from numba.core import event

    held = HeldBack()

    class _Listener(event.Listener):
        def __init__(self, start: Callable[[], None], end: Callable[[], None] = lambda: None) -> None:
            self._start, self._end = start, end

        def on_start(self, event: object) -> None:
            self._start()

        def on_end(self, event: object) -> None:
            self._end()

    for name, listener in (
        ("numba:compile", _Listener(_tell)),
        ("numba:compiler_lock", _Listener(held.begin, held.end)),
        ("numba:run_pass", _Listener(held.look)),
    ):
        event.register(name, listener)  # type: ignore[no-untyped-call]


def _tell() -> None:
    while _listeners:
        _listeners.pop()()
