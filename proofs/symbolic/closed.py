"""Gaps that are closed: where a lower and an upper bound are the same number, and what the windows of the lower ones lose."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import H, h, k, l, n
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


def _one_token(table: Table) -> bool:
    """l ALG <= (2l-1) OPT; and a block of l growths costs 2l-1 misses."""
    lower, upper = table.formulas["one-token-lower"], table.formulas["one-token-upper"]
    return equal(lower, (l + (l - 1)) / l) and equal(upper, (2 * l - 1) / l)


def _one_token_window(table: Table) -> bool:
    """Misses >= r (G - l) - 2: OPT can be l cheaper at the start of a window, and a block may be cut."""
    ratio = table.formulas["one-token-lower"]
    return equal(ratio * (_G - l) - 2, ratio * _G - table.constants["one-token-lower"])


def _guided_far(table: Table) -> bool:
    """From k = 2l-1 on: the lower bound of all deterministic policies; below: l."""
    upper = table.formulas["guided-far-upper"]
    beyond = upper.subs({l: 1 + a, k: 1 + 2 * a + b})
    below = upper.subs({l: 2 + a + b, k: 2 + 2 * a + b})  # k - l = a < l - 1
    lower = table.formulas["deterministic-lower"].subs({l: 1 + a, k: 1 + 2 * a + b})
    return equal(beyond, lower) and equal(below, 2 + a + b)


def _guided_keep(table: Table) -> bool:
    """For k >= l+2: the lower bound of all deterministic policies; one less than keep-upper; 5/2 at k = l+1, l >= 3."""
    upper, lower = table.formulas["guided-keep-upper"], table.formulas["deterministic-lower"]
    many = {l: 1 + a, k: 3 + a + b}
    return (
        equal(upper.subs(many), lower.subs(many))
        and equal(table.formulas["keep-upper"].subs(many), upper.subs(many) + 1)
        and equal(upper.subs({l: 3 + a, k: 4 + a}), sympy.Rational(5, 2))
    )


def _keep_additive(name: str, slack: sympy.Expr) -> SymbolicCheck:
    """k misses up to T, then G growths, l-1 misses up to T+l, and r-1 for each growth with ``slack`` to spare."""

    def run(table: Table) -> bool:
        growths = sympy.Symbol("G", nonnegative=True)
        layers = 2 + a if name == "keep-upper" else 3 + a
        slots = {l: layers, k: layers + b if name == "keep-upper" else layers + 2 + b}
        ratio = table.formulas[name].subs(slots)
        misses = (k + growths + (l - 1)).subs(slots) + (ratio - 1) * growths + slack
        return nonnegative(ratio * (slots[k] + growths) + table.constants[name] - misses)

    return SymbolicCheck(f"{name}-additive", f"{name}: c = 0 is enough", "proved", run)


def _tight_keep_additive(table: Table) -> bool:
    """At k = l+1: k + G + (l-1) + (3/2) G + 1/2 <= (5/2) (k + G)."""
    growths = sympy.Symbol("G", nonnegative=True)
    slots = {l: 3 + a, k: 4 + a}
    ratio = table.formulas["guided-keep-upper"].subs(slots)
    misses = (k + growths + (l - 1)).subs(slots) + sympy.Rational(3, 2) * growths + sympy.Rational(1, 2)
    return nonnegative(ratio * (4 + a + growths) + table.constants["guided-keep-upper"] - misses)


def _spread(table: Table) -> bool:
    """At l = 1 the classical bound, and the same formula as in one layer."""
    formula = table.formulas["randomized-spread-lower"]
    return equal(formula, table.formulas["randomized-one-layer-lower"]) and equal(
        table.constants["randomized-spread-lower"], formula + 1
    )


def _even(table: Table) -> bool:
    """With v pages in each layer: the first draw adds up to 1, its chances differ by 1/v, and pi_s + H_{m-1} is the bound."""
    v = 2 + a
    layers = 1 + b
    own = 1 / ((v - 1) * layers) + (layers - 1) / (v * layers)
    other = 1 / (v * layers * (v - 1))
    rest = table.formulas["randomized-even-lower"] - H(k - l + 1)
    more = (layers - 1) / (v * layers)
    return (
        equal((v - 1) * own + (layers - 1) * (v - 1) * other, 1)
        and equal(own - other, 1 / v)
        and equal(own, 1 / ((v - 1) * layers) + more)
        and equal(rest.subs({k: v * layers - 1, l: layers}), more)
    )


def _two_layers(table: Table) -> bool:
    """k = 2b+2: H_{2b} and the average of what is above it in phases from A and from B; k odd: randomized-even-lower."""
    size = 1 + b
    from_a, from_b = 1 / (size + 1), (2 * size + 3) / ((size + 2) * (2 * size + 1))
    a_to_b = sympy.Rational(1, 2)
    b_to_a = (size + 1) * (2 * size + 5) / (2 * (size + 2) * (2 * size + 1))
    mean = (b_to_a * from_a + a_to_b * from_b) / (a_to_b + b_to_a)
    formula = table.formulas["two-layers-lower"]
    even = formula.subs(k, 2 * size + 2) - H(2 * size)
    odd = formula.subs(k, 2 * size + 1) - table.formulas["randomized-even-lower"].subs(
        {k: 2 * size + 1, l: 2}
    )
    return equal(even, mean) and equal(odd, 0)


def _one_page_missing(table: Table) -> bool:
    """k = n l - 1: randomized-even-lower = one-page-missing-upper; and (l-1)/(nl) + H_m is what a phase costs."""
    lower = table.formulas["randomized-even-lower"].subs(k, n * l - 1)
    return equal(sympy.expand(lower), sympy.expand(table.formulas["one-page-missing-upper"])) or equal(
        lower.subs({n: 2 + a, l: 1 + b}), table.formulas["one-page-missing-upper"].subs({n: 2 + a, l: 1 + b})
    )


CLOSED = (
    SymbolicCheck("closed-fifo", "fifo-lower = lru-upper", "proved", _fifo),
    SymbolicCheck("closed-lru", "lru-value-lower = lru-value-upper", "proved", _lru),
    SymbolicCheck(
        "lru-value-additive", "the constant of lru-value-upper is at most 0", "proved", _lru_additive
    ),
    SymbolicCheck("closed-llru", "llru-lower = llru-upper at h = k", "proved", _llru),
    SymbolicCheck(
        "closed-one-page-missing",
        "randomized-even-lower = one-page-missing-upper at k = n l - 1",
        "proved",
        _one_page_missing,
    ),
    SymbolicCheck("spread-is-paging", "randomized-spread-lower is the bound of one layer", "proved", _spread),
    SymbolicCheck("even-first-draw", "the first draw of randomized-even-lower", "proved", _even),
    SymbolicCheck("two-layers-average", "R(k) is the average over both starts", "proved", _two_layers),
    SymbolicCheck("closed-one-token", "one-token-lower = one-token-upper = 2-1/l", "proved", _one_token),
    SymbolicCheck("one-token-window", "r (G-l) - 2 >= r G - c", "proved", _one_token_window),
    SymbolicCheck(
        "closed-guided-far", "guided-far-upper = deterministic-lower for k >= 2l-1", "proved", _guided_far
    ),
    SymbolicCheck(
        "closed-guided-keep", "guided-keep-upper = deterministic-lower for k >= l+2", "proved", _guided_keep
    ),
    _keep_additive("keep-upper", sympy.Integer(0)),
    _keep_additive("guided-keep-upper", sympy.Integer(1)),
    SymbolicCheck(
        "guided-keep-five-halves", "k = l+1: c = 0 is enough for 5/2", "proved", _tight_keep_additive
    ),
    *(_phases(name) for name in ("fifo-lower", "lru-value-lower", "llru-lower")),
)
