"""The checker must be able to fail: wrong theorems, wrong constants, a policy that looks ahead."""

from __future__ import annotations

import dataclasses
import math
import pickle
from collections.abc import Set
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from adversaries.base import AdaptiveAdversary
from adversaries.layer_cycle import LayerCycle
from adversaries.registry import ADVERSARIES
from adversaries.windows import Windows
from bounds.checker.check import ratio
from bounds.checker.interval import mean_intervals, verdict
from bounds.checker.lower import check_lower, play_of
from bounds.checker.randomized import REPETITIONS, check_expected_lower, check_expected_upper, draw
from bounds.checker.recurrence import Play, play_until_recurrence
from bounds.checker.suite import attacks, trials
from bounds.checker.upper import check_upper, first_violation, slack, worst_ratio
from bounds.checker.verify import LARGE, grid, verify
from bounds.theorems.registry import THEOREMS
from bounds.theorems.symbols import H, k, l
from bounds.theorems.theorem import Theorem
from paging.model import Instance, Page, Requests
from paging.offline.offset import OffsetFunction
from paging.policies.base import Policy
from paging.policies.lfu import LFU
from paging.policies.lru import LRU
from paging.policies.marker import Marker
from paging.policies.mru import MRU
from paging.policies.named import NamedPolicy, named
from paging.policies.registry import POLICIES
from paging.replay import replay

SMALL = Instance(2, 2, 3)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def planted(name: str, **wrong: object) -> Theorem:
    return dataclasses.replace(THEOREMS[name], **wrong)  # type: ignore[arg-type]


def failures(theorem: Theorem, instances: list[Instance], **policies: type[Policy]) -> list[str]:
    checks = list(verify(instances, [theorem], [NamedPolicy(*each) for each in policies.items()] or POLICIES))
    assert checks
    return [check.policy for check in checks if check.ok is False]


