"""The judge against formulas and against searches that share no code with it; and it says no to what is false."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from tests.proofs.judge import policies
from tests.proofs.judge.game import best_deterministic
from tests.proofs.judge.optimum import Optimum, Problem
from tests.proofs.judge.ratio import INFINITE, largest_ratio
from tests.proofs.judge.transducer import NotAPolicy, Transducer, ratio
from tests.proofs.judge.verdict import DECIDED, between, judge

FEW = [(l, n, k) for l, n, k in DECIDED if l * n <= 5 and n > 1]


def belady(requests: list[int], slots: int) -> int:
    """Evict the page whose next request is furthest."""
    cached: set[int] = set()
    misses = 0
    for time, page in enumerate(requests):
        if page not in cached:
            misses += 1
            rest = requests[time:]
            if len(cached) == slots:
                cached.remove(max(cached, key=lambda p: rest.index(p) if p in rest else len(rest)))
            cached.add(page)
    return misses


@pytest.mark.parametrize("numbers", [(1, 4, 2), (2, 2, 3), (3, 2, 4), (2, 3, 2), (1, 5, 4)])
def test_the_optimum_is_that_of_belady(numbers: tuple[int, int, int]) -> None:
    problem, rng = Problem(*numbers), random.Random(1)
    optimum = Optimum(problem)
    for _ in range(20):
        requests, function, total = [], 0, 0
        for time in range(40):
            requests.append(rng.choice(problem.turn(time % problem.layers)))
            function, growth = optimum.request(function, requests[-1])
            total += growth
            assert total == belady(requests, problem.slots)


@pytest.mark.parametrize(("layers", "experts", "slots"), [(l, n, k) for l, n, k in FEW if l <= k])
def test_values_of_the_formulas(layers: int, experts: int, slots: int) -> None:
    """theory: k - l + 1 from 2l - 1 on, 2 - 1/l at k = l; LRU 2(k-l) + 1 between, k from 2l - 1 on; FIFO k."""
    l, k = layers, slots
    at_l = 2 - Fraction(1, l)
    assert best_deterministic(l, experts, k) == (at_l if k == l else k - l + 1)
    lru = k if k >= 2 * l - 1 else at_l if k == l else 2 * (k - l) + 1
    assert policies.exact("lru", l, experts, k) == lru
    assert policies.exact("fifo", l, experts, k) == k


def simple_cycles(edges: list[tuple[int, int, int, int]], nodes: int) -> list[tuple[int, int]]:
    """Misses and growth of every simple cycle: every way to go on from every node."""
    found = []

    def walk(path: list[int], misses: int, growth: int) -> None:
        for begin, end, miss, grown in edges:
            if begin == path[-1] and end == path[0]:
                found.append((misses + miss, growth + grown))
            elif begin == path[-1] and end not in path and end > path[0]:
                walk([*path, end], misses + miss, growth + grown)

    for node in range(nodes):
        walk([node], 0, 0)
    return found


def test_the_largest_ratio_is_that_of_all_simple_cycles() -> None:
    rng, infinite = random.Random(2), 0
    for _ in range(200):
        nodes = rng.randrange(2, 6)
        # node i leads to i + 1, so that all are reachable
        edges = [(i, (i + 1) % nodes, rng.randrange(2), rng.randrange(2)) for i in range(nodes)]
        edges += [
            (
                rng.randrange(nodes),
                rng.randrange(nodes),
                *rng.choice([(0, 0), (1, 0), (1, 1), (1, 1), (0, 1)]),
            )
            for _ in range(nodes)
        ]

        def moves(node: int, edges: list[tuple[int, int, int, int]] = edges) -> list[tuple[int, int, int]]:
            return [(miss, growth, end) for begin, end, miss, growth in edges if begin == node]

        cycles = simple_cycles(edges, nodes)
        expected = max((Fraction(m, g) for m, g in cycles if g), default=Fraction(0))
        if any(m > 0 == g for m, g in cycles):
            infinite += 1
            assert largest_ratio(0, moves) is INFINITE
        else:
            assert largest_ratio(0, moves) == expected
    assert 20 < infinite < 180


def test_half_a_claim() -> None:
    low, high = Fraction(1), Fraction(2)
    assert [between(Fraction(r, 2), True, low, high) for r in (1, 2, 3, 4)] == [
        "false",
        "undecided",
        "undecided",
        "true",
    ]
    assert [between(Fraction(r, 2), False, low, high) for r in (1, 2, 3, 5)] == [
        "true",
        "true",
        "undecided",
        "false",
    ]


def heading(kind: str, ratio: object, **more: object) -> dict[str, object]:
    return {
        "format": "layered-paging certificate", "version": 1, "kind": kind, "ratio": ratio,
        "layers": 1, "experts": 3, "cache": 2, **more,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "value"),
    [("deterministic", Fraction(2)), ("randomized", Fraction(3, 2)), ("policy", Fraction(2))],
)
def test_claims_beside_the_truth_are_false(kind: str, value: Fraction) -> None:
    step, more = Fraction(1, 1000), {"policy": "lru"} if kind == "policy" else {}
    for side, sign in (("upper", 1), ("lower", -1)):
        for times in (0, 1):
            assert judge(heading(f"{kind}-{side}", str(value + times * sign * step), **more)) == "true"
        assert judge(heading(f"{kind}-{side}", str(value - sign * step), **more)) == "false"


def test_what_is_no_claim_is_false() -> None:
    for wrong in ("02x", "２", "٣", "2.0", "1e3", "inf", "-1", "1/0", "", 2, True, None):
        assert judge(heading("deterministic-upper", wrong)) == "false"
    assert judge(heading("deterministic-upper", "3")) == "true"
    assert judge(heading("deterministic-between", "3")) == "false"
    assert judge({**heading("deterministic-upper", "3"), "version": True}) == "false"
    assert judge({**heading("deterministic-upper", "3"), "experts": True}) == "false"
    assert judge({**heading("deterministic-upper", "3"), "cache": 3}) == "false"
    assert judge({**heading("deterministic-upper", "3"), "experts": 7}) == "undecided"


def newest() -> dict[str, dict[str, list[list[int]]]]:
    """MRU with one layer, three pages, two slots: of the cached pages the newest has token 1, the other one 3."""
    table: dict[str, dict[str, list[list[int]]]] = {}
    transducer = Transducer(Problem(1, 3, 2), table, None)
    waiting = [transducer.first]
    seen = set(waiting)
    for state in waiting:
        text, order, labels = transducer.read(state)
        tokens = [token for _, token in labels]
        for position in {labels.index(label) for label in labels}:
            victims = [tokens.index(1)] if not tokens[position] and {1, 3} <= set(tokens) else []
            new = [0 if i in victims else 3 if token else 0 for i, token in enumerate(tokens)]
            new[position] = 1
            table.setdefault(text, {})[str(position)] = [victims, new]
        for page in order:
            after = transducer.request(state, page)[2]
            if after not in seen:
                seen.add(after)
                waiting.append(after)
    return table


def test_a_table_is_played() -> None:
    problem, table = Problem(1, 3, 2), newest()
    assert ratio(problem, table, None) is INFINITE
    assert judge(heading("policy-upper", "1000", policy="x", moves=table)) == "false"
    cycle = heading("policy-lower", "inf", policy="x", moves=table, prefix=[], cycle=[0])
    assert judge(cycle) == "false"


def test_a_table_that_is_no_policy() -> None:
    problem, table = Problem(1, 3, 2), newest()
    text = next(text for text, row in table.items() if len(row) == 3)
    answers: list[Any] = [
        [[], [0, 0, 0]],
        [[0, 0], [1, 1, 0]],
        None,
        [[], None],
        [[7], [1, 3, 0]],
        [[True], [1, 3, 0]],
    ]
    for answer in answers:
        broken = {**table, text: {**table[text], "2": answer}}
        with pytest.raises(NotAPolicy):
            ratio(problem, broken, None)
    twice = {**table, text: {**table[text], "3": table[text]["2"]}}
    with pytest.raises(NotAPolicy):
        ratio(problem, twice, None)
    for start in ([0, 0], [0, 0, 1], [0, 0, False], [0, 0, -2]):
        with pytest.raises(NotAPolicy):
            ratio(problem, table, start)


def test_the_instances() -> None:
    assert (2, 3, 5) in DECIDED
    assert all(0 < k < l * n <= 6 for l, n, k in DECIDED)
    assert (
        len(DECIDED)
        == len(set(DECIDED))
        == sum(m - 1 for m in range(1, 7) for d in range(1, m + 1) if m % d == 0)
    )
