"""``measure`` on several cores: the same figures, the same errors, and it can be interrupted."""

from __future__ import annotations

import signal
import threading
from concurrent.futures import Executor, Future
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from layered_paging.__main__ import main
from layered_paging.cli import measure as command
from paging.errors import InvalidPartition
from paging.fast import has_kernel
from paging.measure import OPT, measure
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.policies.lru import LRU
from paging.policies.registry import POLICIES
from paging.pool import pool
from paging.replay import replay
from paging.traces.formats import write_trace
from paging.traces.synthetic import synthetic

REQUESTS: Requests = synthetic(3, 5, 60, zipf=0.8, rng=np.random.default_rng(5)).requests()
CACHES = (3, 5, 8, 14)


class OneByOne(Executor):
    """What is submitted is done at once, in the order in which it is."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.names.append(args[0].id)
        future: Future[Any] = Future()
        future.set_result(fn(*args, **kwargs))
        return future


def test_the_figures_are_those_of_one_replay_after_the_other() -> None:
    """Every row, in the order of caches and policies, against plain replay with a generator of its own."""
    expected = []
    for cache in CACHES:
        instance = Instance(3, 5, cache)
        expected.append((OPT, cache, optimal_misses(instance, REQUESTS)))
        for name, policy in POLICIES.items():
            try:
                expected.append(
                    (name, cache, replay(policy(), instance, REQUESTS, np.random.default_rng(7)).misses)
                )
            except InvalidPartition:
                continue
    with pool(2) as executor:
        found = measure(REQUESTS, CACHES, seed=7, processes=executor)
    assert [(row.policy, row.cache, row.misses) for row in found.rows] == expected
    assert found == measure(REQUESTS, CACHES, seed=7)


def test_who_plays_where() -> None:
    """On ``processes`` go the registry's policies without a kernel, and only these: a class of the user's stays here."""

    class Mine(LRU):
        pass

    executor = OneByOne()
    measure(REQUESTS, (4,), [*POLICIES.values(), Mine], processes=executor)
    assert executor.names == [name for name, policy in POLICIES.items() if not has_kernel(policy)]


def test_an_error_in_one_thread_is_raised_and_ends_all() -> None:
    """``lru-dist`` cannot divide two slots among three layers."""
    before = threading.active_count()
    with pytest.raises(InvalidPartition, match="3 layers"):
        measure(REQUESTS, (14, 8, 2), ["lru", "lru-dist", "fifo"])
    assert threading.active_count() == before


def test_an_interruption_ends_all_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """All threads play until the signal comes; what it raises, as Ctrl-C does, comes out when no thread plays any more."""
    before, rang = threading.active_count(), threading.Event()

    class Rang(BaseException):
        pass

    def ring(*_: object) -> None:
        rang.set()
        raise Rang

    monkeypatch.setattr(import_module("paging.measure"), "misses_of", lambda *_: int(rang.wait()))
    handler = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.1)
        with pytest.raises(Rang):
            measure(REQUESTS, CACHES, ["lru", "fifo"])
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
    assert threading.active_count() == before


def test_long_replays_in_python_are_shared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The command: the same output with processes as without; an error in one of them is one line."""
    path = tmp_path / "t.csv"
    write_trace(synthetic(3, 5, 40, zipf=0.8, rng=np.random.default_rng(5)), path)
    wide = ["measure", str(path), "-k", "5", "--policy", "s3-fifo", "--policy", "lru", "--json"]
    broken = ["measure", str(path), "-k", "5", "--policy", "s3-fifo", "--bypass"]
    answers = []
    for least in (1, 10**9):
        monkeypatch.setattr(command, "SHARED", least)
        assert main(wide) == 0
        answers.append(capsys.readouterr().out)
        assert main(broken) == 2
        answers.append(capsys.readouterr().err)
    assert answers[:2] == answers[2:]
    assert answers[1].count("\n") == 1
    assert "S3FIFO: expected pages of one size, and no bypass" in answers[1]
