"""guided-keep: the best deterministic ratio, k-l+1, for every k >= l+2."""

import sympy

from adversaries.base import MORE_THAN_A_ROUND, Precondition
from bounds.theorems.scopes import GUIDED_KEEP
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

GUIDED_KEEP_UPPER = Theorem(
    id="guided-keep-upper",
    statement="guided-keep has ratio <= k-l+1 for k >= min(l+2, 2l-1), <= 5/2 for k = l+1",
    direction="upper",
    scope=GUIDED_KEEP,
    formula=sympy.Piecewise((k - l + 1, (k >= l + 2) | (k >= 2 * l - 1)), (sympy.Rational(5, 2), True)),
    constant=sympy.Integer(0),
    tag="derived",
    reference="tokens on the sets of the offset function; groups of growths that pay for each other",
    needs=MORE_THAN_A_ROUND,
    formal=("keep_upper", "keep_five_halves", "keep_exists", "tokens_balance", "best_deterministic"),
)

KEEP_UPPER = Theorem(
    id="keep-upper",
    statement="every KEEP policy, guided-keep among them, has ratio <= k-l+2",
    direction="upper",
    scope=GUIDED_KEEP,
    formula=k - l + 2,
    constant=sympy.Integer(0),
    tag="derived",
    reference="tokens on the sets of the offset function",
    needs=Precondition(
        "k >= l >= 2", lambda instance: instance.cache >= instance.layers and instance.layers >= 2
    ),
    formal=("keep_policy_upper", "guided_keep_is_keep"),
)
