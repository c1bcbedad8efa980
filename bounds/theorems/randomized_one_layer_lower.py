"""Classical randomized paging inside one layer."""

from bounds.theorems.scopes import EVERY
from bounds.theorems.symbols import H, k, l
from bounds.theorems.theorem import Theorem

RATIO = H(k - l + 1)

RANDOMIZED_ONE_LAYER_LOWER = Theorem(
    id="randomized-one-layer-lower",
    statement="every randomized policy has ratio >= H_{k-l+1}",
    direction="lower",
    scope=EVERY,
    formula=RATIO,
    constant=2 * RATIO,
    tag="classical",
    reference="Fiat, Karp, Luby, McGeoch, Sleator, Young 1991, embedded",
    adversaries=("randomized-one-layer-lower",),
    expected=True,
)
