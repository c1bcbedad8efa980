"""FIFO is k-competitive and no better, wherever a round fits into the cache."""

from bounds.theorems.scopes import ONLY_FIFO
from bounds.theorems.symbols import k
from bounds.theorems.theorem import Theorem

FIFO_LOWER = Theorem(
    id="fifo-lower",
    statement="FIFO has ratio >= k",
    direction="lower",
    scope=ONLY_FIFO,
    formula=k,
    constant=k - 1,
    tag="derived",
    reference="the queue requested anew for every page of OPT",
    adversaries=("fifo-lower",),
    formal=("fifo_value",),
)
