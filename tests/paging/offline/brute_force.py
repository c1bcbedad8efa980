"""OPT by dynamic programming over all caches: nothing in common with the engines but the statement of the problem."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, combinations

Weights = Sequence[int]


def brute_force(
    batches: Sequence[Sequence[int]],
    capacity: int,
    weights: Weights,
    sizes: Weights,
    bypass: bool,
) -> int:
    """Least cost of serving the batches one after another from an empty cache."""
    best: dict[frozenset[int], int] = {frozenset(): 0}
    for batch in batches:
        need = frozenset(batch)
        after: dict[frozenset[int], int] = {}
        for cache, cost in best.items():
            paid = cost + sum(weights[page] for page in need - cache)
            pool = cache | need
            keep = frozenset() if bypass else need
            for rest in _subsets(pool - keep):
                new = keep | rest
                if sum(sizes[page] for page in new) <= capacity and after.get(new, paid + 1) > paid:
                    after[new] = paid
        best = after
    return min(best.values())


def _subsets(pages: frozenset[int]) -> chain[frozenset[int]]:
    return chain.from_iterable(
        map(frozenset, combinations(sorted(pages), count)) for count in range(len(pages) + 1)
    )
