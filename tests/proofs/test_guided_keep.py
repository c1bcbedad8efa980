"""The claims of notes/keep-upper.md (1 to 9) and notes/guided-keep-upper.md (10 to 15), by their numbers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from paging.model import Instance
from tests.proofs.classes import at_most, guided, keep, keep_if_safe
from tests.proofs.plays import Rule, Victim, before, levels, recent, safe
from tests.proofs.test_guided_far import requested

SIZES = [
    (2, 3, 3),
    (2, 4, 4),
    (3, 3, 4),
    (3, 3, 5),
    (4, 2, 5),
    (4, 2, 6),
    (4, 3, 7),
    (5, 2, 7),
    (6, 2, 8),
    (3, 3, 3),
    (6, 2, 7),
]


def keeping(rng: np.random.Generator, if_safe: bool, level: bool = False) -> Victim:
    """A KEEP policy that is free where it may be; ``if_safe``: KEEPW; ``level``: any safe page at any time (false)."""

    def victim(rule: Rule) -> int:
        found, w = safe(rule), before(rule)
        if level:
            return int(rng.choice(found))
        if rule.grew or (if_safe and w in found):
            return w
        return int(rng.choice([page for page in found if page not in recent(rule)]))

    return victim


@dataclass
class Token:
    birth: int
    place: int = 2  # k + 1: lost


@dataclass
class Stage:
    """The misses without growth while one token is the youngest old one; ``single``: those that moved only one old token."""

    misses: int = 0
    single: int = 0


@dataclass
class Play:
    """One run of a class of policies, with its tokens."""

    instance: Instance
    failed: Counter[int] = field(default_factory=Counter)
    tried: Counter[int] = field(default_factory=Counter)

    def claim(self, number: int, holds: bool) -> None:
        self.tried[number] += 1
        self.failed[number] += not holds

    def run(self, victim: Victim, rng: np.random.Generator, length: int) -> None:
        instance = self.instance
        l, k = instance.layers, instance.cache  # noqa: E741
        e = k - l
        rule = Rule(victim, instance)
        tokens: list[Token] = []
        growths: list[int] = []  # from T on
        stages: dict[int, Stage] = {}
        costs = optima = 0
        begun = None
        for z in range(length):
            page = requested(rule, rng)
            level = levels(rule).get(page, k + 1)
            fresh = page not in rule.last
            missed, _, grew = rule.serve(page)
            costs, optima = costs + missed, optima + grew
            if begun is None and fresh and len(rule.last) == k + 1:
                begun = z
            if grew and begun is not None:
                growths.append(z)
            places = {id(token): token.place for token in tokens}
            if grew:
                tokens.append(Token(z))
            else:
                for token in tokens:
                    token.place += token.place <= min(level, k)
            self.sets(rule, tokens)
            young = [token for token in tokens if z - l < token.birth < z]
            old = [token for token in tokens if token.birth <= z - l]
            moved = [token for token in old if places[id(token)] < token.place]
            if not grew:
                self.claim(
                    4, all(token.place > places[id(token)] for token in young if places[id(token)] <= k)
                )
            for token in tokens:
                if token.birth == z - l + 1 and begun is not None and token.birth >= begun:
                    self.claim(4, token.place == l + 1 - sum(token.birth < t <= z for t in growths))
            if begun is not None and z >= begun:
                last_round = {p for p, t in rule.last.items() if t > z - l}
                self.claim(5, last_round <= set(rule.cached))
            if begun is not None and missed and not grew and z >= begun + l:
                self.claim(6, bool(moved) and moved[-1] is old[-1])
                stage = stages.setdefault(old[-1].birth, Stage())
                stage.misses += 1
                stage.single += len(moved) < 2
                for token in tokens:
                    if token.birth >= begun and token.birth + l <= z <= token.birth + 2 * l - 1:
                        self.claim(7, token in moved)
            self.claim(9, costs <= (e + 2) * optima)
            if e >= 2 or k >= 2 * l - 1:
                self.claim(15, costs <= (e + 1) * optima)
            elif e == 1:
                self.claim(15, 2 * costs <= 5 * optima)
        self.groups(growths, stages, length)

    def sets(self, rule: Rule, tokens: list[Token]) -> None:
        """Claims 1, 2, 3, 10."""
        k = self.instance.cache
        level = levels(rule)
        order = sorted(range(self.instance.pages), key=lambda page: -rule.last.get(page, -1))
        asked = [level.get(page, k + 1) for page in order if page in rule.last]
        self.claim(1, asked == sorted(asked))
        at = Counter(token.place for token in tokens)
        self.claim(2, all(len(members) - 1 == at[i] for i, members in enumerate(rule.sets, 1)))
        self.claim(2, all(a.place >= b.place for a, b in pairwise(tokens)))
        for token in tokens[-6:]:
            for page in range(self.instance.pages):
                here = level.get(page, k + 1)
                if rule.last.get(page, -1) < token.birth:
                    self.claim(3, here >= token.place)
                else:
                    self.claim(10, here <= token.place)

    def groups(self, growths: list[int], stages: dict[int, Stage], length: int) -> None:
        """Claims 8, 11 to 14 on the whole run."""
        l = self.instance.layers  # noqa: E741
        e = self.instance.cache - l
        x = [stages.get(t, Stage()).misses for t in growths]
        near = [sum(t < u <= t + l - 1 for u in growths) for t in growths]  # g'
        count = len(growths)
        for j in range(count):
            self.claim(8, x[j] <= e + near[j])
            if near[j] >= 2:
                self.claim(8, sum(x[j : j + near[j]]) <= e + near[j])
            if near[j] >= 1:
                self.claim(11, stages.get(growths[j], Stage()).single <= 1)
            if j + 1 < count and near[j + 1] >= 1:
                self.claim(12, x[j] + x[j + 1] - 1 <= e + near[j])
        if e == 0:
            return
        share = Fraction(e) if e >= 2 else Fraction(3, 2)
        unit = 1 if e >= 2 else Fraction(1, 2)
        slack, sizes, j = [], [], 0
        while j < count:
            size = max(1, near[j])
            sizes.append(size)
            slack.append(share * size - sum(x[j : j + size]))
            j += size
        for number, (spare, size) in enumerate(zip(slack, sizes, strict=True)):
            self.claim(13, spare >= 0 or (size == 1 and spare == -unit))
            if e >= 2 and size >= 2:
                self.claim(13, spare >= (e - 1) * (size - 1) - 1)
            if spare < 0:
                payer = number - 1
                while payer >= 0 and slack[payer] == 0:
                    payer -= 1
                self.claim(14, payer < 0 or slack[payer] >= unit)
        self.claim(14, sum(x) <= share * count + unit)


@pytest.mark.parametrize("numbers", SIZES, ids=str)
def test_claims(numbers: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(5)
    for _ in range(6):
        play = Play(Instance(*numbers))
        play.run(keeping(rng, if_safe=True), rng, 250)
        assert +play.failed == Counter()
        play = Play(Instance(*numbers))
        play.run(keeping(rng, if_safe=False), rng, 150)
        assert not {number for number in +play.failed if number <= 10}


def test_every_claim_is_tried() -> None:
    rng = np.random.default_rng(6)
    tried: Counter[int] = Counter()
    for numbers in SIZES:
        play = Play(Instance(*numbers))
        play.run(keeping(rng, if_safe=True), rng, 300)
        tried += play.tried
    assert all(tried[number] > 5 for number in range(1, 16))


def test_false_variants_are_caught() -> None:
    """Any safe page at any time: the last round does not stay cached, and misses do not move the youngest old token."""
    rng = np.random.default_rng(7)
    failed: Counter[int] = Counter()
    for _ in range(10):
        play = Play(Instance(4, 2, 6))
        play.run(keeping(rng, if_safe=False, level=True), rng, 250)
        failed += play.failed
    assert {5, 6} <= set(+failed)
    assert not {1, 2, 3, 10} & set(+failed)  # these hold for the sets, whatever the policy does


def test_keep_alone_fails_the_later_claims() -> None:
    """w must be evicted wherever it is safe: for KEEP claim 11 does not hold."""
    rng = np.random.default_rng(8)
    failed: Counter[int] = Counter()
    for _ in range(60):
        play = Play(Instance(4, 2, 6))
        play.run(keeping(rng, if_safe=False), rng, 250)
        failed += play.failed
    assert 11 in +failed


@pytest.mark.parametrize(
    ("numbers", "ratio"),
    [
        *(((2, 3, 3), 2), ((2, 3, 4), 3), ((3, 2, 5), 3), ((2, 4, 4), 3), ((4, 2, 6), 3)),
        *(((3, 3, 4), Fraction(5, 2)), ((4, 2, 5), Fraction(5, 2))),
    ],
    ids=str,
)
def test_every_sequence_and_every_policy_of_the_class(numbers: tuple[int, int, int], ratio: Fraction) -> None:
    assert at_most(Instance(*numbers), keep_if_safe, Fraction(ratio))


@pytest.mark.parametrize(
    "numbers", [(2, 2, 2), (2, 3, 3), (2, 3, 4), (3, 2, 3), (3, 2, 4), (3, 2, 5), (4, 2, 5)], ids=str
)
def test_every_keep_policy(numbers: tuple[int, int, int]) -> None:
    layers, _, slots = numbers
    assert at_most(Instance(*numbers), keep, Fraction(slots - layers + 2))


def test_what_is_not_true() -> None:
    """KEEP alone does not have k-l+1 at (4,2,6); guided policies not k-l+2; 9/4 is too little at k = l+1."""
    assert not at_most(Instance(4, 2, 6), keep, Fraction(3))
    assert not at_most(Instance(3, 2, 5), guided, Fraction(4))
    assert not at_most(Instance(3, 3, 4), keep_if_safe, Fraction(9, 4))
