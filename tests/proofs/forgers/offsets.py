"""States of the offset function, caches on them and plans between these, as certificates from above write them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations
from math import comb, prod

from tests.proofs.forgers.board import Board, Claim, Document, ordered, start

Plan = list[list[str]]
Entry = tuple[dict[str, str], dict[str, Plan]]
"""Caches with their masses; the plan for each position."""


def offsets(claim: Claim) -> dict[Board, dict[int, Board]]:
    """The states of the offset function, tokens 0, and what each request leads to."""
    first = start(claim, True)
    first = Board(claim, tuple((level, 0) for level, _ in first.labels))
    result: dict[Board, dict[int, Board]] = {}
    waiting = [first]
    for board in waiting:
        if board not in result:
            zero = [0] * len(board.labels)
            result[board] = {i: board.grown(i, zero)[1] for i in board.firsts()}
            waiting += result[board].values()
    return result


def full_caches(board: Board) -> Counter[Board]:
    """Full caches as they look; how many look so."""
    result: Counter[Board] = Counter()
    for chosen in combinations(range(len(board.labels)), board.claim.slots):
        labels = [(level, int(i in chosen)) for i, (level, _) in enumerate(board.labels)]
        result[ordered(board.claim, labels)] += 1
    return result


def caches(board: Board) -> Counter[Board]:
    """Those that an optimal algorithm could have."""
    result: Counter[Board] = Counter()
    for cache, count in full_caches(board).items():
        levels = [level for level, token in cache.labels if token]
        if all(sum(level <= j for level in levels) >= j for j in range(1, board.claim.slots + 1)):
            result[cache] = count
    return result


def marked(cache: Board, level: int) -> Counter[Board]:
    """With one page of the level marked, for each such page."""
    result: Counter[Board] = Counter()
    for j in range(cache.claim.experts):
        if cache.labels[j][0] == level:
            labels = list(cache.labels)
            labels[j] = (level, labels[j][1] | 2)
            result[ordered(cache.claim, labels)] += 1
    return result


def alike(cache: Board) -> int:
    n = cache.claim.experts
    pages = Counter((i // n, level, token & ~1) for i, (level, token) in enumerate(cache.labels))
    inside = Counter(
        (i // n, level, token & ~1) for i, (level, token) in enumerate(cache.labels) if token & 1
    )
    return prod(comb(pages[group], inside[group]) for group in pages)


def with_page(cache: Board, after: Callable[[Board], Board], allowed: Counter[Board]) -> Board:
    """The marked page is cached, loaded in the place of another one where it must; the cache is then one of those allowed."""
    if any(token == 3 for _, token in cache.labels):
        return cache
    j = next(i for i, (_, token) in enumerate(cache.labels) if token == 2)
    for v in cache.cached():
        labels = list(cache.labels)
        labels[j], labels[v] = (labels[j][0], 3), (labels[v][0], labels[v][1] ^ 1)
        end = ordered(cache.claim, labels)
        if after(end) in allowed:
            return end
    raise AssertionError


def aged(cache: Board) -> Board:
    """After the request of its marked page; all tags forgotten."""
    j = next(i for i, (_, token) in enumerate(cache.labels) if token & 2)
    labels = [(level, token & 1) for level, token in cache.labels]
    return Board(cache.claim, tuple(labels)).grown(j, [token for _, token in labels])[1]


def read(claim: Claim, text: str) -> Board:
    """The board of a text."""
    labels = [item.split(".") for row in text.split("|") for item in row.split(" ")]
    return Board(claim, tuple((int(level), int(token)) for level, token in labels))


def loads(begin: Board, end: Board) -> int:
    """Pages to be loaded from one to the other; those that look alike may change places."""
    n = begin.claim.experts
    had, has = (
        Counter((i // n, level, token & ~1) for i, (level, token) in enumerate(cache.labels) if token & 1)
        for cache in (begin, end)
    )
    return (has - had).total()


def merged(plan: Plan) -> Plan:
    """Each pair of caches once."""
    total: dict[tuple[str, str], Fraction] = {}
    for begin, end, mass in plan:
        total[begin, end] = total.get((begin, end), Fraction(0)) + Fraction(mass)
    return [[begin, end, str(mass)] for (begin, end), mass in total.items()]


def potentials(
    states: dict[Board, dict[int, Board]], costs: dict[tuple[Board, int], Fraction], ratio: Fraction
) -> dict[Board, Fraction] | None:
    """The least ones >= 0, or None."""
    k = next(iter(states)).claim.slots
    value = dict.fromkeys(states, Fraction(0))
    for _ in range(200):
        new = {
            b: max(
                Fraction(0),
                *(costs[b, i] - ratio * (b.labels[i][0] > k) + value[y] for i, y in nexts.items()),
            )
            for b, nexts in states.items()
        }
        if new == value:
            return value
        value = new
    return None


def document(
    claim: Claim, entries: dict[Board, Entry], values: dict[Board, Fraction] | None = None
) -> Document:
    states = {b.text: [str(values[b] if values else 0), *entry] for b, entry in entries.items()}
    return claim.document("randomized-upper", states=states)
