"""A fixed partition of the cache has no finite ratio."""

import sympy

from bounds.theorems.scopes import DIVIDED
from bounds.theorems.theorem import Theorem

FIXED_PARTITION = Theorem(
    id="fixed-partition",
    statement="a policy that gives layer j a fixed k_j slots has no finite ratio",
    direction="lower",
    scope=DIVIDED,
    formula=sympy.oo,
    constant=sympy.Integer(0),
    tag="paper*",
    reference="Angelopoulos, Marchal, Obrecht, Simon 2025",
    adversaries=("fixed-partition",),
    formal=("partition_layer", "fixed_partition"),
)
