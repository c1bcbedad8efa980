"""Kernels and solvers that Ctrl-C ends: results and errors come through, and an interruption stops the work itself."""

from __future__ import annotations

import signal
import time
from threading import Thread
from typing import Any

import numpy as np
import pytest
from numba import njit
from ortools.math_opt.python import mathopt

from bounds.exact import game
from bounds.exact.game import build_game
from bounds.exact.product import kernel_graph
from bounds.exact.randomized.upper import randomized_upper
from paging.kernels import distances
from paging.model import Instance
from paging.stoppable import Stop, stoppable

SECONDS = 0.3
SOON = 3
"""Seconds of the processor: what goes on uses them up, and another process cannot."""


class Rang(BaseException):
    pass


@njit(nogil=True)
def count_until_stopped(most: int, seen: Any, stop: Stop) -> int:
    """Notes in ``seen`` how far it came."""
    count = 0
    while count < most and not stop[0]:
        count += 1
        seen[0] = count
    return count


def rings(call: Any, after: float = SECONDS) -> float:
    """The seconds of the processor that ``call`` takes until a signal whose handler raises, as Ctrl-C does, has ended it."""

    def ring(*_: object) -> None:
        raise Rang

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, after)
    begin = time.process_time()
    try:
        with pytest.raises(Rang):
            call()
        return time.process_time() - begin
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_result_and_error_come_through() -> None:
    seen = np.zeros(1, np.int64)
    assert stoppable(count_until_stopped, 5, seen) == 5

    def fails(_: Stop) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        stoppable(fails)


def test_in_another_thread_it_is_a_call() -> None:
    found: list[int] = []
    thread = Thread(target=lambda: found.append(stoppable(count_until_stopped, 7, np.zeros(1, np.int64))))
    thread.start()
    thread.join()
    assert found == [7]


def test_an_interruption_stops_the_kernel() -> None:
    """Afterwards it counts no further."""
    seen = np.zeros(1, np.int64)
    stoppable(count_until_stopped, 1, seen)
    assert rings(lambda: stoppable(count_until_stopped, 10**15, seen)) < SOON
    counted = int(seen[0])
    time.sleep(0.05)
    assert 1 < counted == seen[0]


@pytest.mark.parametrize("kind", ["game", "policy", "curve", "sets"])
def test_the_long_kernels_can_be_stopped(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each works for many seconds, if nothing stops it."""
    monkeypatch.setattr(game, "estimated_states", lambda *_: 0)
    pages, length = 20_000, 6_000_000
    stream = np.arange(length, dtype=np.int32) % pages
    nexts = np.arange(length, dtype=np.int64) + pages
    calls = {
        "game": lambda: build_game(Instance(3, 5, 7), 40_000_000),
        "policy": lambda: kernel_graph(Instance(2, 7, 8), "FIFO", 40_000_000),
        "curve": lambda: stoppable(distances.opt_single, stream, nexts, pages),
        "sets": lambda: stoppable(distances.opt, stream, nexts // 4, 4, pages),
    }
    small = np.arange(8, dtype=np.int32)
    stoppable(distances.opt_single, small, np.full(8, 8), 8)  # compiled before
    stoppable(distances.opt, small, np.full(8, 2), 4, 8)
    build_game(Instance(2, 2, 3))
    kernel_graph(Instance(2, 2, 3), "FIFO")
    assert rings(calls[kind]) < SOON


def test_a_linear_program_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """It would take half a minute, and then lose what the signal's handler raised."""
    solve = mathopt.solve

    def begun(*arguments: Any, **named: Any) -> Any:
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        return solve(*arguments, **named)

    monkeypatch.setattr(mathopt, "solve", begun)
    assert rings(lambda: randomized_upper(Instance(2, 4, 5)), after=600) < 10
