"""LLRU (our reading) is (k+l-1)-competitive, and against h slots."""

import sympy

from bounds.theorems.scopes import ONLY_LLRU
from bounds.theorems.symbols import h, k, l
from bounds.theorems.theorem import Theorem

LLRU_UPPER = Theorem(
    id="llru-upper",
    statement="LLRU (our reading) has ratio <= k+l-1; against h slots (k+l-1)/(k-h+1)",
    direction="upper",
    scope=ONLY_LLRU,
    formula=(k + l - 1) / (k - h + 1),
    constant=sympy.Integer(0),
    tag="derived",
    reference="phases, with at most l-1 pages of a phase evicted in it",
    augmented=True,
)
