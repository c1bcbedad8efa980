"""Every writer of certificates, every policy, all small instances: the verifier accepts, and the claim is the value.

Where both sides of a policy's ratio are proved with one number, the number is its exact ratio. The best ratios are compared
with the judge, which shares nothing with writers or verifier.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.best import best_randomized
from bounds.exact.randomized.lower import RandomizedLower
from bounds.exact.randomized.upper import RandomizedUpper
from bounds.exact.ratio import exact_ratio
from bounds.search.search import search
from paging.errors import InvalidPartition, UnsupportedProblem
from paging.model import Instance
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES
from proofs.certificates import deterministic, policy, randomized
from proofs.certificates.cycle import cycle_certificate
from proofs.certificates.document import Document
from proofs.verify import verify
from tests.proofs.judge import game, policies
from tests.proofs.judge import randomized as judge
from tests.proofs.judge.verdict import DECIDED

FEW_PAGES, FEW_STATES = 4, 300
"""In the default suite; the slow one goes on to all that the judge decides and so many states."""
MANY_STATES = 30_000

LITTLE = [Instance(*numbers) for numbers in DECIDED if numbers[0] * numbers[1] <= FEW_PAGES]
LARGER = [Instance(*numbers) for numbers in DECIDED if numbers[0] * numbers[1] > FEW_PAGES]
KNOWN = ("lru", "fifo")
DETERMINISTIC = [made for made in POLICIES.values() if made().deterministic]
SURE = (
    "lru",
    "fifo",
    "mru",
    "flush-when-full",
    "llru",
    "guided-far",
    "guided-keep",
    "guided-llru",
    "lru-dist",
)
"""Policies with a kernel or marks, and one of real pages; others may lack a finite state, or have a large one."""


def proved(c: Document, side: str) -> str:
    """The ratio of a certificate that the verifier accepts."""
    ratio = str(c["ratio"])
    assert f"ratio {'<=' if side == 'upper' else '>='} {ratio}" in verify(c)
    return ratio


def of_policy(instance: Instance, made: NamedPolicy, most: int) -> bool:
    """Whether there is a ratio to prove, with no more states; it is proved."""
    try:
        found = exact_ratio(instance, made, most=most)
    except (UnsupportedProblem, InvalidPartition):  # of fewer slots than layers
        return False
    ratio = proved(policy.lower_certificate(found), "lower")
    if ratio == "inf":
        with pytest.raises(UnsupportedProblem, match="infinite"):
            policy.upper_certificate(found)
    else:
        assert proved(policy.upper_certificate(found), "upper") == ratio
    if made.id in KNOWN:
        exact = policies.exact(made.id, instance.layers, instance.experts, instance.cache)
        assert ratio == str(exact)
    return True


def of_cycle(instance: Instance, made: NamedPolicy, most: int) -> bool:
    """What a short search finds, if it is proven; no more than the exact ratio."""
    try:
        found = search(instance, made, seconds=60, most_units=2, most_states=most)
    except InvalidPartition:
        return False
    if not found.proven or found.ratio == 0:
        with pytest.raises(UnsupportedProblem):
            cycle_certificate(found)
        return False
    assert proved(cycle_certificate(found), "lower") == str(found.ratio)
    try:
        exact = exact_ratio(instance, made, most=most).ratio
    except UnsupportedProblem:
        return True
    assert found.ratio <= exact
    return True


def of_everybody(instance: Instance) -> None:
    """The best deterministic, guided and randomized policies."""
    numbers = instance.layers, instance.experts, instance.cache
    value = game.best_deterministic(*numbers)
    best = best_deterministic(instance)
    assert proved(deterministic.lower_certificate(best), "lower") == str(value)
    assert proved(deterministic.upper_certificate(best), "upper") == str(value)
    guided = best_deterministic(instance, guided=True)
    assert Fraction(proved(deterministic.upper_certificate(guided), "upper")) >= value
    low, high = judge.value(*numbers)
    for memory in range(min(2, instance.cache) + 1):
        both = best_randomized(instance, memory)
        if isinstance(both.upper_bound, RandomizedUpper):
            assert Fraction(proved(randomized.upper_certificate(both.upper_bound), "upper")) >= low
        if isinstance(both.lower_bound, RandomizedLower):
            assert Fraction(proved(randomized.lower_certificate(both.lower_bound), "lower")) <= high


@pytest.mark.parametrize("made", DETERMINISTIC, ids=lambda made: made.id)
def test_of_policies(made: NamedPolicy) -> None:
    done = [of_policy(instance, made, FEW_STATES) for instance in LITTLE]
    if not any(done):
        assert made.id not in SURE
        with pytest.raises(UnsupportedProblem, match=r"no finite state|states"):
            exact_ratio(LITTLE[0], made, most=FEW_STATES)


@pytest.mark.parametrize("name", SURE)
def test_of_cycles(name: str) -> None:
    assert any(of_cycle(instance, POLICIES[name], FEW_STATES) for instance in LITTLE[1::4])


@pytest.mark.parametrize("instance", LITTLE, ids=str)
def test_of_everybody(instance: Instance) -> None:
    of_everybody(instance)


@pytest.mark.slow
@pytest.mark.parametrize("instance", LARGER, ids=str)
def test_all_of_them(instance: Instance) -> None:
    of_everybody(instance)
    for made in DETERMINISTIC:
        assert of_policy(instance, made, MANY_STATES) or made.id not in SURE
        of_cycle(instance, made, MANY_STATES)
