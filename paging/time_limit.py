"""A limit on the time of one call, which really interrupts it."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from types import FrameType, TracebackType
from typing import Any

AGAIN = 0.05
"""Seconds until the alarm rings again, for a policy that swallows every exception."""

PATIENCE = 10
"""So many times the limit a call may take that waits, or runs on a machine that has other things to do."""


class OutOfTime(BaseException):
    """Not an Exception, so that ``except Exception`` in the code that is interrupted does not swallow it."""


class TimeLimit:
    """``with TimeLimit(seconds, own):`` raises OutOfTime in the body after so many seconds of work, or PATIENCE times as many
    by the clock.

    By an interval timer and its signal, not in a subprocess: the call that does not end is interrupted between two bytecodes,
    its state and the run so far stay at hand to be shown, and a call costs microseconds instead of a round trip to another
    process. The price: one long call into C is only interrupted when it returns; and where there is no such timer (Windows)
    or the caller is not the main thread, nothing is limited. The alarm is silent in frames of this file and of ``own``, the
    file of the caller: their cleaning up is never interrupted. A timer that ran before goes on afterwards. ``over``: whether
    the time was over, also where the body swallowed the exception and ended after all.
    """

    def __init__(self, seconds: float, own: str) -> None:
        self._seconds = seconds
        self.over = False
        self._traced: list[FrameType] = []
        self._quiet = (__file__, own)
        self._active = hasattr(signal, "setitimer") and threading.current_thread() is threading.main_thread()

    def __enter__(self) -> TimeLimit:
        if self._active:
            self._work, self._clock = os.times().user, time.monotonic()
            self._trace = sys.gettrace()
            self._handler = signal.signal(signal.SIGALRM, self._ring)
            self._timer = signal.setitimer(signal.ITIMER_REAL, self._seconds, AGAIN)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._active:
            signal.setitimer(signal.ITIMER_REAL, *self._timer)
            signal.signal(signal.SIGALRM, self._handler)
            if self.over:
                sys.settrace(self._trace)
                for frame in self._traced:
                    frame.f_trace = None

    def _ring(self, _number: int, frame: FrameType | None) -> None:
        if frame is None or frame.f_code.co_filename in self._quiet:
            return
        worked = os.times().user - self._work
        if worked >= self._seconds or time.monotonic() - self._clock >= PATIENCE * self._seconds:
            self.over = True
            self._raise_again_in(frame)
            raise OutOfTime

    def _raise_again_in(self, frame: FrameType | None) -> None:
        """In the frames of the body: a handler that swallows OutOfTime has it raised again by its first line."""
        body = []
        while frame is not None and frame.f_code.co_filename not in self._quiet:
            body.append(frame)
            frame = frame.f_back
        if frame is not None:  # else the caller is not among them
            sys.settrace(_no_new_frames)
            self._traced = body
            for each in body:
                each.f_trace = _once_more


def _no_new_frames(_frame: FrameType, _event: str, _value: object) -> None:
    """What is called from here on is not traced."""


def _once_more(_frame: FrameType, event: str, _value: object) -> Any:
    if event == "line":
        raise OutOfTime
    return _once_more
