"""Waiting for an event, however long a busy machine takes; a bound on the clock would fail there, and say nothing."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(happened: Callable[[], bool], going_on: Callable[[], bool] = lambda: True) -> None:
    """Until it ``happened``; AssertionError once it cannot any more, or after ten minutes."""
    for _ in range(12_000):
        if happened():
            return
        if not going_on():
            raise AssertionError("ended before it happened")
        time.sleep(0.05)
    raise AssertionError("it did not happen within ten minutes")
