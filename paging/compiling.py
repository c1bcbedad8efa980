"""Being told when a kernel is compiled. That takes seconds, once on every machine: numba keeps the result on disk."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[], None]] = []
_watching = False


def tell(listener: Callable[[], None]) -> None:
    """Have ``listener`` called once, when the first kernel is compiled; never where all of them are found on disk."""
    _listeners.append(listener)


def watch() -> None:
    """For the packages of kernels: numba is there, and says when it compiles (its event "numba:compile", which a kernel that is
    found on disk does not cause)."""
    global _watching
    if _watching or not _listeners:
        return
    from numba.core import event

    class _Compilation(event.Listener):
        def on_start(self, event: object) -> None:
            while _listeners:
                _listeners.pop()()

        def on_end(self, event: object) -> None:
            """Nothing to say."""

    _watching = True
    event.register("numba:compile", _Compilation())  # type: ignore[no-untyped-call]
