"""Lower bounds stay below upper bounds of the same scope, and the bounds meet those of classical paging at l = 1."""

from __future__ import annotations

from fractions import Fraction

import sympy

from bounds.formulas import harmonic
from bounds.theorems.symbols import H, h, k, l, n
from proofs.symbolic.model import SymbolicCheck, Table
from proofs.symbolic.tools import LAYERS_FIT, a, b, cycle_ratio, equal, harmonic_increases, nonnegative

CHECKED_UP_TO = 40
"""Largest n * l of the checks without a symbolic route."""

_t = sympy.Symbol("t", nonnegative=True)


def _above_deterministic(name: str) -> SymbolicCheck:
    def run(table: Table) -> bool:
        upper = table.formulas[name].subs(h, k)
        where = {l: 1 + a, k: 1 + a} if name == "one-slot-partition-upper" else LAYERS_FIT
        return nonnegative((upper - table.formulas["deterministic-lower"]).subs(where))

    return SymbolicCheck(f"order-{name}", f"{name} >= deterministic-lower", "proved", run)


def _cycle_below_lru(table: Table) -> bool:
    length = k + 1 + b
    lower = cycle_ratio(table.formulas["lru-cycle-lower"], length)
    return nonnegative((table.formulas["lru-upper"] - lower).subs(k, 1 + a))


def _lru_closed(table: Table) -> bool:
    return equal(table.formulas["lru-upper"], table.formulas["lru-lower"])


def _one_layer_below_randomized(table: Table) -> bool:
    lower, upper = table.formulas["randomized-one-layer-lower"], table.formulas["randomized-upper"]
    if not (lower.func == H and upper.func == H):
        return False
    return harmonic_increases() and nonnegative((upper.args[0] - lower.args[0]).subs(LAYERS_FIT))


def _randomized_below_marker(table: Table) -> bool:
    margin = table.formulas["marker-upper"] - table.formulas["randomized-upper"]
    return nonnegative(margin.subs(H(k), 1 + _t))


def _augmented_at_k(table: Table) -> bool:
    return equal(table.formulas["augmented-upper"].subs(h, k), table.formulas["lru-upper"])


def _one_layer_limits(table: Table) -> bool:
    formulas = table.formulas
    cycle = formulas["lru-cycle-lower"].subs(l, 1)
    return (
        equal(formulas["deterministic-lower"].subs(l, 1), k)
        and equal(formulas["llru-upper"].subs({l: 1, h: k}), k)
        and equal(cycle, k)
        and equal(formulas["randomized-one-layer-lower"].subs(l, 1), formulas["randomized-upper"])
    )


def _values(table: Table, name: str) -> list[tuple[int, int, sympy.Expr]]:
    """(l, n, value) of a formula in l and n, for all n * l <= CHECKED_UP_TO with n >= 2."""
    formula = table.formulas[name]
    return [
        (layers, experts, formula.subs({l: layers, n: experts}))
        for layers in range(1, CHECKED_UP_TO // 2 + 1)
        for experts in range(2, CHECKED_UP_TO // layers + 1)
    ]


def _at_most(left: sympy.Expr, right: sympy.Expr) -> bool:
    return bool((right - left).is_nonnegative)


def _rational(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def _uniform_below_randomized(table: Table) -> bool:
    upper = table.formulas["randomized-upper"]
    values = _values(table, "randomized-uniform-lower")
    return all(
        _at_most(value, upper.subs({l: layers, n: experts, k: layers * experts - 1}))
        for layers, experts, value in values
    )


def _uniform_above_paper(table: Table) -> bool:
    lower = table.formulas["randomized-lower"]
    return all(
        _at_most(lower.subs({l: layers, n: experts}), value)
        for layers, experts, value in _values(table, "randomized-uniform-lower")
        if layers >= 2
    )


def _uniform_one_layer(table: Table) -> bool:
    return all(
        value == _rational(harmonic(experts - 1))
        for layers, experts, value in _values(table, "randomized-uniform-lower")
        if layers == 1
    )


ORDER = (
    *(
        _above_deterministic(name)
        for name in ("lru-upper", "llru-upper", "guided-upper", "augmented-upper", "one-slot-partition-upper")
    ),
    SymbolicCheck("order-cycle", "lru-cycle-lower <= lru-upper for every N > k", "proved", _cycle_below_lru),
    SymbolicCheck("order-lru", "lru-lower = lru-upper: closed where it applies", "proved", _lru_closed),
    SymbolicCheck(
        "order-one-layer",
        "randomized-one-layer-lower <= randomized-upper",
        "proved",
        _one_layer_below_randomized,
    ),
    SymbolicCheck("order-marker", "randomized-upper <= marker-upper", "proved", _randomized_below_marker),
    SymbolicCheck("limit-augmented", "augmented-upper at h = k is lru-upper", "proved", _augmented_at_k),
    SymbolicCheck(
        "limit-one-layer",
        "at l = 1: deterministic-lower, llru-upper, lru-cycle-lower -> k, randomized-one-layer-lower -> H_k",
        "proved",
        _one_layer_limits,
    ),
    SymbolicCheck(
        "uniform-below-randomized",
        f"Y(l,n) <= H_k, k = n l - 1, for all n l <= {CHECKED_UP_TO}",
        "checked",
        _uniform_below_randomized,
    ),
    SymbolicCheck(
        "uniform-above-paper",
        f"Y(l,n) >= max(H_n, ln l/(6n)) for l >= 2, n >= 2, n l <= {CHECKED_UP_TO} (the note proves it for all)",
        "checked",
        _uniform_above_paper,
    ),
    SymbolicCheck(
        "uniform-one-layer", f"Y(1,n) = H_(n-1) for n <= {CHECKED_UP_TO}", "checked", _uniform_one_layer
    ),
)
