"""A theorem as data: what is claimed, of whom, where, and how it is tried."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Literal, TypeAlias

import sympy

from adversaries.base import ALWAYS, Precondition
from adversaries.registry import ADVERSARIES
from bounds.theorems.scopes import Scope
from bounds.theorems.symbols import h, k, l, n
from paging.exact import Value
from paging.model import Instance

Tag: TypeAlias = Literal["paper", "paper*", "classical", "derived", "computed"]

DIGITS = 10**30


@dataclass(frozen=True, slots=True, eq=False)
class Theorem:
    """One row of the mathematics.

    A lower bound r is tried on the instances of its ``adversaries`` (ids of ADVERSARIES) and has the first one's
    precondition unless it ``needs`` another; an upper bound is tried on everything. Both are compared with exact values.
    ``constant`` is the c of ALG <= r OPT + c at every prefix (upper), or of
    ALG(2R) - ALG(R) >= r (OPT(2R) - OPT(R)) - c (lower). ``augmented``: the optimum has h <= k slots of its own.
    ``expected``: the costs are expectations. The proof is in proofs/notes/ID.md.
    ``formal``: the theorems of proofs/formal/Theorems.v that prove it by machine, by name.
    """

    id: str
    statement: str
    direction: Literal["lower", "upper"]
    scope: Scope
    formula: sympy.Expr
    constant: sympy.Expr
    tag: Tag
    reference: str
    adversaries: tuple[str, ...] = ()
    needs: Precondition | None = None
    augmented: bool = False
    expected: bool = False
    formal: tuple[str, ...] = ()

    @property
    def tags(self) -> str:
        """The tag, and whether the proof is machine-checked, as it is shown."""
        return f"{self.tag}, machine-checked" if self.formal else self.tag

    @property
    def precondition(self) -> Precondition:
        """Where the theorem speaks: what it says itself, else its adversary's precondition if it has one."""
        if self.needs is not None:
            return self.needs
        return ADVERSARIES[self.adversaries[0]].precondition if self.adversaries else ALWAYS

    def bound(self, instance: Instance, slots: int | None = None) -> Value:
        """r at an instance; ``slots`` is h, the slots of the optimum (default k)."""
        return self._evaluate(self.formula, instance, slots)

    def additive(self, instance: Instance, slots: int | None = None) -> Fraction:
        """c at an instance."""
        value = self._evaluate(self.constant, instance, slots)
        assert isinstance(value, Fraction), "an additive constant is finite"
        return value

    def _evaluate(self, formula: sympy.Expr, instance: Instance, slots: int | None) -> Value:
        # a logarithm is rounded so that the claim becomes weaker
        return _value(formula, instance, slots, self.direction == "upper")


@cache
def _value(formula: sympy.Expr, instance: Instance, slots: int | None, up: bool) -> Value:
    """The formula at an instance, kept: a check asks for it at every sequence, and symbolic work is slow."""
    value = formula.subs(
        {
            l: instance.layers,
            n: instance.experts,
            k: instance.cache,
            h: instance.cache if slots is None else slots,
        }
    )
    if value == sympy.oo:
        return math.inf
    if not value.is_Rational:
        rounded = sympy.ceiling if up else sympy.floor
        value = sympy.Rational(rounded(value * DIGITS), DIGITS)
    return Fraction(int(value.p), int(value.q))
