"""What the tests of the notes share: rules and the offset function from their definitions, phases of planned adversaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from adversaries.planned import Planned, Walk
from paging.model import Instance
from tests.paging.policies.naive import update

Victim = Callable[["Rule"], int]
"""The page to evict; the one that is missed has not been noted."""


def fifo(rule: Rule) -> int:
    return rule.cached[0]


def lru(rule: Rule) -> int:
    return min(rule.cached, key=rule.last.__getitem__)


def llru(rule: Rule) -> int:
    layers, experts, time = rule.instance.layers, rule.instance.experts, rule.time

    def key(page: int) -> tuple[int, int]:
        return (time - rule.last[page]) // layers, (page // experts - time % layers - 1) % layers

    return max(rule.cached, key=key)


class Rule:
    """A policy by its rule, and OPT: what each request did."""

    #: cached pages in order of loading; times of last requests
    cached: list[int]
    last: dict[int, int]

    def __init__(self, victim: Victim, instance: Instance) -> None:
        self.victim, self.instance = victim, instance
        self.cached, self.last = [], {}
        self.sets = [{-1 - i} for i in range(instance.cache)]
        self.time = 0

    def serve(self, page: int) -> tuple[bool, int | None, bool]:
        """Whether it missed, what it evicted, whether OPT grew."""
        assert page // self.instance.experts == self.time % self.instance.layers
        self.page = page
        self.grew = grew = not any(page in members for members in self.sets)
        self.sets = update(self.sets, page)
        missed, out = page not in self.cached, None
        if missed:
            if len(self.cached) == self.instance.cache:
                out = self.victim(self)
                self.cached.remove(out)
            self.cached.append(page)
        self.last[page] = self.time
        self.time += 1
        return missed, out, grew


def levels(rule: Rule) -> dict[int, int]:
    """The levels of the pages of the sets."""
    return {page: i for i, members in enumerate(rule.sets, 1) for page in members if page >= 0}


def safe(rule: Rule) -> list[int]:
    """The cached pages whose loss leaves an optimal cache: of level above the last i with c_i = i."""
    level, slots = levels(rule), rule.instance.cache
    held = [level.get(page, slots + 1) for page in (*rule.cached, rule.page)]
    tight = max(i for i in range(1, slots + 1) if sum(here <= i for here in held) == i)
    return [page for page in rule.cached if level.get(page, slots + 1) > tight]


def recent(rule: Rule) -> set[int]:
    """The pages requested in the last l requests, the present one included."""
    first = rule.time - rule.instance.layers + 1
    return {rule.page, *(page for page, time in rule.last.items() if time >= first)}


def before(rule: Rule) -> int:
    """w: the page requested l requests ago (-1: none)."""
    ago = rule.time - rule.instance.layers
    return next((page for page, time in rule.last.items() if time == ago), -1)


@dataclass
class Phase:
    """One phase: the pages that it began and ended with, its turn, its requests, and what they did."""

    before: Sequence[int]
    after: Sequence[int]
    turn: int
    requests: list[int]
    outcomes: list[tuple[bool, int | None, bool]]

    @property
    def misses(self) -> list[int]:
        return [page for page, (missed, _, _) in zip(self.requests, self.outcomes, strict=True) if missed]

    @property
    def evicted(self) -> list[int]:
        return [out for _, out, _ in self.outcomes if out is not None]

    @property
    def growths(self) -> list[int]:
        return [page for page, (_, _, grew) in zip(self.requests, self.outcomes, strict=True) if grew]


def phases(adversary: Planned, rule: Rule, count: int) -> Iterator[Phase]:
    """The start, and then ``count`` phases against a rule, in the instance where phases are written."""
    pages: Sequence[int] = ()
    turn = 0
    for _ in range(count + 1):
        walk = Walk(adversary.played, turn)
        after = adversary.phase(pages, walk)
        yield Phase(pages, after, turn, walk.requests, [rule.serve(page) for page in walk.requests])
        pages, turn = after, walk.turn


def instances(most: int, *more: tuple[int, int, int]) -> list[Instance]:
    """All with l <= k < n*l <= ``most``, and some more."""
    small = [
        Instance(layers, experts, cache)
        for layers in range(1, most + 1)
        for experts in range(2, most // layers + 1)
        for cache in range(layers, layers * experts)
    ]
    return [*small, *(Instance(*numbers) for numbers in more)]
