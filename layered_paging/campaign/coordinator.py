"""The coordinator: hands out tasks, the large ones first, and writes down what comes back."""

from __future__ import annotations

import heapq
import json
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from layered_paging.campaign.kinds.kind import Kind
from layered_paging.campaign.place import Place
from layered_paging.campaign.rows import Measured, Row
from layered_paging.campaign.store import Store
from layered_paging.campaign.version import package_version
from layered_paging.campaign.worker import perform
from paging.errors import LayeredPagingError, WorkerRefused

AGAIN = 3
"""How often the task of a lost worker is tried again."""

LOOK_AHEAD = 100
"""How many tasks that do not fit into the free memory are passed over to find some that do."""

MOMENT = 0.2
"""Seconds between two looks at the clock and at the workers."""


Entry: TypeAlias = tuple[int, float, int]
"""Of the queue: times lost, minus the work, number."""


@dataclass(frozen=True, slots=True)
class Flight:
    """A task that runs: since ``begun`` (UNIX time), with so much ``memory`` set aside."""

    row: Row
    memory: int
    begun: float


class Coordinator:
    """Runs the waiting tasks of a store. ``memory``: bytes for all tasks together, if less than the place has.

    ``advance(label)`` is told of each task that is through.
    """

    def __init__(
        self,
        store: Store,
        kinds: Mapping[str, Kind],
        place: Place,
        *,
        memory: int | None = None,
        time_limit: float | None = None,
        advance: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._place = place
        self._memory = min(memory or place.memory, place.memory)
        self._time_limit = time_limit
        self._advance = advance
        self._flying: dict[Future[Any], Flight] = {}
        self._hung: set[Future[Any]] = set()

    def run(self, numbers: Iterable[int]) -> None:
        """Until none of these waits or runs. On an interruption or error: stop at once, leave the store whole.

        Raises WorkerRefused, WorkersLost, StoreFailed.
        """
        waiting = self._in_order(numbers)
        try:
            while waiting or self._flying:
                self._launch(waiting)
                for row in self._land():
                    heapq.heappush(waiting, self._entry(row))
        except BaseException:
            with suppress(
                LayeredPagingError
            ):  # a full disk: those in flight are found waiting by the next coordinator
                self._store.release()
            raise

    def _in_order(self, numbers: Iterable[int]) -> list[Entry]:
        """The large ones first: they decide when the last worker is done. What fits no worker is written down, not tried."""
        limit = min(self._memory, self._place.largest)
        waiting, refused = [], []
        for number in numbers:
            row = self._store.rows[number]
            if row.state == "too-large":  # of a smaller machine, or a smaller limit
                row = replace(row, state="waiting", error=None)
            if row.state != "waiting":
                continue
            need = self._need(row)
            if need > limit:
                error = f"needs about {need / 2**30:.1f} GiB, there are {limit / 2**30:.1f}"
                refused.append(replace(row, state="too-large", error=error))
            else:
                self._store.rows[number] = row
                waiting.append(self._entry(row))
        self._store.put(refused)
        for row in refused:
            self._advance(f"{row.task}: too large")
        heapq.heapify(waiting)
        return waiting

    def _entry(self, row: Row) -> Entry:
        """Those that have lost a worker come last: whatever it was may have passed by then, and the rest has gone on."""
        return row.lost, -self._kinds[row.task.kind].work(row.task.parameters), row.number

    def _need(self, row: Row) -> int:
        return self._kinds[row.task.kind].memory(row.task.parameters)

    def _launch(self, waiting: list[Entry]) -> None:
        """Fill the idle workers, as far as memory goes. A task is marked as running before it begins."""
        aside: list[Entry] = []
        starting: list[Row] = []
        free = self._memory - sum(flight.memory for flight in self._flying.values())
        places = self._place.size() - len(self._flying)
        while waiting and len(starting) < places and len(aside) < LOOK_AHEAD:
            entry = heapq.heappop(waiting)
            row = self._store.rows[entry[-1]]
            if self._need(row) > free:
                aside.append(entry)
                continue
            free -= self._need(row)
            starting.append(replace(row, state="running", attempts=row.attempts + 1))
        for entry in aside:
            heapq.heappush(waiting, entry)
        now = time.time()
        self._store.put(starting, {row.number: Measured(started=now) for row in starting})
        for row in starting:
            call = {"parameters": row.task.parameters, "seed": row.task.seed, "version": package_version()}
            future = self._place.submit(perform, self._kinds[row.task.kind].run, call)
            self._flying[future] = Flight(row, self._need(row), now)

    def _land(self) -> list[Row]:
        """Wait until something is ready, and write it down; the rows that wait again."""
        if not self._flying:
            time.sleep(MOMENT)  # no worker is there, for now
        wait(self._flying, MOMENT, FIRST_COMPLETED)
        done = {
            future for future in self._flying if future.done()
        }  # wait() says nothing of some that were cancelled
        changed, measured = [], {}
        for future in done:
            flight = self._flying.pop(future)
            row, took = self._judge(flight, future)
            changed.append(row)
            measured[row.number] = replace(took, started=flight.begun)
        self._hung -= done
        self._store.put(changed, measured)
        for row in changed:
            if row.state != "waiting":
                self._advance(str(row.task))
        for future in self._flying:
            late = (
                self._time_limit is not None and time.time() - self._flying[future].begun > self._time_limit
            )
            if late and future not in self._hung:
                self._hung.add(future)
                self._place.stop(future)
        return [row for row in changed if row.state == "waiting"]

    def _judge(self, flight: Flight, future: Future[Any]) -> tuple[Row, Measured]:
        """What became of a task; its files are complete when this returns."""
        row = flight.row
        error = CancelledError() if future.cancelled() else future.exception()
        if error is not None:
            hung = future in self._hung
            if hung or self._place.lost(future):
                return self._lose(row, hung), Measured()
            return replace(row, state="failed", error=_said(error)), Measured()
        answer = future.result()
        if "refused" in answer:
            raise WorkerRefused(
                f"worker {answer['worker']} is refused: its layered-paging is {answer['package']}, "
                f"expected {package_version()}"
            )
        took = Measured(None, answer["seconds"], answer["peak"], answer["worker"], answer["package"])
        if "error" in answer:
            return replace(row, state="failed", error=answer["error"]), took
        for name, content in answer["files"].values():
            self._store.keep(name, content)
        files = {name: kept for name, (kept, _) in answer["files"].items()}
        return replace(row, state="done", result=json.loads(answer["result"]), files=files, error=None), took

    def _lose(self, row: Row, hung: bool) -> Row:
        lost = row.lost + 1
        if hung:
            why = f"longer than the time limit of {self._time_limit:g} s"
        else:
            why = "the worker was lost (killed, or out of memory)"
        if lost > AGAIN:
            return replace(row, state="failed", lost=lost, error=f"{why}; tried again {AGAIN} times")
        return replace(row, state="waiting", lost=lost, error=f"{why}; to be tried again")


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:2000]
