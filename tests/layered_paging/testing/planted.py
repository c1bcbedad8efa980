"""Policies with a planted bug each, and the name under which it must be found."""

from __future__ import annotations

import gc
import inspect
import random
import sys
from collections.abc import Callable, Set
from typing import Any

import numpy as np
from numpy.random import default_rng as fresh_generator

from paging.model import Instance
from paging.policies.base import Policy
from paging.policies.lru import LRU
from paging.policies.random_eviction import RandomEviction

Planted = tuple[str, type[Policy]]
PLANTED: list[Planted] = []


def named(name: str) -> Callable[[type[Policy]], type[Policy]]:
    """Enter the class under the name of the finding."""

    def enter(kind: type[Policy]) -> type[Policy]:
        PLANTED.append((name, kind))
        return kind

    return enter


class Least(Policy):
    """The smallest page number: legal and simple, what most of the bugs are planted in."""

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return min(candidates)


@named("raises")
class ForgetsColdPages(Least):
    def victim(self, page: int, candidates: Set[int]) -> int:
        return {q: q for q in candidates if q % 2}[max(candidates)]  # a KeyError for even ones


@named("raises")
class GivesUp(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        sys.exit(0)


@named("raises")
class FailsAtTheStart(Least):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        raise ValueError(f"cannot serve {instance}")


@named("raises")
class RecursesForEver(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        return self.victim(page, candidates)


@named("time-limit")
class Loops(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        while page not in candidates:  # which it never is
            pass


@named("time-limit")
class LoopsAndSwallowsEverything(Least):
    def request(self, page: int, hit: bool) -> None:
        while hit:
            try:
                while True:
                    pass
            except BaseException:
                hit = not self.tired()

    def tired(self) -> bool:
        self.calls = getattr(self, "calls", 0) + 1
        return self.calls % 3 == 0


@named("nonsense")
class ReturnsNothing(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        if page in candidates:
            return min(candidates)
        return None


@named("nonsense")
class ReturnsANumberThatIsNoPage(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        return sum(candidates) / len(candidates)


@named("illegal-eviction")
class EvictsThePageItself(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        return page


@named("illegal-eviction")
class EvictsWhatLeftLongAgo(Policy):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.queue: list[int] = []

    def request(self, page: int, hit: bool) -> None:
        self.queue.append(page)  # hits too: a page stands in the queue more than once

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return self.queue.pop(0)


@named("mutation")
class TakesItFromTheCandidates(Least):
    def victim(self, page: int, candidates: Set[int]) -> Any:
        return candidates.pop()  # type: ignore[attr-defined]


@named("mutation")
class ReachesIntoTheCandidates(Least):
    def victim(self, page: int, candidates: Any) -> Any:
        least = min(candidates)
        [pool] = gc.get_referents(candidates._pages)  # the dict behind the view
        pool.pop(least)
        return least


@named("mutation")
class GrowsItsCache(Least):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        instance.cache += 1  # type: ignore[misc]


@named("mutation")
class GrowsItsCacheByForce(Least):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        object.__setattr__(instance, "cache", instance.cache + 1)


@named("unseeded-randomness")
class DrawsFromTheModule(Least):
    deterministic = False

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return random.choice(sorted(candidates))


@named("unseeded-randomness")
class DrawsFromNumpy(Least):
    deterministic = False

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return sorted(candidates)[np.random.randint(len(candidates))]


@named("unseeded-randomness")
class MakesAGeneratorOfItsOwn(RandomEviction):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._rng = np.random.default_rng()


@named("unseeded-randomness")
class MakesAGeneratorUnderAnotherName(RandomEviction):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._rng = fresh_generator()


@named("restart")
class RemembersTheLastRun(Policy):
    def __init__(self) -> None:
        self.count: dict[int, int] = {}

    def request(self, page: int, hit: bool) -> None:
        self.count[page] = self.count.get(page, 0) + 1

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return min(candidates, key=lambda q: (self.count[q], q))


@named("shared-state")
class CountsInTheClass(Policy):
    count: dict[int, int] = {}  # noqa: RUF012

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.count.clear()

    def request(self, page: int, hit: bool) -> None:
        self.count[page] = self.count.get(page, 0) + 1

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return min(candidates, key=lambda q: (self.count.get(q, 0), q))


NOTES: list[int] = []


@named("shared-state")
class WritesIntoTheModule(Policy):
    """And never wipes it out: the second run knows the first."""

    def request(self, page: int, hit: bool) -> None:
        NOTES.append(page)

    def victim(self, page: int, candidates: Set[int]) -> Any:
        return min(candidates, key=lambda q: (NOTES.count(q) * 7 % 5, q))


@named("copy")
class CopiesShareTheirNotes(LRU):
    def __deepcopy__(self, memo: object) -> CopiesShareTheirNotes:
        twin = CopiesShareTheirNotes()
        twin._order = self._order
        return twin


@named("pickle")
class PicklesWithoutItsNotes(LRU):
    def __deepcopy__(self, memo: object) -> PicklesWithoutItsNotes:
        twin = PicklesWithoutItsNotes()
        twin._order = dict(self._order)
        return twin

    def __reduce__(self) -> Any:
        return _rebuilt, (sorted(self._order),)


def _rebuilt(pages: list[int]) -> PicklesWithoutItsNotes:
    policy = PicklesWithoutItsNotes()
    policy._order = dict.fromkeys(pages)  # the order is lost
    return policy


@named("pickle")
class CannotBePickled(Least):
    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.key = lambda page: page


@named("look-ahead")
class ReadsOverTheShoulder(Policy):
    """Finds the request sequence in the frames of its callers, and plays Belady's rule."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.time = 0

    def request(self, page: int, hit: bool) -> None:
        self.time += 1

    def victim(self, page: int, candidates: Set[int]) -> Any:
        frame: Any = sys._getframe()
        while frame is not None and not hasattr(frame.f_locals.get("requests"), "stream"):
            frame = frame.f_back
        if frame is None:
            return min(candidates)
        future = frame.f_locals["requests"].stream[self.time :].tolist()
        return max(candidates, key=lambda q: (future.index(q) if q in future else len(future), q))


@named("semantics")
class PeeksAtWhatIsProtected(Least):
    def victim(self, page: int, candidates: Any) -> Any:
        frame = inspect.currentframe()
        while frame is not None and "together" not in frame.f_locals:
            frame = frame.f_back
        return max(candidates) if frame is not None and frame.f_locals["together"] else min(candidates)


@named("canonical-state")
class StateWithoutTheOrder(LRU):
    def canonical_state(self, cache: Set[int]) -> Any:
        return frozenset(cache)


@named("canonical-state")
class StateByIdentity(LRU):
    def canonical_state(self, cache: Set[int]) -> Any:
        return object()


@named("canonical-state")
class StateThatCannotBeHashed(LRU):
    def canonical_state(self, cache: Set[int]) -> Any:
        return list(self._order)


@named("canonical-state")
class StateThatIsUsedUp(LRU):
    def canonical_state(self, cache: Set[int]) -> Any:
        state = tuple(self._order)
        self._order = dict.fromkeys(sorted(self._order))
        return state


@named("deterministic")
class ClaimsToBeDeterministic(RandomEviction):
    deterministic = True


@named("marking")
class ClaimsToBeMarking(Least):
    marking = True


@named("conservative")
class ClaimsToBeConservative(Least):
    conservative = True


@named("stack")
class ClaimsToBeStack(Policy):
    """FIFO, honest but for the claim."""

    stack = True

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self.queue: list[int] = []

    def request(self, page: int, hit: bool) -> None:
        if not hit:
            self.queue.append(page)

    def victim(self, page: int, candidates: Set[int]) -> Any:
        first = next(q for q in self.queue if q in candidates)
        self.queue.remove(first)
        return first
