"""LRU and FIFO are no better than k-competitive where a cycle of k+1 pages fits the layers."""

from bounds.theorems.scopes import LRU_FIFO
from bounds.theorems.symbols import k
from bounds.theorems.theorem import Theorem

LRU_LOWER = Theorem(
    id="lru-lower",
    statement="LRU and FIFO have ratio >= k",
    direction="lower",
    scope=LRU_FIFO,
    formula=k,
    constant=k,
    tag="paper*",
    reference="Angelopoulos, Marchal, Obrecht, Simon 2025",
    adversaries=("lru-lower",),
)
