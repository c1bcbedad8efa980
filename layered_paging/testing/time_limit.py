"""A limit on the time of one call, which really interrupts it."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType

AGAIN = 0.05
"""Seconds until the alarm rings again, for a policy that swallows every exception."""


class OutOfTime(BaseException):
    """Not an Exception, so that ``except Exception`` in the code that is interrupted does not swallow it."""


class TimeLimit:
    """``with TimeLimit(seconds):`` raises OutOfTime in the body when the time is over.

    By an interval timer and its signal, not in a subprocess: the call that does not end is interrupted between two bytecodes,
    its state and the run so far stay at hand to be shown, and a call costs microseconds instead of a round trip to another
    process. The price: one long call into C is only interrupted when it returns; and where there is no such timer (Windows)
    or the caller is not the main thread, nothing is limited. A timer that ran before goes on afterwards.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._active = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> None:
        if self._active:
            self._handler = signal.signal(signal.SIGALRM, _ring)
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, *self._timer)
            signal.signal(signal.SIGALRM, self._handler)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise OutOfTime
