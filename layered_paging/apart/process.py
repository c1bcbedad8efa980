"""The process of a policy, seen from here."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any

from layered_paging.apart.wire import Closed, Late, read, write
from layered_paging.testing.fault import RAISES, TIME_LIMIT, Fault
from paging.errors import InvalidArgument, LayeredPagingError, OutOfSeconds, UnsupportedProblem
from paging.policies.named import NamedPolicy

GRACE = 3
"""So many times its limit a decision may take by the clock, before the process is killed: the limit is one of work, and is
kept in the process itself wherever that can be."""

BUILDING = 20
"""Seconds in which the process must stand, the policy's module be imported and the policy built."""

SHIFT = 400 * 86400 + 5 * 3600 + 17 * 60 + 23.456789
"""Seconds by which a shifted clock is wrong: another day of the week, hour, minute, second, and fraction of it."""

NUMBER = count()

BEGIN = (
    "import sys; sys.path[:] = {path!r}; import layered_paging.apart.tenant as t; {clock}t.main({to}, {back})"
)


class Process:
    """A context; leaving it kills the process. ``limit``: seconds for one decision; ``hash_seed``: PYTHONHASHSEED; ``shifted``:
    its clock is wrong.

    Raises InvalidArgument for a policy that another process cannot build.
    """

    def __init__(self, policy: NamedPolicy, limit: float, *, hash_seed: int, shifted: bool = False) -> None:
        try:
            made = pickle.dumps(policy)
        except Exception as error:
            raise InvalidArgument(
                f"policy {policy}: cannot be built in another process ({error}); expected MODULE:CLASS, FILE.py:CLASS, "
                "or a class of a module that can be imported"
            ) from None
        self._limit = limit
        theirs, self._to = os.pipe()
        self._from, back = os.pipe()
        clock = f"t.shift_the_clock({SHIFT}); " if shifted else ""
        code = BEGIN.format(path=sys.path, clock=clock, to=theirs, back=back)
        more = {
            "PYTHONHASHSEED": str(hash_seed),
            "LAYERED_PAGING_NOISE": "x" * next(NUMBER),  # no two environments are of one length
            "HYPOTHESIS_STORAGE_DIRECTORY": os.path.join(
                tempfile.gettempdir(), "hypothesis"
            ),  # not the user's folder
        }
        try:
            self._child = subprocess.Popen(
                [sys.executable, "-c", code],
                env={**os.environ, **more},
                stdin=subprocess.DEVNULL,
                stdout=2,
                pass_fds=(theirs, back),
                start_new_session=True,
            )
        finally:
            os.close(theirs)
            os.close(back)
        write(self._to, ("", (made, limit)))
        self._declared: Mapping[str, bool] | None = None

    @property
    def pid(self) -> int:
        return self._child.pid

    def ask(self, method: str, *arguments: Any, deadline: float = float("inf")) -> Any:
        """What the policy's process answers. Raises Fault for what the policy does, also for a process that ends or is silent
        too long, OutOfSeconds after ``deadline`` (time.monotonic), UnsupportedProblem, and what the user is to be told.
        """
        self.send(method, *arguments, deadline=deadline)
        return self.answer(min(deadline, time.monotonic() + GRACE * self._limit), deadline)

    def send(self, method: str, *arguments: Any, deadline: float = float("inf")) -> None:
        """Ask without waiting for the answer."""
        self.wait_until_built(deadline)
        self._write((method, arguments))

    def rows(self, deadline: float) -> Iterator[Any]:
        """What ``stage``, sent before, yields; until it has ended. Raises as ``ask``."""
        while True:
            kind, value = self._read(deadline, deadline)
            if kind == "row":
                yield value
            else:
                self._value(kind, value)
                return

    def answer(self, patience: float, deadline: float) -> Any:
        """The answer to what was sent. Raises as ``ask``; after ``patience`` it is the policy's fault."""
        return self._value(*self._read(patience, deadline))

    def wait_until_built(self, deadline: float = float("inf")) -> Mapping[str, bool]:
        """Until the policy is built; what it declares. Raises as ``ask``."""
        if self._declared is None:
            self._declared = self.answer(min(deadline, time.monotonic() + BUILDING), deadline)
        return self._declared

    def _write(self, message: object) -> None:
        try:
            write(self._to, message)
        except Closed:
            raise self._ended() from None

    def _read(self, patience: float, deadline: float) -> tuple[str, Any]:
        try:
            kind, value = read(self._from, patience)
        except Late:
            self.close()
            if patience >= deadline:
                raise OutOfSeconds("out of time") from None
            raise Fault(
                TIME_LIMIT, f"did not answer within {GRACE} times the limit of {self._limit:g} s"
            ) from None
        except (Closed, ValueError, TypeError) as error:
            raise self._ended(str(error)) from None
        return kind, value

    def _value(self, kind: str, value: Any) -> Any:
        if kind == "fault" and isinstance(value, Fault):
            raise value
        if kind == "not":
            raise UnsupportedProblem(str(value))
        if kind == "error":
            raise LayeredPagingError(str(value))
        return value

    def _ended(self, says: str = "") -> Fault:
        with suppress(subprocess.TimeoutExpired):
            self._child.wait(0.5)
        status = self._child.returncode
        self.close()
        how = f"status {status}" if status is not None else says
        return Fault(RAISES, f"ended the process it plays in ({how})")

    def close(self) -> None:
        """Kill it, and what it has started in its group."""
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for fd in (self._to, self._from):
            with suppress(OSError):
                os.close(fd)
        self._to = self._from = -1

    @property
    def closed(self) -> bool:
        """Whether it has been killed."""
        return self._from < 0

    def __enter__(self) -> Process:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.closed:
            self.close()
