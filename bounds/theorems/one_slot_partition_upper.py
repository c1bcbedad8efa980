"""With one slot per layer and k = l the forced policy is 2-competitive."""

import sympy

from adversaries.base import Precondition
from bounds.theorems.scopes import DIVIDED
from bounds.theorems.theorem import Theorem

ONE_SLOT_PARTITION_UPPER = Theorem(
    id="one-slot-partition-upper",
    statement="k = l with one slot per layer: ratio <= 2",
    direction="upper",
    scope=DIVIDED,
    formula=sympy.Integer(2),
    constant=sympy.Integer(0),
    tag="derived",
    reference="distinct pages of two consecutive rounds",
    needs=Precondition("k = l", lambda instance: instance.cache == instance.layers),
)
