"""Gaps that are closed: where a lower and an upper bound are the same number, and what the windows of the lower ones lose."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import h, k, l
from proofs.symbolic.model import SymbolicCheck, Table
from proofs.symbolic.tools import a, b, equal, nonnegative

_G = sympy.Symbol("G", integer=True, positive=True)


def _fifo(table: Table) -> bool:
    return equal(table.formulas["fifo-lower"], table.formulas["lru-upper"])


def _lru(table: Table) -> bool:
    lower, upper = table.formulas["lru-value-lower"], table.formulas["lru-value-upper"]
    return equal(upper, lower) and equal(
        lower.subs({l: 1 + a, k: 2 + a + b}), sympy.Min(2 + a + b, 3 + 2 * b)
    )


def _lru_additive(table: Table) -> bool:
    """Step 11 of the note: l + r (OPT - l) + x + max(r, l-1) <= r OPT, with r = 2m+1 <= k = l+m, x <= l-1-m."""
    m, rest = 1 + b, a  # m >= 1, l = m + 1 + rest
    layers = m + 1 + rest
    ratio = table.formulas["lru-value-upper"].subs({k: layers + m, l: layers})
    if not equal(sympy.simplify(ratio), 2 * m + 1):
        return False
    constant = layers - (2 * m + 1) * layers + (layers - 1 - m)
    given = table.constants["lru-value-upper"]
    return nonnegative(given - constant - (2 * m + 1)) and nonnegative(given - constant - (layers - 1))


def _llru(table: Table) -> bool:
    return equal(table.formulas["llru-lower"], table.formulas["llru-upper"].subs(h, k))


def _phases(name: str) -> SymbolicCheck:
    """A window with G growths of OPT holds G-1 whole phases of r misses each, and one growth more, which is a miss."""

    def run(table: Table) -> bool:
        ratio = table.formulas[name]
        misses = ratio * (_G - 1) + 1
        return equal(misses - (ratio * _G - table.constants[name]), 0)

    return SymbolicCheck(f"phases-{name}", f"{name}: r (G-1) + 1 >= r G - c", "proved", run)


CLOSED = (
    SymbolicCheck("closed-fifo", "fifo-lower = lru-upper", "proved", _fifo),
    SymbolicCheck("closed-lru", "lru-value-lower = lru-value-upper", "proved", _lru),
    SymbolicCheck(
        "lru-value-additive", "the constant of lru-value-upper is at most 0", "proved", _lru_additive
    ),
    SymbolicCheck("closed-llru", "llru-lower = llru-upper at h = k", "proved", _llru),
    *(_phases(name) for name in ("fifo-lower", "lru-value-lower", "llru-lower")),
)
