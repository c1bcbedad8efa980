"""Formulas and constants of the theorems, as the checks see them."""

from __future__ import annotations

import sympy

from bounds.theorems.registry import THEOREMS
from proofs.symbolic.model import Table

TABLE = Table(
    {name: theorem.formula for name, theorem in THEOREMS.items() if theorem.formula != sympy.oo},
    {name: theorem.constant for name, theorem in THEOREMS.items()},
)
