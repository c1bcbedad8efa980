"""What the exact values refute, the checker refutes: planted wrong theorems, and the constants by brute force."""

from __future__ import annotations

import dataclasses
import itertools
from fractions import Fraction

import pytest
import sympy

from adversaries.base import Precondition
from bounds.checker.check import Check
from bounds.checker.verify import verify
from bounds.exact.played import python_graph
from bounds.exact.prefixes import worst_prefix
from bounds.exact.product import KINDS, LED_BY_LEVELS, kernel_graph
from bounds.exact.randomized.lower import uniform_chain
from bounds.exact.ratio import largest_ratio
from bounds.formulas import uniform_lower
from bounds.theorems.registry import THEOREMS
from bounds.theorems.scopes import Scope
from bounds.theorems.symbols import H, h, k, l, n
from bounds.theorems.theorem import Theorem
from paging.errors import UnsupportedProblem
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.policies.registry import POLICIES
from paging.replay import replay

SMALL = Instance(2, 2, 3)


def planted(name: str, **wrong: object) -> Theorem:
    return dataclasses.replace(THEOREMS[name], **wrong)  # type: ignore[arg-type]


def refutations(theorem: Theorem, instance: Instance) -> list[Check]:
    return [check for check in verify([instance], [theorem]) if check.ok is False]


@pytest.mark.parametrize("instance", [Instance(2, 4, 6), Instance(2, 4, 7)], ids=str)
def test_the_planted_llru_upper_is_refuted(instance: Instance) -> None:
    """k/(k-h+1): LLRU has 13/2 at (2,4,6) and 8 at (2,4,7). The requests reported break the claim, by OPT's flow engine."""
    wrong = planted("llru-upper", formula=k / (k - h + 1))
    found = [check for check in refutations(wrong, instance) if check.slots == instance.cache]
    assert {check.adversary for check in found} == {"exact"}, "no adversary knows it"
    (check,) = found
    assert check.measured == {6: Fraction(13, 2), 7: 8}[instance.cache]
    assert check.sequence is not None
    requests = Requests.of(instance.layers, instance.experts, check.sequence)
    misses = replay(POLICIES["llru"], instance, requests).misses
    assert misses > check.bound * opt(instance, requests, "flow").cost


@pytest.mark.parametrize(
    ("name", "wrong", "instance", "who"),
    [
        ("lru-upper", {"formula": k - 1 / k}, SMALL, "lru"),
        ("guided-upper", {"formula": k - 1}, Instance(1, 3, 2), "guided-far"),
        ("lru-lower", {"formula": k + 1 / k}, SMALL, "fifo"),
        ("deterministic-lower", {"formula": k - l + 1 + 1 / k}, SMALL, "best deterministic"),
        ("deterministic-lower", {"formula": n}, Instance(2, 3, 3), "best deterministic"),
        ("randomized-one-layer-lower", {"formula": H(k - l + 2)}, Instance(2, 3, 2), "best randomized"),
        ("randomized-uniform-lower", {"formula": H(k)}, SMALL, "best randomized"),
        ("lru-upper", {"constant": sympy.Integer(-1)}, SMALL, "lru"),
        ("augmented-upper", {"formula": (k - 1) / (k - h + 1)}, SMALL, "lru"),
    ],
    ids=str,
)
def test_a_little_wrong_is_refuted(name: str, wrong: dict[str, object], instance: Instance, who: str) -> None:
    found = refutations(planted(name, **wrong), instance)
    assert who in {check.policy for check in found if check.adversary == "exact"}


@pytest.mark.parametrize(
    ("name", "holds", "instance"),
    [
        ("deterministic-lower", lambda one: one.cache <= one.pages, Instance(2, 2, 4)),
        ("lru-cycle-lower", lambda one: one.cache <= one.pages, Instance(1, 2, 2)),
        ("randomized-lower", lambda one: one.cache == one.pages - 1, Instance(1, 3, 2)),
        ("fixed-partition", lambda one: one.cache >= one.layers, Instance(2, 2, 2)),
        ("lru-lower", lambda one: one.cache < one.pages, Instance(2, 3, 2)),
    ],
)
def test_a_precondition_one_step_wider_is_refuted(name: str, holds: object, instance: Instance) -> None:
    """There the adversary does not exist; the exact values do."""
    wider = planted(name, needs=Precondition("wider", holds))  # type: ignore[arg-type]
    assert not THEOREMS[name].precondition.holds(instance)
    assert {check.adversary for check in refutations(wider, instance)} == {"exact"}


