"""What cannot prove `guided-is-enough` (conjectures.md), and where it fails beside layered paging; a game solver of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction

import pytest

Layer = tuple[tuple[int, bool, bool], ...]
"""A layer's pages as (level, cached, requested last), sorted: names do not matter."""
State = tuple[Layer, ...]
"""The layers from the one whose turn it is. A page's level is k+1 where no optimal algorithm can hold it."""


def start(sizes: tuple[int, ...], slots: int) -> State:
    """The cache is full and the offset function knows one cache only: each level up to k has one page."""
    layers = [[(slots + 1, False, expert == 0) for expert in range(size)] for size in sizes]
    order = [
        (layer, expert)
        for expert in range(max(sizes))
        for layer in reversed(range(len(sizes)))
        if expert < sizes[layer]
    ]
    for level, (layer, expert) in enumerate(order[:slots], 1):
        layers[layer][expert] = (level, True, expert == 0)
    return tuple(tuple(sorted(layer)) for layer in layers)


def successors(state: State, expert: int, slots: int, kind: str) -> tuple[bool, bool, set[State]]:
    """Miss, growth of OPT, and the states that a policy of the class can choose among."""
    at, hit, _ = state[0][expert]
    grows = at == slots + 1
    layers = [
        [[v + (v == 1 if grows else v <= at), held, last] for v, held, last in layer] for layer in state
    ]
    was_last = [page for page in layers[0] if page[2]]
    for page in layers[0]:
        page[2] = False
    layers[0][expert] = [1, True, True]
    cached = [page for layer in layers for page in layer if page[1]]

    def after() -> State:
        return tuple(
            tuple(sorted((v, bool(held), bool(last)) for v, held, last in layer))
            for layer in (*layers[1:], layers[0])
        )

    if hit:
        return False, grows, {after()}
    tight = max(i for i in range(1, slots + 1) if sum(page[0] <= i for page in cached) == i)
    found = set()
    for page in cached:
        if page is layers[0][expert] or (kind != "all" and page[0] <= tight):
            continue
        if kind == "one slot more" and not any(page is w for w in was_last):
            (w,) = was_last
            if page[2] or (w[0] > tight and (grows or page[0] <= w[0])):
                continue
        page[1] = False
        found.add(after())
        page[1] = True
    assert found
    return True, grows, found


def at_most(sizes: tuple[int, ...], slots: int, kind: str, ratio: Fraction) -> bool:
    """Whether some policy of the class has the ratio. An energy game: the least potentials that bear
    ``denominator * misses - numerator * growths`` are, where finite, at most the number of states times the largest weight."""
    order = [start(sizes, slots)]
    index = {order[0]: 0}
    moves: list[list[tuple[int, list[int]]]] = []
    for state in order:
        moves.append([])
        for expert in range(len(state[0])):
            missed, grows, found = successors(state, expert, slots, kind)
            for one in found:
                if one not in index:
                    index[one] = len(order)
                    order.append(one)
            moves[-1].append(
                (ratio.denominator * missed - ratio.numerator * grows, [index[one] for one in found])
            )
    before: list[set[int]] = [set() for _ in order]
    for x, requests in enumerate(moves):
        for _, found_ in requests:
            for y in found_:
                before[y].add(x)
    potential = [0] * len(order)
    waiting, queued = deque(range(len(order))), [True] * len(order)
    while waiting:
        x = waiting.popleft()
        queued[x] = False
        needed = max(0, *(w + min(potential[y] for y in ys) for w, ys in moves[x]))
        if needed > potential[x]:
            if needed > len(order) * ratio.denominator:
                return False
            potential[x] = needed
            for y in before[x]:
                if not queued[y]:
                    queued[y] = True
                    waiting.append(y)
    return True


def test_it_fails_for_unequal_layers_below_a_round() -> None:
    """Layers of 1, 1 and 2 pages, k = 2 < l: some policy has 6/5, no guided one 13/10."""
    assert at_most((1, 1, 2), 2, "all", Fraction(6, 5))
    assert not at_most((1, 1, 2), 2, "all", Fraction(119, 100))
    assert not at_most((1, 1, 2), 2, "guided", Fraction(13, 10))
    assert at_most((1, 1, 2), 2, "guided", Fraction(4, 3))


