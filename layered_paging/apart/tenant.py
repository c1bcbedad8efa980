"""What runs in the process of the policy: it answers messages until its pipe is closed.

It knows no more of a game than what it has been told, one request at a time; the games of ``whole`` are the exception, and
are there to be compared with the others.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import numpy as np

from layered_paging.apart.wire import Closed, read, write
from layered_paging.testing.declared import DECLARABLE
from layered_paging.testing.fault import RAISES, Fault
from layered_paging.testing.guard import guarded
from paging.announcing import announce_too
from paging.errors import InvalidPartition, LayeredPagingError, UnsupportedProblem
from paging.model import Instance, Page, Requests
from paging.replay import Player, Run, replay


class Tenant:
    """One policy, and one game with it at a time."""

    def __init__(self, made: bytes, limit: float) -> None:
        from layered_paging.policy_spec import as_policy

        self._policy = pickle.loads(made)
        as_policy(self._policy)  # complains of what is no policy
        self._make = guarded(self._policy, limit)
        self._limit = limit
        policy = self._make()
        self.declared = {name: bool(getattr(policy, name)) for name in DECLARABLE}

    def start(self, instance: Instance, seed: int) -> tuple[int, ...] | None:
        """A new game with a new policy; its partition."""
        self._player = Player(self._make(), instance, np.random.default_rng(seed))
        return self._player.policy.partition

    def serve(self, page: Page) -> frozenset[Page]:
        """The next request; what leaves for it."""
        self._player.serve(page)
        return frozenset(self._player.last_victims)

    def whole(self, instance: Instance, requests: Requests, seed: int) -> Run:
        """A game as ``replay`` plays it: all requests are there from the beginning."""
        return replay(self._make(), instance, requests, np.random.default_rng(seed))

    def stage(self, name: str, options: dict[str, Any], tell: Callable[[Any], None]) -> None:
        """A part of the report card; ``tell`` hears of everything at once."""
        from layered_paging.report.stages import run

        run(name, self._policy, self._limit, tell, **options)


def main(incoming: int, outgoing: int) -> None:
    """Serve messages (method, arguments) until there are no more.

    Answers are ("row", value), ("done", value), ("fault", Fault), ("not", text) for an instance that is none of the policy's,
    ("error", text) for what the user is to be told.
    """
    announce_too()
    tenant: Tenant | None = None
    answer: tuple[str, Any]
    value: Any
    while True:
        try:
            method, arguments = read(incoming, trusted=True)
        except Closed:
            return
        try:
            if tenant is None:
                tenant = Tenant(*arguments)
                value = tenant.declared
            elif method == "stage":
                name, options = arguments
                tenant.stage(name, options, lambda row: write(outgoing, ("row", row)))
                value = None
            else:
                value = getattr(tenant, method)(*arguments)
            answer = "done", value
        except Fault as fault:
            answer = "fault", fault
        except (InvalidPartition, UnsupportedProblem) as error:
            answer = "not", str(error)
        except LayeredPagingError as error:
            answer = "error", str(error)
        except Closed:
            return
        except Exception as error:
            answer = (
                "fault",
                Fault(RAISES, f"the process of the policy failed: {type(error).__name__}: {error}"),
            )
        write(outgoing, answer)


def shift_the_clock(seconds: float) -> None:
    """Whoever asks for the time is told another one. To be called before foreign modules are imported."""
    import datetime
    import time

    def later(clock: Any, by: float) -> Any:
        return lambda: clock() + by

    def at(clock: Any) -> Any:
        return lambda *given: clock(*(given or (time.time(),)))

    for name in ("localtime", "gmtime", "ctime"):
        setattr(time, name, at(getattr(time, name)))
    for name in ("time", "monotonic", "perf_counter"):
        setattr(time, name, later(getattr(time, name), seconds))
        setattr(time, f"{name}_ns", later(getattr(time, f"{name}_ns"), int(seconds * 10**9)))

    class Datetime(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> Any:
            return cls.fromtimestamp(time.time(), tz)

        @classmethod
        def today(cls) -> Any:
            return cls.now()

        @classmethod
        def utcnow(cls) -> Any:
            return cls.now(datetime.UTC).replace(tzinfo=None)

    class Date(datetime.date):
        @classmethod
        def today(cls) -> Any:
            return cls.fromtimestamp(time.time())

    datetime.datetime = Datetime  # type: ignore[misc]
    datetime.date = Date  # type: ignore[misc]
