"""Policies that use more than the past, each with the name under which ``check`` must find it in their processes."""

from __future__ import annotations

import datetime
import gc
import itertools
import os
import sys
import tempfile
import threading
import time
import weakref
from collections.abc import Set
from pathlib import Path
from typing import Any

import numpy as np

from paging.model import Instance, Requests
from paging.policies.base import Policy
from tests.layered_paging.testing.planted import (
    DrawsFromTheModule,
    Least,
    Planted,
    ReadsOverTheShoulder,
    WritesIntoTheModule,
)

CHEATS: list[Planted] = [
    ("unseeded-randomness", DrawsFromTheModule),
    ("look-ahead", ReadsOverTheShoulder),
    ("shared-state", WritesIntoTheModule),
]


class Chooses(Policy):
    """By a number that has nothing to do with the requests."""

    def number(self, page: int) -> int:
        raise NotImplementedError

    def victim(self, page: int, candidates: Set[int]) -> Any:
        pages = sorted(candidates)
        return pages[self.number(page) % len(pages)]


def by(name: str) -> Any:
    """Enter the class under the name of the finding."""

    def enter(kind: type[Policy]) -> type[Policy]:
        CHEATS.append((name, kind))
        return kind

    return enter


@by("hash-seed")
class Hashes(Chooses):
    def number(self, page: int) -> int:
        return hash(str(page))


@by("hash-seed")
class OrderOfASetOfText(Policy):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        return int(next(iter({str(page) for page in candidates})))


@by("hash-seed")
class ReadsTheHashSeed(Chooses):
    def number(self, page: int) -> int:
        return int(os.environ["PYTHONHASHSEED"])


@by("process")
class ProcessId(Chooses):
    def number(self, page: int) -> int:
        return os.getpid()


@by("process")
class ReadsProc(Chooses):
    def number(self, page: int) -> int:
        return int(Path("/proc/self/stat").read_text().split()[0])


@by("process")
class MeasuresItsEnvironment(Chooses):
    def number(self, page: int) -> int:
        return sum(map(len, os.environ.values()))


@by("unseeded-randomness")
class Nanoseconds(Chooses):
    def number(self, page: int) -> int:
        return time.time_ns() // 1000


@by("unseeded-randomness")
class Entropy(Chooses):
    def number(self, page: int) -> int:
        return os.urandom(1)[0]


@by("unseeded-randomness")
class AThreadCounts(Chooses):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.count = itertools.count()
        threading.Thread(target=self.work, daemon=True).start()

    def work(self) -> None:
        for _ in range(10_000):
            next(self.count)
            time.sleep(0.00001)

    def number(self, page: int) -> int:
        time.sleep(0.0001)
        return next(self.count)


@by("clock")
class OnOddDays(Chooses):
    def number(self, page: int) -> int:
        return datetime.datetime.now().toordinal()


@by("clock")
class OnOddHours(Chooses):
    def number(self, page: int) -> int:
        return int(time.time()) // 3600 + page * (int(time.time()) // 86400)


@by("shared-state")
class CountsItsStarts(Chooses):
    starts = 0

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        type(self).starts += 1

    def number(self, page: int) -> int:
        return self.starts


@by("shared-state")
class KeepsItInADefault(Chooses):
    def number(self, page: int, seen: list[int] = []) -> int:  # noqa: B006
        seen.append(page)
        return len(seen) // 7


def _counter() -> Any:
    calls = 0

    def called() -> int:
        nonlocal calls
        calls += 1
        return calls // 5

    return called


CALLED = _counter()


@by("shared-state")
class KeepsItInAClosure(Chooses):
    def number(self, page: int) -> int:
        return int(CALLED())


@by("shared-state")
class HidesItInAnotherModule(Chooses):
    def number(self, page: int) -> int:
        sys.hidden = getattr(sys, "hidden", 0) + 1  # type: ignore[attr-defined]
        return int(sys.hidden) // 5  # type: ignore[attr-defined]


