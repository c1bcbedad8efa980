"""LRU and FIFO on the cycle of N = l * ceil((k+1)/l) pages."""

import sympy

from bounds.theorems.scopes import LRU_FIFO
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

N = l * sympy.ceiling((k + 1) / l)
"""Pages on the cycle: the least multiple of l above k."""

LRU_CYCLE_LOWER = Theorem(
    id="lru-cycle-lower",
    statement="LRU and FIFO have ratio >= (N-1)/(N-k), N = l*ceil((k+1)/l)",
    direction="lower",
    scope=LRU_FIFO,
    formula=(N - 1) / (N - k),
    constant=N - 1,
    tag="derived",
    reference="the cycle of lru-lower, for every k",
    adversaries=("lru-cycle-lower",),
)
