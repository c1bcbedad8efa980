"""guided-spread has the best randomized ratio where all pages but one fit into the cache."""

import sympy

from adversaries.base import Precondition
from bounds.theorems.scopes import GUIDED_SPREAD
from bounds.theorems.symbols import H, l, n
from bounds.theorems.theorem import Theorem

ONE_PAGE_MISSING_UPPER = Theorem(
    id="one-page-missing-upper",
    statement="k = n*l - 1: guided-spread has ratio <= H_{(n-1)l} + (l-1)/(nl)",
    direction="upper",
    scope=GUIDED_SPREAD,
    formula=H((n - 1) * l) + (l - 1) / (n * l),
    constant=sympy.Integer(0),
    tag="derived",
    reference="the missing page is uniform, over the layers in the first round of a phase, over the unmarked pages after it",
    needs=Precondition(
        "k = n*l - 1 and n >= 2",
        lambda instance: instance.cache == instance.pages - 1 and instance.experts >= 2,
    ),
    expected=True,
)
