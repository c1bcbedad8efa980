"""Where tasks run. Whatever it is, concurrent.futures.Executor is how it is spoken to."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from paging import pool

SHARE = 0.9
"""Of the machine's memory; the rest is the system's and the coordinator's."""


class Place(Protocol):
    """``memory``: bytes of all workers together; ``largest``: that one task can have."""

    memory: int
    largest: int

    def size(self) -> int:
        """How many tasks can run at once, now; asked again and again, it also looks for lost workers."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Begin one more; called for at most ``size()`` unfinished ones."""

    def lost(self, future: Future[Any]) -> bool:
        """Whether a future without a result has lost its worker."""

    def stop(self, future: Future[Any]) -> None:
        """End the worker that hangs at this."""

    def close(self, now: bool) -> None:
        """End all workers; ``now``: whatever they do."""


def machine_memory() -> int:
    """Bytes that tasks may have on this machine: of its memory, or of what its control group has."""
    found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text().strip()
    except OSError:
        limit = "max"
    return int(SHARE * min(found, int(limit) if limit.isdecimal() else found))


class Here:
    """In this process, one after another."""

    def __init__(self) -> None:
        self._executor = pool.InProcess()
        self.memory = self.largest = machine_memory()

    def size(self) -> int:
        """One."""
        return 1

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """Done when it returns."""
        return self._executor.submit(work, *arguments)

    def lost(self, future: Future[Any]) -> bool:
        """This process is there."""
        return False

    def stop(self, future: Future[Any]) -> None:
        """Nothing runs."""

    def close(self, now: bool) -> None:
        """Nothing runs."""


class Processes:
    """Processes of this machine, each with an executor of its own: when one dies, it is known which task died with it."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._idle: list[ProcessPoolExecutor] = []
        self._busy: dict[Future[Any], ProcessPoolExecutor] = {}
        self.memory = self.largest = machine_memory()

    def size(self) -> int:
        """The number of processes."""
        return self._workers

    def submit(self, work: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """To an idle process, or a new one."""
        for future in [future for future in self._busy if future.done()]:
            self._free(future)
        executor = self._idle.pop() if self._idle else pool.processes(1)
        try:
            future = executor.submit(work, *arguments)
        except BrokenExecutor:  # it died while it had nothing to do
            executor = pool.processes(1)
            future = executor.submit(work, *arguments)
        self._busy[future] = executor
        return future

    def lost(self, future: Future[Any]) -> bool:
        """The pool of one process is broken."""
        return isinstance(future.exception(), BrokenExecutor)

    def stop(self, future: Future[Any]) -> None:
        if future in self._busy:
            pool.kill(self._busy[future])

    def close(self, now: bool) -> None:
        """Idle processes end by themselves, busy ones are killed."""
        executors = [*self._idle, *self._busy.values()]
        if now:
            pool.stop(executors)
        for executor in executors:
            executor.shutdown()

    def _free(self, future: Future[Any]) -> None:
        executor = self._busy.pop(future)
        if self.lost(future):
            executor.shutdown()
        else:
            self._idle.append(executor)
