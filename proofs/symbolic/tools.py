"""Certificates of sign: an expression is >= 0 because its numerator and denominator have no negative coefficient."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import H, h, k, l

#: integers >= 0: what a quantity exceeds its least value by
a, b, c, d = sympy.symbols("a b c d", integer=True, nonnegative=True)

LAYERS_FIT = {l: 1 + a, k: 1 + a + b}
"""1 <= l <= k."""

SMALLER_OPTIMUM = {h: 1 + a, k: 1 + a + b, l: 1 + c}
"""1 <= h <= k, l >= 1."""


def equal(left: sympy.Expr, right: sympy.Expr) -> bool:
    """Whether the two are the same function."""
    return bool(sympy.simplify(left - right) == 0)


def nonnegative(expression: sympy.Expr) -> bool:
    """Whether a rational function of variables >= 0 is certainly >= 0.

    True only with the certificate: no negative coefficient above, none below, and a positive constant term below.
    """
    if not expression.is_rational_function():
        return False
    if not expression.free_symbols:
        return bool(expression >= 0)
    variables = sorted(expression.free_symbols, key=str)
    above, below = sympy.fraction(sympy.cancel(sympy.together(expression)))
    numerator, denominator = sympy.Poly(above, *variables), sympy.Poly(below, *variables)
    if denominator.eval(dict.fromkeys(variables, 0)) < 0:
        numerator, denominator = -numerator, -denominator
    return (
        all(x >= 0 for x in numerator.coeffs())
        and all(x >= 0 for x in denominator.coeffs())
        and bool(denominator.eval(dict.fromkeys(variables, 0)) > 0)
    )


def harmonic_increases() -> bool:
    """H_{m+1} - H_m = 1/(m+1) > 0, the induction step behind every comparison of harmonic numbers."""
    m = sympy.Symbol("m", integer=True, positive=True)
    return equal(sympy.expand_func(H(m + 1)) - H(m), 1 / (m + 1))


def cycle_ratio(formula: sympy.Expr, length: sympy.Expr) -> sympy.Expr:
    """A formula of `lru-cycle-lower` with ``length`` pages instead of N = l * ceiling((k+1)/l)."""
    return formula.replace(sympy.ceiling, lambda _: length / l)
