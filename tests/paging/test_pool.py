"""Workers are deaf to Ctrl-C from the start: the parent decides."""

from __future__ import annotations

import os
import signal

from paging.pool import pool


def blocked() -> tuple[int, bool]:
    """In a worker: who it is, and whether SIGINT does not reach it."""
    os.kill(os.getpid(), signal.SIGINT)
    return os.getpid(), signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_workers_do_not_hear_an_interruption() -> None:
    with pool(2) as executor:
        found = [executor.submit(blocked).result() for _ in range(3)]
    assert all(deaf for _, deaf in found)
    assert os.getpid() not in {worker for worker, _ in found}
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
