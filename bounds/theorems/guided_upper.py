"""Guided policies are k-competitive, whatever their priority."""

import sympy

from bounds.theorems.scopes import GUIDED
from bounds.theorems.symbols import k
from bounds.theorems.theorem import Theorem

GUIDED_UPPER = Theorem(
    id="guided-upper",
    statement="every guided policy has ratio <= k, whatever its priority",
    direction="upper",
    scope=GUIDED,
    formula=k,
    constant=sympy.Integer(0),
    tag="derived",
    reference="leading singletons of the offset function; after Brodal, Moruz, Negoescu 2015",
    formal=("guided_upper", "safe_page", "guided_exists"),
)
