"""Marker is (2 H_k - 1)-competitive."""

import sympy

from bounds.theorems.scopes import ONLY_MARKER
from bounds.theorems.symbols import H, k
from bounds.theorems.theorem import Theorem

MARKER_UPPER = Theorem(
    id="marker-upper",
    statement="Marker has ratio <= 2 H_k - 1",
    direction="upper",
    scope=ONLY_MARKER,
    formula=2 * H(k) - 1,
    constant=sympy.Integer(0),
    tag="classical",
    reference="Achlioptas, Chrobak, Noga 2000",
    expected=True,
)
