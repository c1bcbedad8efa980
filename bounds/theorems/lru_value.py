"""The ratio of LRU where more than a round fits into the cache, exactly: both sides."""

import sympy

from adversaries.base import MORE_THAN_A_ROUND
from bounds.theorems.scopes import ONLY_LRU
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

VALUE = sympy.Min(k, 2 * (k - l) + 1)
"""k from k = 2l-1 on."""

LRU_VALUE_LOWER = Theorem(
    id="lru-value-lower",
    statement="LRU has ratio >= min(k, 2(k-l)+1)",
    direction="lower",
    scope=ONLY_LRU,
    formula=VALUE,
    constant=VALUE - 1,
    tag="derived",
    reference="each evicted page requested next, in an order that hits restore",
    adversaries=("lru-value-lower",),
    formal=("lru_value", "lru_value_lower"),
)

LRU_VALUE_UPPER = Theorem(
    id="lru-value-upper",
    statement="LRU has ratio <= min(k, 2(k-l)+1)",
    direction="upper",
    scope=ONLY_LRU,
    formula=VALUE,
    constant=sympy.Integer(0),
    tag="derived",
    reference="distinct pages of a phase and of the rounds chained to it",
    needs=MORE_THAN_A_ROUND,
    formal=("lru_value_upper", "lru_value_all"),
)
