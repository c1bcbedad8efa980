"""LRU with k slots against an optimum with h <= k slots."""

import sympy

from bounds.theorems.scopes import ONLY_LRU
from bounds.theorems.symbols import h, k
from bounds.theorems.theorem import Theorem

AUGMENTED_UPPER = Theorem(
    id="augmented-upper",
    statement="LRU with k slots against OPT with h <= k has ratio <= k/(k-h+1)",
    direction="upper",
    scope=ONLY_LRU,
    formula=k / (k - h + 1),
    constant=sympy.Integer(0),
    tag="classical",
    reference="Sleator & Tarjan 1985",
    augmented=True,
)
