"""The process in which the stages of a card are worked out; one that had to be killed is replaced by a new one."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Any

from layered_paging.apart.process import Process
from layered_paging.testing.fault import Fault
from paging.errors import LayeredPagingError, OutOfSeconds
from paging.policies.named import NamedPolicy

OVER = 1.0
"""Seconds that a stage, which keeps its own time, may be late before it is killed, at most."""

END = object()


class Worker:
    """A context. ``lost``: why the last stage has not come to its end: a Fault that ended the process, or OutOfSeconds.

    ``limit``: seconds for one decision; ``over``: seconds after which a stage that is late is killed.
    """

    def __init__(self, policy: NamedPolicy, limit: float, over: float = OVER) -> None:
        self._policy, self._limit, self._over = policy, limit, over
        self._process: Process | None = None
        self.lost: Fault | OutOfSeconds | None = None
        self._told: SimpleQueue[Any] | None = None

    @property
    def process(self) -> Process:
        """That of the last stage, or a new one."""
        if self._process is None or self._process.closed:
            self._process = Process(self._policy, self._limit, hash_seed=1)
        return self._process

    def begin(self, stage: str, deadline: float, **options: Any) -> None:
        """Let it work on a stage until ``deadline`` (time.monotonic)."""
        self.lost = None
        self._told = None
        try:
            process = self.process
            process.wait_until_built(deadline)
            process.send("stage", stage, {"end": deadline, **options}, deadline=deadline)
            self._told = SimpleQueue()
            Thread(target=self._listen, args=(process, self._told, deadline), daemon=True).start()
        except (Fault, OutOfSeconds) as error:
            self.lost = error

    def rows(self) -> Iterator[Any]:
        """What the stage tells, to its end or to that of its time."""
        while self._told is not None and (row := self._told.get()) is not END:
            yield row
        self._told = None

    def _listen(self, process: Process, told: SimpleQueue[Any], deadline: float) -> None:
        """Take what is told at once: who tells must not wait until somebody wants to know."""
        try:
            for row in process.rows(deadline + self._over):
                told.put(row)
        except (Fault, OutOfSeconds) as error:
            self.lost = error
        except LayeredPagingError:
            pass  # none of the policy's instances
        finally:
            told.put(END)

    def stop(self) -> None:
        if self._process is not None and not self._process.closed:
            self._process.close()

    def __enter__(self) -> Worker:
        """Start the process; what it has to import takes time."""
        assert self.process is not None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
