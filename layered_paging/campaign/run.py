"""Running a campaign from end to end."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from layered_paging.campaign.coordinator import Coordinator
from layered_paging.campaign.kinds.kind import Kind
from layered_paging.campaign.plan import Plan
from layered_paging.campaign.rows import Row
from layered_paging.campaign.store import Store, open_store

if TYPE_CHECKING:
    from layered_paging.campaign.place import Place


@dataclass(frozen=True, slots=True)
class Workers:
    """``jobs``: processes, default: all cores; 1: this one, unless there is a time limit. ``dask``: address or "local"."""

    jobs: int | None = None
    dask: str | None = None

    def place(self, time_limit: float | None) -> Place:
        """Raises InvalidArgument, WorkerRefused for a cluster that cannot be used."""
        from layered_paging.campaign.place import Here, Processes

        jobs = self.jobs or os.cpu_count() or 1
        if self.dask is not None:
            from layered_paging.campaign.dask import Dask

            return Dask(self.dask, jobs)
        return Here() if jobs == 1 and time_limit is None else Processes(jobs)


@dataclass(frozen=True, slots=True)
class Limits:
    """``time_limit``: seconds for one task. ``memory``: bytes for all together."""

    time_limit: float | None = None
    memory: int | None = None


def run_plan(
    store: Path,
    plan: Plan,
    kinds: Mapping[str, Kind],
    workers: Workers,
    progress: Callable[[int], Callable[[str], None]] = lambda _: lambda _: None,
) -> list[Row]:
    """Compute what is missing in the store, made if it is not there; the rows of the plan's tasks.

    ``progress(tasks)`` is called before the work begins, and what it returns after each task. Raises StoreInUse, StoreFailed,
    StoreDamaged, WorkerRefused, WorkersLost.
    """
    with open_store(store, create=True) as opened:
        numbers = opened.add(plan.tasks, kinds)
        compute(opened, numbers, kinds, workers, Limits(plan.time_limit, plan.memory), progress)
        return [opened.rows[number] for number in numbers]


def resume(
    store: Path,
    kinds: Mapping[str, Kind],
    workers: Workers,
    limits: Limits,
    progress: Callable[[int], Callable[[str], None]] = lambda _: lambda _: None,
    again: bool = False,
) -> list[Row]:
    """Go on with what a store holds; ``again``: also with what has failed. Raises as run_plan."""
    with open_store(store) as opened:
        opened.add((), kinds)
        if again:
            opened.put([Row(row.number, row.task) for row in opened.rows.values() if row.state == "failed"])
        compute(opened, list(opened.rows), kinds, workers, limits, progress)
        return list(opened.rows.values())


def compute(
    store: Store,
    numbers: list[int],
    kinds: Mapping[str, Kind],
    workers: Workers,
    limits: Limits,
    progress: Callable[[int], Callable[[str], None]],
) -> None:
    """Those of the numbered tasks that wait."""
    todo = [number for number in numbers if store.rows[number].state in ("waiting", "too-large")]
    advance = progress(len(todo))
    if not todo:
        return
    with terminable():
        place = workers.place(limits.time_limit)
        clean = False
        try:
            coordinator = Coordinator(
                store, kinds, place, memory=limits.memory, time_limit=limits.time_limit, advance=advance
            )
            coordinator.run(todo)
            clean = True
        finally:
            place.close(now=not clean)


@contextmanager
def terminable() -> Iterator[None]:
    """SIGTERM stops as Ctrl-C does."""

    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        before = signal.signal(signal.SIGTERM, stop)
    except ValueError:  # not the main thread: signals are somebody else's
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