def test_a_wrong_scope_is_refuted() -> None:
    wider = Scope("LRU and LLRU", lambda policy: type(policy).__name__ in ("LRU", "LLRU"))
    found = refutations(planted("lru-upper", scope=wider), Instance(2, 4, 6))
    assert {check.policy for check in found} == {"llru"}


def brute(instance: Instance, name: str, slots: int, ratio: Fraction, length: int) -> Fraction:
    """The largest ALG - r OPT over all sequences of 1 to ``length`` requests, OPT by sets of caches."""
    largest: list[Fraction] = []
    for picked in itertools.product(range(instance.experts), repeat=length):
        pages = [instance.page(t % instance.layers, expert) for t, expert in enumerate(picked)]
        hits = replay(POLICIES[name], instance, Requests.of(instance.layers, instance.experts, pages)).hits
        work: dict[frozenset[int], int] = {frozenset(): 0}
        misses = 0
        for page, hit in zip(pages, hits.tolist(), strict=True):
            misses += not hit
            after: dict[frozenset[int], int] = {}
            for cache, cost in work.items():
                if page in cache:
                    nexts = [cache]
                elif len(cache) < slots:
                    nexts = [cache | {page}]
                else:
                    nexts = [cache - {out} | {page} for out in cache]
                for one in nexts:
                    paid = cost + (page not in cache)
                    after[one] = min(after.get(one, paid), paid)
            work = after
            largest.append(misses - ratio * min(work.values()))
    return max(largest)


@pytest.mark.parametrize(
    ("name", "instance", "slots"),
    [
        ("lru", SMALL, 3),
        ("lru", SMALL, 2),
        ("llru", SMALL, 2),
        pytest.param("fifo", Instance(1, 3, 2), 1, marks=pytest.mark.slow),
        ("fifo", SMALL, 2),
        ("llru", Instance(2, 2, 4), 1),
    ],
    ids=str,
)
def test_ratio_and_constant_beside_fewer_slots(name: str, instance: Instance, slots: int) -> None:
    """Against all short sequences; the kernel with symmetry against the policy object without."""
    kernel = kernel_graph(instance, KINDS[POLICIES[name]], None, slots)
    plain = python_graph(instance, POLICIES[name], None, slots)
    ratio = largest_ratio(kernel)[0]
    assert ratio == largest_ratio(plain)[0]
    assert isinstance(ratio, Fraction)
    for bound in (ratio, ratio + Fraction(1, 3)):
        worst = worst_prefix(kernel, bound)
        assert worst.excess == worst_prefix(plain, bound).excess
        assert len(worst.pages) <= 9
        assert worst.excess == brute(instance, name, slots, bound, 9)


def test_guided_kernels_have_the_optimum_of_the_policy() -> None:
    for kind in sorted(LED_BY_LEVELS):
        with pytest.raises(UnsupportedProblem, match="expected 3"):
            kernel_graph(SMALL, kind, None, 2)


def test_uniform_chain_proves_the_formula() -> None:
    """What is drawn uniformly forces Y(l, n) at k = n l - 1."""
    for instance in (Instance(1, 3, 2), SMALL, Instance(2, 3, 5), Instance(3, 2, 5)):
        assert uniform_chain(instance).ratio == uniform_lower(instance.layers, instance.experts)


def test_an_exact_check_in_json() -> None:
    checks = [check.to_dict() for check in verify([SMALL], [THEOREMS["lru-upper"]], ["lru"])]
    (check,) = [check for check in checks if check["adversary"] == "exact"]
    assert check["evidence"] == "exact"
    assert check["tag"] == "classical"
    assert (check["measured"], check["excess"], check["enclosure"]) == ("3", "-2", None)
    checks = [check.to_dict() for check in verify([SMALL], [THEOREMS["randomized-lower"]])]
    (check,) = [check for check in checks if check["adversary"] == "exact"]
    assert check["policy"] == "best randomized"
    assert check["enclosure"] == ["3/2", "7/4"]