ALIVE: weakref.WeakSet[Policy] = weakref.WeakSet()
CIRCLES: list[Any] = []


@by("shared-state")
class CountsWhoIsAlive(Chooses):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        ALIVE.add(self)
        CIRCLES.append(self)

    def number(self, page: int) -> int:
        return len(ALIVE)


@by("unseeded-randomness")
class KeepsADiary(Chooses):
    """In a file, for the next process as well."""

    def number(self, page: int) -> int:
        path = Path(tempfile.gettempdir()) / "layered_paging_diary"
        with path.open("ab") as file:
            file.write(b".")
        return path.stat().st_size


@by("look-ahead")
class SearchesTheHeap(Policy):
    """Belady's rule, on whatever request sequence lies in memory."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.time = 0
        self.future: list[int] = []
        for found in gc.get_objects():
            for one in (found, *gc.get_referents(found)) if isinstance(found, tuple | list) else (found,):
                if isinstance(one, Requests):
                    self.future = one.stream.tolist()

    def request(self, page: int, hit: bool) -> None:
        self.time += 1

    def victim(self, page: int, candidates: Set[int]) -> Any:
        later = self.future[self.time :]
        return max(candidates, key=lambda q: (later.index(q) if q in later else len(later), q))


@by("look-ahead")
class AsksWhoCalls(Chooses):
    """Plays otherwise where it is replayed as a whole."""

    def number(self, page: int) -> int:
        frame: Any = sys._getframe()
        while frame is not None and frame.f_code.co_name != "replay":
            frame = frame.f_back
        return 0 if frame is None else 1


@by("look-ahead")
class ListensAtTheDoor(Policy):
    """Replaces what builds request sequences, and so hears of the next one."""

    heard: list[int] = []  # noqa: RUF012

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.time = 0
        kind = type(self)
        frame: Any = sys._getframe()
        while frame is not None:
            for one in frame.f_locals.values():
                if hasattr(one, "stream"):
                    kind.heard = one.stream.tolist()
            frame = frame.f_back

    def request(self, page: int, hit: bool) -> None:
        self.time += 1

    def victim(self, page: int, candidates: Set[int]) -> Any:
        later = self.heard[self.time :]
        return max(candidates, key=lambda q: (later.index(q) if q in later else len(later), q))


@by("time-limit")
class HangsInC(Least):
    """No signal is handled there: only the end of its process ends it."""

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return all(itertools.repeat(True))


@by("raises")
class EndsItsProcess(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        os._exit(0)


@by("raises")
class ForgesMessages(Least):
    """Writes to every pipe what would run a command where it is unpickled."""

    def victim(self, page: int, candidates: Set[int]) -> Any:
        forged = b"cos\nsystem\n(S'touch /tmp/layered_paging_was_here'\ntR."
        for fd in range(3, 64):
            try:
                os.write(fd, len(forged).to_bytes(8, "little") + forged)
            except OSError:
                continue
        return min(candidates)


class GoodAtFirst(Policy):
    """Not noticed: it plays LRU for longer than anybody looks, then evicts the newest page."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.order: dict[int, None] = {}
        self.time = 0

    def request(self, page: int, hit: bool) -> None:
        self.time += 1
        self.order.pop(page, None)
        self.order[page] = None

    def victim(self, page: int, candidates: Set[int]) -> Any:
        pages = [q for q in self.order if q in candidates]
        return pages[0 if self.time < 100_000 else -1]


class KnowsTheHouse(Chooses):
    """Not noticed: it recognizes the process in which it is examined."""

    def number(self, page: int) -> int:
        return 0 if "layered_paging.apart.tenant" in sys.modules else time.time_ns()


UNNOTICED: tuple[type[Policy], ...] = (GoodAtFirst, KnowsTheHouse)
"""What no replay can find; the documentation says so."""
