"""LRU with k slots against an optimum with h <= k slots."""

import sympy

from bounds.theorems.scopes import ONLY_LRU
from bounds.theorems.symbols import h, k
from bounds.theorems.theorem import Theorem

RATIO = k / (k - h + 1)

AUGMENTED_UPPER = Theorem(
    id="augmented-upper",
    statement="LRU with k slots against OPT with h <= k has ratio <= k/(k-h+1)",
    direction="upper",
    scope=ONLY_LRU,
    formula=RATIO,
    constant=sympy.Max(0, 2 * k - RATIO * (k + 1)),
    tag="classical",
    reference="Sleator & Tarjan 1985",
    augmented=True,
)
