"""Conservative and marking policies are k-competitive."""

import sympy

from bounds.theorems.scopes import CONSERVATIVE_OR_MARKING
from bounds.theorems.symbols import k
from bounds.theorems.theorem import Theorem

LRU_UPPER = Theorem(
    id="lru-upper",
    statement="LRU, FIFO, every conservative or marking policy has ratio <= k",
    direction="upper",
    scope=CONSERVATIVE_OR_MARKING,
    formula=k,
    constant=sympy.Integer(0),
    tag="classical",
    reference="Sleator & Tarjan 1985",
    formal=("conservative_upper", "marking_upper", "lru_upper", "fifo_upper"),
)
