"""What uniformly drawn experts force."""

from bounds.theorems.scopes import EVERY
from bounds.theorems.symbols import Y, l, n
from bounds.theorems.theorem import Theorem

RATIO = Y(l, n)

RANDOMIZED_UNIFORM_LOWER = Theorem(
    id="randomized-uniform-lower",
    statement="every randomized policy has ratio >= Y(l,n) = E[Phi]/(l n)",
    direction="lower",
    scope=EVERY,
    formula=RATIO,
    constant=2 * RATIO,
    tag="derived",
    reference="Yao's principle, the slowest of l coupon collectors",
    adversaries=("randomized-uniform-lower",),
    expected=True,
)
