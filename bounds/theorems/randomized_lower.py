"""The paper's lower bound for randomized policies."""

import sympy

from bounds.theorems.scopes import EVERY
from bounds.theorems.symbols import H, l, n
from bounds.theorems.theorem import Theorem

RATIO = sympy.Max(H(n), sympy.log(l) / (6 * n))

RANDOMIZED_LOWER = Theorem(
    id="randomized-lower",
    statement="every randomized policy has ratio >= max(H_n, ln(l)/(6n))",
    direction="lower",
    scope=EVERY,
    formula=RATIO,
    constant=2 * RATIO,
    tag="paper*",
    reference="Angelopoulos, Marchal, Obrecht, Simon 2025",
    adversaries=("randomized-lower",),
    expected=True,
)
