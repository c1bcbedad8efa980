"""How an interruption is told from an error, and held back where it would be lost."""

from __future__ import annotations

import signal
from threading import current_thread, main_thread


def interrupted(error: BaseException) -> bool:
    """Whether this is Ctrl-C: itself, or within the SystemErrors, one or several, that an interrupted kernel raises."""
    while isinstance(error, SystemError) and error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, KeyboardInterrupt)


class HeldBack:
    """Ctrl-C between ``begin`` and ``end``, which may be nested: heard at once, raised at the next ``look`` or at the end.

    For work that calls back into Python from C: what is raised in such a call is printed and dropped, and the work goes on
    with half of a result. Another handler than Python's own, and other threads than the main one, are left alone.
    """

    def __init__(self) -> None:
        self._depth = 0
        self._heard = False

    def begin(self) -> None:
        """Hold back from here on."""
        if current_thread() is not main_thread():
            return
        if self._depth == 0 and signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            return
        if self._depth == 0:
            self._heard = False
            signal.signal(signal.SIGINT, self._hear)
        self._depth += 1

    def look(self) -> None:
        """Raise KeyboardInterrupt if Ctrl-C was heard; called where nothing is half done."""
        if self._depth and self._heard and current_thread() is main_thread():
            self._heard = False
            raise KeyboardInterrupt

    def end(self) -> None:
        """Hold back no longer. Raises as ``look``."""
        if current_thread() is not main_thread() or self._depth == 0:
            return
        self._depth -= 1
        if self._depth == 0:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            if self._heard:
                self._heard = False
                raise KeyboardInterrupt

    def _hear(self, _number: int, _frame: object) -> None:
        self._heard = True
