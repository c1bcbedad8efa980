"""The offset function against a dynamic program over all caches: costs and sets."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.testing.strategies import instances, request_sequences
from paging.model import Instance
from paging.offline.offset import OffsetFunction
from tests.paging.policies.naive import offset

Work = dict[frozenset[int], int]


def work(costs: Work, page: int) -> Work:
    """omega_t for caches of exactly k pages (empty slots are pages -1, -2, ...), one request later.

    Every cache can be reached from every other at the price of the pages it lacks.
    """
    served = {c: w + (page not in c) for c, w in costs.items()}
    after: Work = {}
    for cache, cost in served.items():
        with_page = [cache] if page in cache else [(cache - {out}) | {page} for out in cache]
        for new in with_page:
            after[new] = min(after.get(new, cost), cost)
    return {target: min(cost + len(target - cache) for cache, cost in after.items()) for target in costs}


@settings(max_examples=60, deadline=None)
@given(data=st.data(), instance=instances(max_pages=5, trivial=False))
def test_minimizing_caches_are_those_of_the_sets(data: st.DataObject, instance: Instance) -> None:
    slots = instance.cache
    start = frozenset(-1 - i for i in range(slots))
    everything = [frozenset(c) for c in combinations([*start, *range(instance.pages)], slots)]
    costs = {c: len(c - start) for c in everything}
    function = OffsetFunction(instance)
    stream = data.draw(request_sequences(instance, max_rounds=6)).stream.tolist()
    for time, page in enumerate(stream):
        costs = work(costs, page)
        function.request(page)
        best = min(costs.values())
        assert function.optimum == best
        sets = offset(stream[: time + 1], slots)
        assert [frozenset(p for p in members if p >= 0) for members in sets] == list(function.sets())
        unions = [set().union(*sets[: i + 1]) for i in range(slots)]
        described = {c for c in everything if all(len(c & unions[i]) > i for i in range(slots))}
        assert described == {c for c, cost in costs.items() if cost == best}


@given(data=st.data(), instance=instances(max_pages=6))
def test_keys_are_equal_exactly_for_equal_sets(data: st.DataObject, instance: Instance) -> None:
    functions = []
    for _ in range(2):
        function = OffsetFunction(instance)
        for page in data.draw(request_sequences(instance, max_rounds=6)).stream.tolist():
            function.request(page)
        empty = sorted(function.level[instance.pages :].tolist())
        functions.append((function.key(), function.sets(), empty))
    assert (functions[0][0] == functions[1][0]) == (functions[0][1:] == functions[1][1:])


def test_a_row_by_hand() -> None:
    """k=2 from empty: a, b, c: ({c}, {a,b}) and OPT 3; then a: ({a}, {c}) and OPT stays."""
    function = OffsetFunction(Instance(1, 3, 2))
    for page in (0, 1, 2):
        assert function.request(page)
    assert function.sets() == (frozenset({2}), frozenset({0, 1}))
    assert not function.request(0)
    assert function.sets() == (frozenset({0}), frozenset({2}))
    assert function.optimum == 3