def test_the_grid_is_the_one_promised() -> None:
    small = [one for one in grid() if one not in LARGE]
    assert len(set(small)) == len(small)
    assert all(one.pages <= 8 and max(1, one.layers - 1) <= one.cache <= one.pages for one in small)
    inner = [one for one in small if one.experts >= 2 and one.layers <= one.cache < one.pages]
    assert len(inner) == sum(l_ * n - l_ for l_ in range(1, 5) for n in range(2, 8 // l_ + 1)) == 47
    border = [one for one in small if one.cache in (one.layers - 1, one.pages)]
    pairs = [(l_, n) for l_ in range(1, 9) for n in range(1, 8 // l_ + 1)]
    assert len(border) == len(small) - 47 == len(pairs) + sum(l_ > 1 for l_, _ in pairs)
    assert Instance(32, 8, 64) in LARGE


@pytest.mark.parametrize("instance", [Instance(1, 3, 2), SMALL, Instance(2, 3, 3), Instance(3, 2, 5)])
def test_everything_holds(instance: Instance) -> None:
    checks = list(verify([instance]))
    assert {check.theorem.id for check in checks} >= {"deterministic-lower", "guided-upper", "lru-upper"}
    assert not [check for check in checks if check.ok is False]
    assert sum(check.ok is None for check in checks) < len(checks) / 10


def test_wrong_upper_bound_is_caught() -> None:
    """k - 1 for LRU: the cycle of k + 1 pages refutes it, and the sequence is reported."""
    wrong = planted("lru-upper", formula=k - 1)
    checks = [c for c in verify([SMALL], [wrong]) if c.ok is False]
    assert {c.policy for c in checks} >= {"lru", "fifo"}
    for check in checks:
        assert check.sequence is not None
        if not POLICIES[check.policy]().deterministic:
            continue
        requests = Requests.of(2, 2, check.sequence)
        misses = replay(POLICIES[check.policy](), SMALL, requests).misses
        offset = OffsetFunction(SMALL)
        for page in check.sequence:
            offset.request(page)
        assert misses > 2 * offset.optimum


def test_wrong_lower_bound_is_caught() -> None:
    """k for every deterministic policy: at (2,2,3) guided-far keeps to 2."""
    wrong = planted("deterministic-lower", formula=k)
    assert "guided-far" in failures(wrong, [SMALL])


def test_wrong_lru_lower_bound_is_caught() -> None:
    assert set(failures(planted("lru-lower", formula=k + 1), [SMALL])) == {"lru", "fifo"}


def test_wrong_constant_is_caught() -> None:
    """With c = -1 already the first miss of LRU is one too many."""
    assert "lru" in failures(
        planted("lru-upper", constant=sympy.Integer(-1), formula=sympy.Integer(1)), [SMALL]
    )
    assert "lru" in failures(planted("lru-upper", constant=-k), [Instance(1, 3, 1)])


def test_wrong_window_constant_is_caught() -> None:
    """A policy without canonical state, and a bound that only a huge constant would save."""
    assert failures(
        planted("deterministic-lower", formula=50 * k, constant=sympy.Integer(0)), [SMALL], my_lfu=LFU
    )
    assert not failures(
        planted("deterministic-lower", formula=50 * k, constant=10**6 * k), [SMALL], my_lfu=LFU
    )


def test_only_the_constant_makes_it_inconclusive() -> None:
    checks = verify([SMALL], [planted("deterministic-lower", formula=50 * k, constant=10**6 * k)], ["lfu"])
    assert all(check.ok is None for check in checks)


def test_wrong_randomized_bounds_are_caught() -> None:
    assert "marker" in failures(planted("randomized-lower", formula=3 * H(k)), [SMALL])
    wrong = planted("marker-upper", formula=sympy.Integer(1), constant=sympy.Integer(0))
    assert failures(wrong, [Instance(1, 5, 4)]) == ["marker"]


class Clairvoyant(Policy):
    """Cheats: it knows the cycle of `lru-cycle-lower` and evicts the page that comes again last."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        self._cycle = LayerCycle(instance).sequence(10 * instance.pages, rng).tolist()
        self._time = 0

    def request(self, page: Page, hit: bool) -> None:
        self._time += 1

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        return max(candidates, key=lambda q: self._cycle.index(q, self._time))

    def canonical_state(self, cache: Set[Page]) -> tuple[int, frozenset[Page]]:
        return self._time % len(set(self._cycle)), frozenset(cache)


def test_a_policy_that_looks_ahead_is_caught_by_name() -> None:
    """No deterministic policy stays under k on that cycle by looking back; the checker says whose run it was."""
    check = check_lower(
        THEOREMS["lru-lower"], "lru-lower", SMALL, NamedPolicy("clairvoyant", Clairvoyant), 60, rng()
    )
    assert check.ok is False
    assert check.policy == "clairvoyant"
    assert check.measured < check.bound == 3
    assert check.evidence == "recurrence"
    assert check.sequence is not None
    assert check.measured == 1


def test_mru_without_growth_of_opt_is_infinite() -> None:
    """MRU misses for ever on the one-layer instance while OPT stands still."""
    check = check_lower(
        planted("deterministic-lower"), "deterministic-lower", Instance(1, 3, 2), named(MRU), 60, rng()
    )
    assert check.ok is True
    assert check.measured == math.inf


def test_zero_over_zero_fails() -> None:
    class Still(Windows):
        """Asks for the same pages for ever."""

        def next_page(self, cache: Set[Page]) -> Page:
            self._turns = getattr(self, "_turns", -1) + 1
            return self._turns % self.instance.layers * self.instance.experts

        def state(self) -> int:
            return self._turns % self.instance.layers

    play = play_until_recurrence(LRU(), Still(SMALL), 60, rng())
    assert play.start is not None
    assert play.ratio(play.start) is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bounds.checker.lower.ADVERSARIES", {**ADVERSARIES, "still": Still})
        check = check_lower(THEOREMS["deterministic-lower"], "still", SMALL, named(LRU), 60, rng())
    assert check.ok is False
    assert check.measured == 0


@pytest.mark.parametrize("instance", [Instance(1, 4, 3), Instance(2, 2, 2), Instance(3, 2, 4)], ids=str)
@pytest.mark.parametrize("name", ["lru", "guided-far", "guided-lfu", "fifo-dist"])
def test_a_play_that_goes_on_by_its_cycle_is_the_duel(instance: Instance, name: str) -> None:
    """Trials of upper bounds take the requests from plays; the same as if every duel were fought, step by step."""
    rounds, policy = 90, POLICIES[name]
    fought = dict(attacks(policy, instance, rounds, rng()))
    asked: list[str] = []

    def played(made: NamedPolicy, adversary: str, many: int) -> tuple[Page, ...] | None:
        if not issubclass(ADVERSARIES[adversary], AdaptiveAdversary):
            return None
        asked.append(adversary)
        return play_of(made, adversary, instance, many, rng()).first(many)

    found = dict(attacks(policy, instance, rounds, rng(), played))
    assert found.keys() == fought.keys()
    assert {"cruel", "deterministic-lower"} <= set(asked)
    for adversary, run in found.items():
        assert run.requests.stream.tolist() == fought[adversary].requests.stream.tolist()
        assert run.hits.tolist() == fought[adversary].hits.tolist()


def test_a_play_has_no_more_rounds_than_it_knows() -> None:
    """LFU has no finite state, so nothing is known beyond what was played; LRU's cycle goes on for ever."""
    counts, recency = (
        play_of(POLICIES[name], "cruel", Instance(2, 2, 3), 20, rng()) for name in ("lfu", "lru")
    )
    assert counts.start is None
    assert counts.first(20) == counts.pages
    assert counts.first(21) is None
    assert recency.start is not None
    assert len(recency.first(1000) or ()) == 2000
    assert recency.first(recency.rounds) == recency.pages


def test_verify_plays_no_duel_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deterministic policy meets an adversary once, whatever theorems there are."""
    met: list[tuple[str, str]] = []

    def noted(policy: NamedPolicy, adversary: str, *rest: Any) -> Play:
        met.append((policy.id, adversary))
        return play_of(policy, adversary, *rest)

    monkeypatch.setattr("bounds.checker.verify.play_of", noted)
    policies = ("lru", "guided-lfu", "guided-far-dist")
    assert list(verify([SMALL], policies=policies))
    assert {("lru", "deterministic-lower"), ("guided-lfu", "cruel")} <= set(met)
    assert len(met) == len(set(met))


def test_a_bare_slope_would_misjudge() -> None:
    """theory.md: the cycle at (2,3,3) can show 20/7 for the bound 3; the recurrence shows 3."""
    check = check_lower(THEOREMS["lru-lower"], "lru-lower", Instance(2, 3, 3), named(LRU), 200, rng())
    assert (check.measured, check.ok, check.evidence) == (3, True, "recurrence")


@settings(deadline=None)  # the first example may load a kernel
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=1, max_size=30),
    st.fractions(0, 5, max_denominator=7),
    st.fractions(-3, 3, max_denominator=5),
)
def test_prefix_arithmetic(steps: list[tuple[int, int]], bound: Fraction, additive: Fraction) -> None:
    """Against fractions, prefix by prefix."""
    costs = np.cumsum([1] + [a for a, _ in steps])
    optima = np.cumsum([1] + [o for _, o in steps])
    exact = [bound * int(o) + additive - int(a) for a, o in zip(costs, optima, strict=True)]
    scaled, scale = slack(costs, optima, bound, additive)
    assert [Fraction(int(x), scale) for x in scaled] == exact
    expected = next((i for i, x in enumerate(exact) if x < 0), None)
    assert first_violation(costs, optima, bound, additive) == expected
    ratios = [(int(a) - additive) / int(o) for a, o in zip(costs, optima, strict=True)]
    assert worst_ratio(costs, optima, additive) == max(ratios)


def test_huge_numbers_do_not_overflow() -> None:
    costs = np.array([2**40])
    assert first_violation(costs, costs, Fraction(10**30 + 1, 10**30), Fraction(0)) is None
    assert first_violation(costs, costs, Fraction(10**30 - 1, 10**30), Fraction(0)) == 0


def test_intervals_cover() -> None:
    """Of 300 means of 40 uniform draws none lies outside an interval at level 1 - 10^-6."""
    low, high = mean_intervals(rng().random((REPETITIONS, 300)))
    assert (low < 0.5).all()
    assert (high > 0.5).all()
    assert (high - low < 0.8).all()
    assert (verdict(-2, -1), verdict(-1, 1), verdict(0, 1)) == (False, None, True)


def test_equal_samples_are_not_certainty() -> None:
    low, high = mean_intervals(np.zeros((REPETITIONS, 1)))
    assert low[0] < 0 < high[0]


def test_expected_checks_are_reproducible() -> None:
    def once() -> tuple[object, object]:
        samples = draw("randomized-uniform-lower", SMALL, 40, rng())
        lower = check_expected_lower(THEOREMS["randomized-uniform-lower"], samples, named(Marker), rng())
        fixed = trials(named(LRU), SMALL, 20, rng())
        upper = check_expected_upper(THEOREMS["marker-upper"], named(Marker), fixed, rng())
        return lower.to_dict(), upper.to_dict()

    assert once() == once()


def test_checks_are_independent_of_company() -> None:
    alone = [c.to_dict() for c in verify([SMALL], [THEOREMS["lru-upper"]], ["fifo"])]
    among = [c.to_dict() for c in verify([SMALL]) if c.theorem.id == "lru-upper" and c.policy == "fifo"]
    assert alone == among


def test_augmented_check_for_every_number_of_slots() -> None:
    checks = list(check_upper(THEOREMS["augmented-upper"], named(LRU), trials(named(LRU), SMALL, 30, rng())))
    assert [check.slots for check in checks] == [1, 2, 3]
    assert [check.bound for check in checks] == [1, Fraction(3, 2), 3]
    assert checks[0].to_dict()["parameters"] == {"h": 1}


def test_ratio() -> None:
    assert (ratio(3, 2), ratio(1, 0), ratio(0, 0)) == (Fraction(3, 2), math.inf, None)


def test_theorems_travel_between_processes_by_their_ids() -> None:
    theorem = THEOREMS["llru-upper"]
    assert pickle.loads(pickle.dumps(theorem)) is theorem
    with pytest.raises(AssertionError, match="only theorems of the registry"):
        pickle.dumps(planted("llru-upper", formula=l))
