"""guided-far is max(l, k-l+1)-competitive: from k = 2l-1 on no deterministic policy is better."""

import sympy

from adversaries.base import Precondition
from bounds.theorems.scopes import GUIDED_FAR
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

GUIDED_FAR_UPPER = Theorem(
    id="guided-far-upper",
    statement="guided-far has ratio <= max(l, k-l+1)",
    direction="upper",
    scope=GUIDED_FAR,
    formula=sympy.Max(l, k - l + 1),
    constant=sympy.Integer(0),
    tag="derived",
    reference="leading singletons; pages of the last phase that are missing belong to layers gone by",
    needs=Precondition("k >= l", lambda instance: instance.cache >= instance.layers),
    formal=("far_upper", "far_exists", "deterministic_value"),
)
