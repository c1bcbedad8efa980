"""Work on all cores: results and errors come through, and what has not begun when the block is left never does."""

from __future__ import annotations

import os
from concurrent.futures import Future
from threading import Event

import pytest

from paging.cores import all_cores


def test_results_and_errors_come_through() -> None:
    with all_cores() as cores:
        assert [cores.submit(pow, 2, i) for i in range(5)][3].result() == 8
        with pytest.raises(ZeroDivisionError):
            cores.submit(divmod, 1, 0).result()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_what_has_not_begun_is_dropped(error: type[BaseException]) -> None:
    """Every thread waits for what happens when the last task is cancelled; no task behind them begins."""
    cancelled = Event()
    begun: list[int] = []
    waiting: list[Future[None]] = []
    running: list[Future[bool]] = []

    def fail() -> None:
        with all_cores() as cores:
            running.extend(cores.submit(cancelled.wait) for _ in range(os.cpu_count() or 1))
            waiting.extend(cores.submit(begun.append, i) for i in range(20))
            waiting[-1].add_done_callback(lambda _: cancelled.set())
            raise error

    with pytest.raises(error):
        fail()
    assert [task.result() for task in running] == [True] * len(running)
    assert begun == []
    assert all(task.cancelled() for task in waiting)
