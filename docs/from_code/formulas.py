"""Formulas of theorems, typeset: MathML, which browsers show without any script."""

from __future__ import annotations

from typing import Any

import sympy
from docutils import nodes
from sympy.printing.mathml import MathMLPresentationPrinter


class Printer(MathMLPresentationPrinter):  # type: ignore[misc]
    """As the notes write them: H with an index, functions by their names, cases one above another."""

    def _print_harmonic(self, term: Any) -> Any:
        return self._under("H", term.args)

    def _print_Function(self, term: Any) -> Any:  # noqa: N802
        called = self.dom.createElement("mrow")
        called.appendChild(self._leaf("mi", term.func.__name__))
        called.appendChild(self._leaf("mo", "("))
        for number, argument in enumerate(term.args):
            if number:
                called.appendChild(self._leaf("mo", ","))
            called.appendChild(self._print(argument))
        called.appendChild(self._leaf("mo", ")"))
        return called

    def _print_Piecewise(self, term: Any) -> Any:  # noqa: N802
        table = self.dom.createElement("mtable")
        for value, condition in term.args:
            row = self.dom.createElement("mtr")
            told = self._leaf("mtext", "else") if condition is sympy.true else self._print(condition)
            for part in (self._print(value), told):
                cell = self.dom.createElement("mtd")
                cell.appendChild(part)
                row.appendChild(cell)
            table.appendChild(row)
        return table

    def _print_Mod(self, term: Any) -> Any:  # noqa: N802
        row = self.dom.createElement("mrow")
        for part in (self._print(term.args[0]), self._leaf("mo", "mod"), self._print(term.args[1])):
            row.appendChild(part)
        return row

    def _under(self, name: str, arguments: Any) -> Any:
        index = self.dom.createElement("msub")
        index.appendChild(self._leaf("mi", name))
        index.appendChild(self._print(arguments[0]))
        return index

    def _leaf(self, kind: str, text: str) -> Any:
        leaf = self.dom.createElement(kind)
        leaf.appendChild(self.dom.createTextNode(text))
        return leaf


def typeset(formula: sympy.Expr) -> nodes.raw:
    """One formula."""
    printer = Printer()
    body = printer._print(sympy.sympify(formula)).toxml()
    return nodes.raw("", f'<math display="inline">{body}</math>', format="html")
