"""The claims of notes/guided-far-upper.md, by their numbers: on runs, and for all requests and all ties at once."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from paging.model import Instance
from tests.proofs.classes import at_most, far, guided, near
from tests.proofs.plays import Rule, Victim, levels, safe

SIZES = [
    (1, 4, 3),
    (2, 3, 3),
    (2, 3, 4),
    (3, 2, 5),
    (3, 3, 5),
    (3, 3, 4),
    (4, 2, 5),
    (4, 3, 9),
    (5, 2, 6),
    (4, 2, 4),
]


def far_by(rng: np.random.Generator, nearest: bool = False) -> Victim:
    """guided-far, ties at random; ``nearest``: the opposite."""

    def victim(rule: Rule) -> int:
        l, n = rule.instance.layers, rule.instance.experts  # noqa: E741
        distance = {page: (page // n - rule.page // n - 1) % l for page in safe(rule)}
        wanted = min(distance.values()) if nearest else max(distance.values())
        return int(rng.choice([page for page in distance if distance[page] == wanted]))

    return victim


def requested(rule: Rule, rng: np.random.Generator) -> int:
    """A page that hurts: missing without growth, sometimes a growth, sometimes anything."""
    pages = list(rule.instance.layer_pages(rule.time % rule.instance.layers))
    known = levels(rule)
    missing = [page for page in pages if page not in rule.cached]
    quiet = [page for page in missing if page in known]
    kind = rng.random()
    return int(rng.choice(quiet if quiet and kind < 0.6 else missing if missing and kind < 0.8 else pages))


def leading(rule: Rule) -> int:
    """s."""
    return next((i for i, members in enumerate(rule.sets) if len(members) > 1), len(rule.sets))


class Window:
    """The window of a phase: claims 7 to 10."""

    def __init__(self, rule: Rule, s: int) -> None:
        self.rule, self.start, self.s = rule, rule.time, s
        self.old = set().union(*rule.sets[:s])  # R
        self.later = rule.instance.cache - s  # N-containing sets to come

    def only_old(self) -> list[int]:
        """The levels of the sets of pages of R that no request has touched since."""
        return [
            i
            for i, members in enumerate(self.rule.sets)
            if members <= self.old and all(self.rule.last[page] < self.start for page in members)
        ]


def judge(instance: Instance, victim: Victim, rng: np.random.Generator, length: int) -> Counter[int]:
    """Claims that failed."""
    l, k = instance.layers, instance.cache  # noqa: E741
    rule = Rule(victim, instance)
    failed: Counter[int] = Counter()
    costs = optima = 0
    window: Window | None = None
    since: list[int] = []  # distinct pages requested since the last growth, the latest first
    begun, misses, early, s_before, first_phase = 0, 0, 0, 0, True
    s = 0
    for _ in range(length):
        full = len(rule.cached) == k
        if window is not None and rule.time >= window.start + l:
            window = None
        page = requested(rule, rng)
        old_s, old_sets = s, rule.sets
        grown_at = rule.time
        before = Window(rule, old_s) if rule.time else None
        missed, out, grew = rule.serve(page)
        costs, optima = costs + missed, optima + grew
        s = leading(rule)
        since = [page] if grew else [page, *(p for p in since if p != page)]
        failed[1] += k > 1 and (s != len(since) or rule.sets[:s] != [{p} for p in since])
        failed[2] += missed and not grew and s != old_s + 1
        if grew:
            if optima > 1:
                failed[3] += misses > 1 + early + max(0, old_s - l)
            begun, misses, early, first_phase = grown_at, 1, 0, optima == 1
            s_before = old_s
            window = before if old_s >= l and full else None
            if window is not None:
                failed[6] += missed and out is not None and instance.layer(out) != instance.layer(page)
                window.later = len(rule.sets) - sum(
                    all(p in window.old or p == page for p in members) for members in rule.sets
                )
                failed[7] += window.later != k - window.s
            continue
        misses += missed
        early += missed and grown_at < begun + l
        failed[4] += early > l - 1 or (first_phase and optima == 1 and early > 0)
        failed[5] += s_before >= l and early > k - s_before
        if window is not None:
            at = next(members for members in old_sets if page in members)
            touches = bool(at - window.old)
            window.later -= touches
            seen = window.old | {p for p in rule.last if rule.last[p] >= window.start}
            failed[7] += window.later != sum(not members <= seen for members in rule.sets)
            rest = window.only_old()
            w = grown_at - window.start + 1
            sizes = [len(rule.sets[i]) for i in rest]
            failed[7] += bool(rest) and (
                rest != list(range(w, w + len(rest))) or sizes != [2] + [1] * (len(rest) - 1)
            )
            if missed and out is not None and out in window.old and rule.last[out] < window.start:
                in_old = any(out in rule.sets[i] for i in rest)
                failed[8] += in_old and instance.layer(out) != instance.layer(page)
            failed[9] += missed and not touches
        failed[10] += costs > max(l, k - l + 1) * optima
    return +failed


@pytest.mark.parametrize("numbers", SIZES, ids=str)
def test_claims(numbers: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(3)
    for _ in range(8):
        assert judge(Instance(*numbers), far_by(rng), rng, 150) == Counter()


def test_the_nearest_layer_is_caught() -> None:
    rng = np.random.default_rng(3)
    failed: Counter[int] = Counter()
    for _ in range(20):
        failed += judge(Instance(3, 3, 5), far_by(rng, nearest=True), rng, 200)
    assert {5, 6, 9} <= set(failed)


@pytest.mark.parametrize(
    "numbers", [(2, 2, 3), (2, 3, 3), (2, 3, 4), (3, 2, 3), (3, 2, 4), (3, 2, 5), (4, 2, 5)], ids=str
)
def test_every_sequence_and_every_tie(numbers: tuple[int, int, int]) -> None:
    layers, _, slots = numbers
    assert at_most(Instance(*numbers), far, Fraction(max(layers, slots - layers + 1)))


def test_what_is_not_true() -> None:
    """k-l+1 below 2l-1; a fraction less than the bound; the nearest layer; any safe page."""
    assert not at_most(Instance(3, 3, 4), far, Fraction(2))
    assert not at_most(Instance(2, 3, 4), far, Fraction(29, 10))
    assert not at_most(Instance(2, 3, 4), near, Fraction(3))
    assert not at_most(Instance(2, 2, 3), guided, Fraction(2))
