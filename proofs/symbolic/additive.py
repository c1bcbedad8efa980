"""The additive constant of every upper bound: r * (least OPT) + c - (most misses) >= 0."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import H, h, k, l
from proofs.symbolic.model import SymbolicCheck, Table
from proofs.symbolic.tools import SMALLER_OPTIMUM, a, b, d, equal, harmonic_increases, nonnegative

_P = sympy.Symbol("P", positive=True)
_phases = {_P: 2 + d}
_e, _t = sympy.symbols("e t", nonnegative=True)


def _lru(table: Table) -> bool:
    r, constant = table.formulas["lru-upper"], table.constants["lru-upper"]
    return nonnegative((r * (k + _P - 1) + constant - k * _P).subs({k: 1 + a, **_phases}))


def _against_fewer_slots(table: Table, name: str, extra: sympy.Expr) -> bool:
    """At most k + ``extra`` misses in a phase; the last phase has h + e distinct pages (fewer only help)."""
    optimum = (k + 1) + (_P - 2) * (k - h + 1) + _e
    misses = k + (_P - 2) * (k + extra) + (h + _e + extra)
    margin = table.formulas[name] * optimum + table.constants[name] - misses
    return nonnegative(margin.subs({**SMALLER_OPTIMUM, **_phases}))


def _augmented(table: Table) -> bool:
    return _against_fewer_slots(table, "augmented-upper", sympy.Integer(0))


def _llru(table: Table) -> bool:
    return _against_fewer_slots(table, "llru-upper", l - 1)


def _one_slot(table: Table) -> bool:
    changes = sympy.Symbol("D", nonnegative=True)
    optimum = (2 * l + changes) / 2  # even and odd pairs of rounds together
    margin = table.formulas["one-slot-partition-upper"] * optimum - (l + changes)
    return equal(margin, l) and nonnegative((l + table.constants["one-slot-partition-upper"]).subs(l, 1 + a))


def _guided(table: Table) -> bool:
    growths = sympy.Symbol("G", nonnegative=True)
    misses = growths + (k - 1) * growths
    return equal(table.formulas["guided-upper"] * growths, misses) and nonnegative(
        table.constants["guided-upper"]
    )


def _marker_many(table: Table) -> bool:
    m = sympy.Symbol("m", integer=True, positive=True)
    r = table.formulas["marker-upper"]
    margin = (r * m / 2 - m * (H(k) - H(m) + 1)) / m
    steps = harmonic_increases() and H(1) < sympy.Rational(3, 2) and H(2) == sympy.Rational(3, 2)
    return equal(margin, H(m) - sympy.Rational(3, 2)) and bool(steps)


def _marker_one(table: Table) -> bool:
    cost = (H(k) - H(1) + 1).subs(H(k), 1 + _t)  # H_k = 1 + t, t >= 0
    return nonnegative(table.formulas["marker-upper"].subs(H(k), 1 + _t) - cost)


def _marker_ends(table: Table) -> bool:
    margin = table.formulas["marker-upper"] * (k + 1) + table.constants["marker-upper"] - 2 * k
    above = margin.subs(H(k), sympy.Rational(3, 2) + _t).subs(k, 2 + b)  # k >= 2: H_k = 3/2 + t
    return nonnegative(margin.subs(k, 1)) and nonnegative(above)


def _online_min(table: Table) -> bool:
    i = sympy.Symbol("i", integer=True, positive=True)
    growth = sympy.summation(1 / i, (i, 2, k))
    return equal(1 + growth, table.formulas["randomized-upper"]) and nonnegative(
        table.constants["randomized-upper"]
    )


ADDITIVE = (
    SymbolicCheck("lru-additive", "P phases: k (k + P-1) + c >= k P", "proved", _lru),
    SymbolicCheck(
        "augmented-additive",
        "r (k+1 + (P-2)(k-h+1) + e) + c >= k (P-1) + h + e",
        "proved",
        _augmented,
    ),
    SymbolicCheck(
        "llru-additive",
        "r (k+1 + (P-2)(k-h+1) + e) + c >= k + (P-2)(k+l-1) + h + e + l-1",
        "proved",
        _llru,
    ),
    SymbolicCheck(
        "one-slot-additive", "2 OPT >= 2 l + D and ALG = l + D leave a margin of l", "proved", _one_slot
    ),
    SymbolicCheck("guided-additive", "G growths and k-1 further misses after each: k G", "proved", _guided),
    SymbolicCheck(
        "marker-many",
        "m (H_k - H_m + 1) <= (2 H_k - 1) m/2 iff H_m >= 3/2 iff m >= 2",
        "proved",
        _marker_many,
    ),
    SymbolicCheck("marker-one", "a phase with one new page costs H_k <= 2 H_k - 1", "proved", _marker_one),
    SymbolicCheck("marker-ends", "the first and the last phase: 2 k <= r (k+1) + c", "proved", _marker_ends),
    SymbolicCheck("online-min-growth", "1 + (1/2 + ... + 1/k) = H_k", "proved", _online_min),
)
