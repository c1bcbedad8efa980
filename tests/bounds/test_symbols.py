"""The function Y of the formulas: exact where it can be evaluated, a symbol elsewhere."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import H, Y, k, l, latex, n


def test_y_evaluates_for_integers_only() -> None:
    assert Y(2, 2) == sympy.Rational(3, 2)
    assert Y(l, n).subs({l: 1, n: 4}) == sympy.Rational(11, 6)
    assert Y(l, 2).free_symbols == {l}
    assert isinstance(Y(l, n), Y)


def test_latex() -> None:
    assert latex(Y(l, n)) == r"Y\left(\ell, n\right)"
    assert latex(Y(l, n) ** 2) == r"Y^{2}\left(\ell, n\right)"
    assert latex(k - l + 1) == r"k - \ell + 1"
    assert r"k - \ell + 1" in latex(H(k - l + 1))
