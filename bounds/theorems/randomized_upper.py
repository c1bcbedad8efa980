"""Some randomized policy is H_k-competitive: guided-random realizes it."""

import sympy

from bounds.theorems.scopes import ONLINE_MIN
from bounds.theorems.symbols import H, k
from bounds.theorems.theorem import Theorem

RANDOMIZED_UPPER = Theorem(
    id="randomized-upper",
    statement="some randomized policy (guided-random does) has ratio <= H_k",
    direction="upper",
    scope=ONLINE_MIN,
    formula=H(k),
    constant=sympy.Integer(0),
    tag="classical",
    reference="McGeoch & Sleator 1991; Brodal, Moruz, Negoescu 2015",
    expected=True,
)
