"""The cache holds one expert per layer (k = l): the best deterministic ratio is 2 - 1/l, both sides."""

import sympy

from adversaries.base import Precondition
from bounds.theorems.scopes import DETERMINISTIC, LRU_OR_DIVIDED
from bounds.theorems.symbols import l
from bounds.theorems.theorem import Theorem

VALUE = 2 - 1 / l

ONE_TOKEN_LOWER = Theorem(
    id="one-token-lower",
    statement="k = l: every deterministic policy has ratio >= 2-1/l",
    direction="lower",
    scope=DETERMINISTIC,
    formula=VALUE,
    constant=2 * l + 1,
    tag="derived",
    reference="a pivot layer, and a change every l-1 requests",
    adversaries=("one-token-lower",),
    formal=("one_token_lower", "one_token_value"),
)

ONE_TOKEN_UPPER = Theorem(
    id="one-token-upper",
    statement="k = l: LRU, or one slot per layer, has ratio <= 2-1/l",
    direction="upper",
    scope=LRU_OR_DIVIDED,
    formula=VALUE,
    constant=sympy.Integer(0),
    tag="derived",
    reference="blocks of 2l-1 requests, at every offset",
    needs=Precondition("k = l", lambda instance: instance.cache == instance.layers),
    formal=("one_token_upper",),
)
