"""The symbols that all formulas share, and the functions H (harmonic numbers) and Y (`randomized-uniform-lower`)."""

from __future__ import annotations

from typing import Any

import sympy

from bounds.formulas import uniform_lower

l, n, k, h = sympy.symbols("l n k h", integer=True, positive=True)  # noqa: E741 (the letter of the field)
"""Layers, experts per layer, slots of the policy, slots of the optimum."""

H = sympy.harmonic


class Y(sympy.Function):  # type: ignore[misc]
    """Y(l, n) = E[Phi] / (l n); a symbol for symbolic arguments, its exact value for integers (see bounds.formulas)."""

    nargs = 2
    is_extended_real = True

    @classmethod
    def eval(cls, layers: sympy.Expr, experts: sympy.Expr) -> sympy.Rational | None:
        """The value where both arguments are positive integers."""
        if not (layers.is_Integer and experts.is_Integer and layers > 0 and experts > 0):
            return None
        value = uniform_lower(int(layers), int(experts))
        return sympy.Rational(value.numerator, value.denominator)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        name = "Y" if exp is None else f"Y^{{{exp}}}"
        return rf"{name}\left({', '.join(printer.doprint(argument) for argument in self.args)}\right)"


def latex(formula: sympy.Expr) -> str:
    """LaTeX of a formula, with the script letter for the number of layers."""
    return str(sympy.latex(formula, symbol_names={l: r"\ell"}))
