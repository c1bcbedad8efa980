"""Lower bounds for every randomized policy from phases drawn on k+1 pages."""

import sympy

from bounds.theorems.scopes import EVERY
from bounds.theorems.symbols import H, k, l
from bounds.theorems.theorem import Theorem

SPREAD = H(k - l + 1)
EVEN = SPREAD + (l - 1) / (k + 1)
TWO_LAYERS = sympy.Piecewise(
    (H(k - 1) + 1 / (k + 1), sympy.Eq(sympy.Mod(k, 2), 1)),
    (H(k - 2) + 2 * (k + 2) / ((k + 1) ** 2 - 2), True),
)
"""R(k), odd and even."""

REFERENCE = "phases drawn on k+1 pages; the place of the missing page makes no difference"

RANDOMIZED_SPREAD_LOWER = Theorem(
    id="randomized-spread-lower",
    statement="every randomized policy has ratio >= H_{k-l+1}",
    direction="lower",
    scope=EVERY,
    formula=SPREAD,
    constant=SPREAD + 1,
    tag="derived",
    reference=REFERENCE,
    adversaries=("randomized-spread-lower",),
    expected=True,
)

RANDOMIZED_EVEN_LOWER = Theorem(
    id="randomized-even-lower",
    statement="every randomized policy has ratio >= H_{k-l+1} + (l-1)/(k+1), where l divides k+1",
    direction="lower",
    scope=EVERY,
    formula=EVEN,
    constant=EVEN + 1,
    tag="derived",
    reference=REFERENCE,
    adversaries=("randomized-even-lower",),
    expected=True,
)

TWO_LAYERS_LOWER = Theorem(
    id="two-layers-lower",
    statement="l = 2, 3 <= k < 2n: every randomized policy has ratio >= R(k)",
    direction="lower",
    scope=EVERY,
    formula=TWO_LAYERS,
    constant=TWO_LAYERS + 2,
    tag="derived",
    reference=REFERENCE,
    adversaries=("two-layers-lower",),
    expected=True,
)
