"""Coupon collecting and E[Phi] against a Markov chain that is solved exactly."""

from __future__ import annotations

import time
from fractions import Fraction
from functools import cache
from itertools import product
from math import comb

import pytest

from bounds.formulas import expected_phase_length, harmonic, uniform_lower
from paging.errors import InvalidArgument

SMALL = [(1, 1), (1, 2), (1, 5), (2, 1), (2, 2), (2, 3), (2, 4), (3, 2), (3, 3), (4, 2), (5, 2)]


def chain(layers: int, experts: int) -> Fraction:
    """Expected requests before the one that completes all layers, from the chain (layer, experts seen per layer)."""

    @cache
    def requests(layer: int, seen: tuple[int, ...]) -> Fraction:
        # go once around: either something new is seen at one of the layers, or all is as before
        if min(seen) == experts:
            return Fraction(0)
        spent, stay = Fraction(0), Fraction(1)
        for step in range(layers):
            at = (layer + step) % layers
            spent += stay
            new = Fraction(experts - seen[at], experts)
            if new:
                more = (*seen[:at], seen[at] + 1, *seen[at + 1 :])
                spent += stay * new * requests((at + 1) % layers, more)
            stay *= 1 - new
        return spent / (1 - stay)

    return requests(0, (0,) * layers) - 1


def test_harmonic_by_hand() -> None:
    assert [harmonic(k) for k in range(5)] == [
        0,
        1,
        Fraction(3, 2),
        Fraction(11, 6),
        Fraction(25, 12),
    ]


def collector_cdf(n: int, r: int) -> Fraction:
    """P(T <= r): all n coupons are seen within r uniform draws, by inclusion and exclusion over the unseen ones."""
    return Fraction(sum((-1) ** j * comb(n, j) * (n - j) ** r for j in range(n + 1)), n**r)


@pytest.mark.parametrize(("n", "r"), [(1, 0), (1, 1), (2, 1), (2, 3), (3, 2), (3, 5), (4, 6)])
def test_collector_cdf_counts_draws(n: int, r: int) -> None:
    complete = sum(set(draws) == set(range(n)) for draws in product(range(n), repeat=r))
    assert collector_cdf(n, r) == Fraction(complete, n**r)


@pytest.mark.parametrize(("layers", "experts"), SMALL)
def test_phase_length_is_that_of_the_chain(layers: int, experts: int) -> None:
    assert expected_phase_length(layers, experts) == chain(layers, experts)


def test_chain_tells_a_wrong_phase_length_apart() -> None:
    """E[max T_i] / n, which is no bound (theory: 11/6 at (2, 2)), is not what the chain gives."""
    assert chain(2, 2) / 4 == Fraction(3, 2) != Fraction(11, 6)


def test_phase_length_partial_sums() -> None:
    """The series itself, cut off: 80 rounds leave less than 10^-9 of E[Phi] at (3, 3)."""
    layers, experts = 3, 3
    partial = Fraction(0)
    for u in range(80 * layers):
        below = Fraction(1)
        for i in range(layers):
            below *= collector_cdf(experts, (u - i) // layers + 1)
        partial += 1 - below
    assert 0 < expected_phase_length(layers, experts) - partial < Fraction(1, 10**9)


def test_uniform_lower_known_values() -> None:
    assert uniform_lower(2, 2) == Fraction(3, 2)
    assert all(uniform_lower(1, k + 1) == harmonic(k) for k in range(1, 41))


def test_uniform_lower_is_quick() -> None:
    """All n*l <= 40 take 0.05 s; an expansion over tuples instead of products would take hours."""
    began = time.process_time()
    for layers in range(1, 41):
        for experts in range(1, 40 // layers + 1):
            expected_phase_length(layers, experts)
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: harmonic(-1), "k: expected at least 0, got -1"),
        (lambda: uniform_lower(0, 2), "layers: expected at least 1, got 0"),
        (lambda: uniform_lower(2, 0), "experts: expected at least 1, got 0"),
    ],
)
def test_arguments_out_of_range(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(InvalidArgument, match=message):
        call()
