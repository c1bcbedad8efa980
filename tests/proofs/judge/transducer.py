"""When a table of moves is a policy at all, and what its ratio is: played on real pages.

State: turn, level of each page and of each empty slot of OPT, token of each page, all by the page's own number. The text of a
state lists the pages of the layers from the one whose turn it is, sorted by (level, token), equal ones by number.

A table is a policy if in every state that requests can bring about it has one answer for each label of the layer whose turn it
is, under the first position with that label, and none elsewhere: then the answer is a function of what was requested so far.
Which of several pages with equal labels is requested must not matter, so the requested one changes places with the first.
(Of a table that claims a lower bound only the answers along its cycle are there.) An answer must be legal: victims are cached
pages, named once, none on a hit and at least one if the cache is full; every page gets a token, odd exactly for those that are
cached afterwards. The growth of OPT comes from the work function; that of the levels must agree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any

from tests.proofs.judge.levels import raised, rows, written
from tests.proofs.judge.optimum import Optimum, Problem
from tests.proofs.judge.ratio import largest_ratio

Table = dict[str, dict[str, list[list[int]]]]
State = tuple[int, int, tuple[int, ...], tuple[int, ...]]
"""Turn, number of the work function, levels of pages and then of slots, tokens."""


class NotAPolicy(Exception):
    """The table has no answer, two answers or an illegal one."""


@cache
def optimum_of(problem: Problem) -> Optimum:
    return Optimum(problem)


def whole(number: Any) -> bool:
    return type(number) is int and number >= 0


class Transducer:
    def __init__(
        self, problem: Problem, table: Table, start: list[int] | None, cache: int | None = None
    ) -> None:
        """``cache``: slots of the policy, if not those that the problem gives the optimum."""
        self.cache = problem.slots if cache is None else cache
        tokens = [0] * problem.pages if start is None else start
        if not isinstance(table, dict) or not isinstance(tokens, list):
            raise NotAPolicy("a table of another shape")
        if not (len(tokens) == problem.pages and all(whole(t) and t % 2 == 0 for t in tokens)):
            raise NotAPolicy("start")
        self.problem, self.table, self.optimum = problem, table, optimum_of(problem)
        out = problem.slots + 1
        levels = (*[out] * problem.pages, *range(1, out))
        self.first: State = (0, 0, levels, tuple(tokens))

    def read(self, state: State) -> tuple[str, list[int], list[tuple[int, int]]]:
        """The text, the page at each position, its label."""
        turn, _, levels, tokens = state
        ordered = rows(self.problem, turn, levels, tokens)
        empty = sorted(levels[self.problem.pages :])
        unused = "#" + " ".join(map(str, empty)) if empty[0] <= self.problem.slots else ""
        order = [p for row in ordered for p in row]
        return written(ordered, levels, tokens) + unused, order, [(levels[p], tokens[p]) for p in order]

    def request(self, state: State, page: int) -> tuple[int, int, State]:
        """Miss, growth, next state. Raises NotAPolicy."""
        turn, function, levels, tokens = state
        text, order, labels = self.read(state)
        row = labels[: self.problem.experts]
        answers = self.table.get(text)
        if not isinstance(answers, dict) or not set(answers) <= {str(row.index(label)) for label in row}:
            raise NotAPolicy(f"{text}: one answer for each label")
        at, position = order.index(page), labels.index((levels[page], tokens[page]))
        order[at], order[position] = order[position], order[at]
        answer = answers.get(str(position))
        if not (isinstance(answer, list) and len(answer) == 2 and all(isinstance(a, list) for a in answer)):
            raise NotAPolicy(f"{text}: an answer has victims and tokens")
        victims, new = answer
        if not (
            all(map(whole, (*victims, *new))) and len(new) == len(order) and len(set(victims)) == len(victims)
        ):
            raise NotAPolicy(f"{text}: numbers")
        cached = {p for p in order if tokens[p] % 2}
        leave = {order[v] for v in victims if v < len(order)}
        miss = page not in cached
        if len(leave) < len(victims) or not leave <= cached or (leave and not miss):
            raise NotAPolicy(f"{text}: victims")
        if miss and not leave and len(cached) == self.cache:
            raise NotAPolicy(f"{text}: the cache is full")
        after = dict(zip(order, new, strict=True))
        if {p for p in order if after[p] % 2} != cached - leave | {page}:
            raise NotAPolicy(f"{text}: tokens")
        next_function, growth = self.optimum.request(function, page)
        next_levels, grown = self.levels(levels, page)
        assert growth == grown
        fresh = tuple(after[p] for p in range(len(order)))
        return int(miss), growth, (self.problem.next(turn), next_function, next_levels, fresh)

    def levels(self, levels: tuple[int, ...], page: int) -> tuple[tuple[int, ...], int]:
        """Those of pages, then those of empty slots, which are alike."""
        new, growth = raised(levels, page, self.problem.slots)
        pages = self.problem.pages
        return (*new[:pages], *sorted(new[pages:])), growth

    def moves(self, state: State) -> Iterator[tuple[int, int, State]]:
        for page in self.problem.turn(state[0]):
            yield self.request(state, page)

    def shown(self, prefix: list[int], cycle: list[int]) -> tuple[int, int]:
        """Misses and growth of the part that recurs when positions are requested, the cycle again and again."""
        state = self.first
        totals, seen = (0, 0), dict[State, tuple[int, int]]()
        for part in self.parts(prefix, cycle):
            for position in part:
                if not (whole(position) and position < self.problem.experts):
                    raise NotAPolicy("a position of another layer")
                miss, growth, state = self.request(state, self.read(state)[1][position])
                totals = totals[0] + miss, totals[1] + growth
            if state in seen:
                return totals[0] - seen[state][0], totals[1] - seen[state][1]
            seen[state] = totals
        raise AssertionError

    def parts(self, prefix: list[int], cycle: list[int]) -> Iterator[list[int]]:
        yield prefix
        while True:
            yield cycle


KNOWN: dict[tuple[Problem, str], Fraction | None] = {}
"""Ratios of tables, as text."""


def ratio(
    problem: Problem, table: Table, start: list[int] | None, cache: int | None = None
) -> Fraction | None:
    """The exact ratio; None: infinite. Raises NotAPolicy."""
    key = problem, json.dumps([table, start, cache], sort_keys=True)
    if key not in KNOWN:
        transducer = Transducer(problem, table, start, cache)
        KNOWN[key] = largest_ratio(transducer.first, transducer.moves, 200_000)
    return KNOWN[key]
