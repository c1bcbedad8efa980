"""The windowed forms of the lower bounds, with their constants, on the instances of the notes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from bounds.formulas import harmonic, uniform_lower
from paging.model import Instance
from paging.offline.offset import OffsetFunction


def growths(instance: Instance, pages: Sequence[int]) -> list[int]:
    """OPT of every prefix, the empty one first."""
    offset = OffsetFunction(instance)
    costs = [0]
    for page in pages:
        offset.request(page)
        costs.append(offset.optimum)
    return costs


@pytest.mark.parametrize(
    ("layers", "cache"), [(1, 2), (1, 3), (2, 2), (2, 3), (2, 4), (3, 3), (3, 4), (3, 5)]
)
def test_optimum_of_a_cycle(layers: int, cache: int) -> None:
    """N pages round robin: OPT(1 + b (N-1) + j) = N + (b-1)(N-k) + max(0, j-(k-1)); windows lose at most k-1."""
    experts = -(-(cache + 1) // layers)
    length = layers * experts
    block, grown = length - 1, length - cache
    pages = [t % layers * experts + t // layers % experts for t in range(1 + 9 * block)]
    costs = growths(Instance(layers, experts, cache), pages)
    for served in range(length, 1 + 9 * block):
        b, j = divmod(served - 1, block)
        assert costs[served] == length + (b - 1) * grown + max(0, j - (cache - 1))
    loss = max(
        Fraction(block, grown) * (costs[end] - costs[begin]) - (end - begin)
        for begin in range(length, len(costs))
        for end in range(begin, len(costs))
    )
    assert loss == cache - 1


class WindowAdversary:
    """The k+1-page adversary of `deterministic-lower` against a cache that evicts at random but reproducibly."""

    def __init__(self, instance: Instance, seed: int) -> None:
        counts = [1] * instance.layers
        for extra in range(instance.cache + 1 - instance.layers):
            counts[min(range(instance.layers), key=lambda j: (counts[j], (j - extra) % instance.layers))] += 1
        self.pages = [[instance.page(j, e) for e in range(count)] for j, count in enumerate(counts)]
        self.instance, self.rng = instance, np.random.default_rng(seed)

    def run(self, length: int) -> tuple[list[int], list[int], list[int]]:
        """Pages, misses of every prefix, and the times at which phases start."""
        layers, slots = self.instance.layers, self.instance.cache
        cache: list[int] = []
        requested: set[int] = set()
        pages, misses, starts, window, target = [], [0], [0], 0, 0
        for time in range(length):
            layer = self.pages[time % layers]
            if (time - window) % layers == 0:
                target = next(p for pages in self.pages for p in pages if p not in cache)
            old = [p for p in layer if p in requested]
            page = target if target in layer else int(self.rng.choice(old or layer))
            if page not in requested and len(requested) == slots:
                requested, window = set(), time
                starts.append(time)
            requested.add(page)
            missed = page not in cache
            if missed and len(cache) == slots:
                cache.pop(int(self.rng.integers(slots)))
            if missed:
                cache.append(page)
            pages.append(page)
            misses.append(misses[-1] + missed)
        return pages, misses, starts


@pytest.mark.parametrize(
    ("layers", "experts", "cache"),
    [(1, 4, 3), (2, 2, 3), (2, 3, 4), (3, 2, 4), (3, 2, 5), (4, 3, 9), (4, 2, 4)],
)
def test_deterministic_windows(layers: int, experts: int, cache: int) -> None:
    """OPT grows exactly at phase starts; every window after the first phase has ALG >= r OPT - (r - 1)."""
    instance = Instance(layers, experts, cache)
    ratio = cache - layers + 1
    for seed in range(3):
        pages, misses, starts = WindowAdversary(instance, seed).run(250)
        costs = growths(instance, pages)
        assert [t for t in range(250) if t >= starts[1] and costs[t + 1] > costs[t]] == starts[1:]
        assert starts[1] <= layers * (cache - layers + 2)
        assert all(
            misses[end] - misses[begin] >= ratio * (costs[end] - costs[begin]) - (ratio - 1)
            for begin in range(starts[1], 250, 3)
            for end in range(begin, 251, 2)
        )


def expected_optimum(instance: Instance, choices: Sequence[Sequence[int]], rounds: int) -> list[Fraction]:
    """E[OPT] after every round when layer j draws uniformly from ``choices[j]``, by a walk over (L_1..L_k)."""
    spread: dict[bytes, tuple[OffsetFunction, Fraction]] = {}
    first = OffsetFunction(instance)
    spread[first.key()] = (first, Fraction(1))
    expected = [Fraction(0)]
    for _ in range(rounds):
        grown = expected[-1]
        for pages in choices:
            later: dict[bytes, Fraction] = defaultdict(Fraction)
            states: dict[bytes, OffsetFunction] = {}
            for offset, p in spread.values():
                for page in pages:
                    after = OffsetFunction(instance)
                    after.level[:] = offset.level
                    grown += p / len(pages) * after.request(page)
                    states[after.key()] = after
                    later[after.key()] += p / len(pages)
            spread = {key: (states[key], p) for key, p in later.items()}
        expected.append(grown)
    return expected


@pytest.mark.parametrize(("layers", "experts"), [(1, 2), (1, 3), (2, 2)])
def test_uniform_windows(layers: int, experts: int) -> None:
    """R/n >= r E[OPT(2R) - OPT(R)] - 2 r - r n l (1 - 1/n)^R, and the rate of OPT is 1/(n r) per round."""
    instance = Instance(layers, experts, layers * experts - 1)
    ratio = uniform_lower(layers, experts)
    expected = expected_optimum(instance, [instance.layer_pages(j) for j in range(layers)], 16)
    for rounds in range(1, 9):
        growth = expected[2 * rounds] - expected[rounds]
        cold = instance.pages * (1 - Fraction(1, experts)) ** rounds
        assert Fraction(rounds, experts) >= ratio * (growth - cold) - 2 * ratio
    rate = (expected[16] - expected[15]) * experts * ratio
    assert abs(rate - 1) < Fraction(1, 50)  # a limit; the exact statements are above


@pytest.mark.parametrize(("layers", "experts", "cache"), [(2, 2, 2), (2, 3, 3), (3, 3, 4)])
def test_one_layer_windows(layers: int, experts: int, cache: int) -> None:
    instance = Instance(layers, experts, cache)
    drawn = cache - layers + 2
    ratio = harmonic(cache - layers + 1)
    choices = [range(drawn), *([instance.page(j, 0)] for j in range(1, layers))]
    expected = expected_optimum(instance, choices, 16)
    for rounds in range(1, 9):
        growth = expected[2 * rounds] - expected[rounds]
        cold = drawn * (1 - Fraction(1, drawn)) ** rounds
        assert Fraction(rounds, drawn) >= ratio * (growth - cold) - 2 * ratio
    rate = (expected[16] - expected[15]) * drawn * ratio
    assert abs(rate - 1) < Fraction(1, 50)