@pytest.mark.parametrize("kind", ["all", "guided"])
def test_the_games_agree_with_theorems(kind: str) -> None:
    """(2,2,3) has 2 and (2,2,2) has 3/2, by deterministic-lower and one-token-lower; a little less is refused."""
    assert at_most((2, 2), 3, kind, Fraction(2))
    assert not at_most((2, 2), 3, kind, Fraction(19, 10))
    assert at_most((2, 2), 2, kind, Fraction(3, 2))
    assert not at_most((2, 2), 2, kind, Fraction(7, 5))


@pytest.mark.parametrize(
    ("layers", "experts", "ratio"),
    [
        (3, 2, Fraction(2)),
        (3, 3, Fraction(7, 3)),
        (4, 2, Fraction(7, 3)),
        (5, 2, Fraction(7, 3)),
        (3, 4, Fraction(7, 3)),
    ],
)
def test_two_candidates_are_enough_at_one_slot_more(layers: int, experts: int, ratio: Fraction) -> None:
    """k = l+1: w, the layer's last page, at a growth; else w or x, the cached page outside the last round, x only if its
    level is above w's or w is not safe (conjectures.md, `one-slot-more`)."""
    assert at_most((experts,) * layers, layers + 1, "one slot more", ratio)


def test_two_candidates_have_no_less_than_the_theorem() -> None:
    """deterministic-lower: 2 at (3,2,4)."""
    assert not at_most((2, 2, 2), 4, "one slot more", Fraction(19, 10))


Levels = tuple[frozenset[str], frozenset[str]]


def step(levels: Levels, page: str) -> tuple[bool, Levels]:
    """One layer, two slots: whether OPT grows, and the sets of the offset function."""
    one, two = levels
    if page in one:
        return False, levels
    return page not in two, (frozenset(page), one if page in two else one | two)


def blocks(names: str, cache: frozenset[str], count: int, guided: bool) -> Iterator[tuple[int, int, int]]:
    """(misses of the fixed policy, misses of the other, growth) for all that the other can do in so many blocks.

    Names a, b, c, d: L_1 = {a}, L_2 holds b and c, not d; the fixed policy has {a, b}, a guided one {a, b} or {a, c}.
    The adversary looks at the other's cache.
    """
    if not count:
        yield 0, 0, 0
        return
    a, b, c, d = tuple(names)
    short = cache == {a, c}
    evicted = b if short else a + c + d

    def rest(
        at: int, levels: Levels, fixed: frozenset[str], other: frozenset[str], paid: tuple[int, int, int]
    ) -> Iterator[tuple[int, int, int]]:
        e = a if a not in other else c
        if at == (2 if short else 4):
            renamed = (
                c + a + b + d if short else b + next(iter(fixed - {b})) + d + (a if a not in fixed else c)
            )
            assert fixed == set(renamed[:2])
            assert levels[0] == {renamed[0]}
            assert levels[1] >= {renamed[1], renamed[2]}
            assert renamed[3] not in levels[1]
            for later in blocks(renamed, other, count - 1, guided):
                yield paid[0] + later[0], paid[1] + later[1], paid[2] + later[2]
            return
        page = (b + c)[at] if short else (c + d + e + b)[at]
        grows, levels = step(levels, page)
        mine = page not in fixed
        if mine:
            fixed = fixed - {evicted[paid[0]]} | {page}
        spent = (paid[0] + mine, paid[1] + (page not in other), paid[2] + grows)
        keeps = (
            [other]
            if page in other
            else [frozenset((page, kept)) for kept in other if not guided or kept in levels[1]]
        )
        assert len(fixed) == 2
        assert keeps
        for choice in keeps:
            yield from rest(at + 1, levels, fixed, choice, spent)

    yield from rest(0, (frozenset(a), frozenset((b, c))), frozenset((a, b)), cache, (0, 0, 0))


@pytest.mark.parametrize("cache", ["ab", "ac"])
def test_no_exchange_argument(cache: str) -> None:
    """l = 1, k = 2, n = 4: every guided policy pays one miss more than a fixed one in every block, and twice the growth."""
    for mine, other, growth in blocks("abcd", frozenset(cache), 6, guided=True):
        assert other == mine + 6
        assert other == 2 * growth
        assert 2 * mine <= 3 * growth


def test_a_policy_that_may_evict_all_does_not_lose_a_block() -> None:
    """The same block against any eviction: the fixed policy's own pays no more, so the test above can fail."""
    assert any(other <= mine for mine, other, _ in blocks("abcd", frozenset("ab"), 1, guided=False))
