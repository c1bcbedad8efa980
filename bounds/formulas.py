"""The quantities that the bounds are made of, exactly.

Coupon collecting (classical) and E[Phi], the expected length of a phase when every expert is drawn uniformly
and k = n*l - 1 (`randomized-uniform-lower`).
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import comb

from paging.errors import InvalidArgument


def harmonic(k: int) -> Fraction:
    """H_k = 1 + 1/2 + ... + 1/k; H_0 = 0. Raises InvalidArgument for k < 0."""
    _at_least("k", k, 0)
    return sum((Fraction(1, i) for i in range(1, k + 1)), Fraction(0))


def expected_phase_length(layers: int, experts: int) -> Fraction:
    """E[Phi] in requests: Phi = max of (T_i - 1) l + i over i = 0..l-1, T_i independent collector times of n coupons.

    E[Phi] = sum over u >= 0 of 1 - P(Phi <= u), and for u = q l + s, 0 <= s < l,

        P(Phi <= u) = F(q+1)^(s+1) F(q)^(l-1-s),   F(q) = sum_a w_a (a/n)^q,   w_a = (-1)^(n-a) C(n, a),

    where 0^0 = 1. Multiplied out this is a sum of c_x x^q over products x of l of the numbers a/n. The base x = 1 has
    c = 1 and cancels the 1; every other base is summed over q to c_x / (1 - x). Bases and coefficients are kept as
    integers, both times n^l. There are at most C(n+l, l) bases. Raises InvalidArgument unless l, n >= 1.
    """
    _at_least("layers", layers, 1)
    _at_least("experts", experts, 1)
    weights = {a: (-1) ** (experts - a) * comb(experts, a) for a in range(experts + 1)}
    now = {a: weight * experts for a, weight in weights.items()}  # n F(q)
    later = {a: weight * a for a, weight in weights.items()}  # n F(q+1): one more factor a/n
    power = later  # later^m
    total = later  # sum over s < m of later^(s+1) now^(m-1-s)
    for _ in range(layers - 1):
        power = _product(power, later)
        total = _product(total, now)
        for base, weight in power.items():
            total[base] = total.get(base, 0) + weight
    one = experts**layers
    return -_tree_sum([Fraction(weight, one - base) for base, weight in total.items() if base != one])


@cache
def uniform_lower(layers: int, experts: int) -> Fraction:
    """Y(l, n) = E[Phi] / (l n), the bound of `randomized-uniform-lower`. Raises InvalidArgument unless l, n >= 1."""
    return expected_phase_length(layers, experts) / (layers * experts)


def _product(left: dict[int, int], right: dict[int, int]) -> dict[int, int]:
    """Product of two sums of c_x x^q, given as {x: c_x}: bases multiply."""
    result: dict[int, int] = {}
    for x, c in left.items():
        for y, d in right.items():
            result[x * y] = result.get(x * y, 0) + c * d
    return result


def _tree_sum(terms: list[Fraction]) -> Fraction:
    """Sum by halves: the denominators grow late, which is much faster than from left to right."""
    if len(terms) <= 1:
        return terms[0] if terms else Fraction(0)
    middle = len(terms) // 2
    return _tree_sum(terms[:middle]) + _tree_sum(terms[middle:])


def _at_least(name: str, value: int, least: int) -> None:
    if value < least:
        raise InvalidArgument(f"{name}: expected at least {least}, got {value}")
