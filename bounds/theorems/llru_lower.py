"""LLRU (our reading) is no better than (k+l-1)-competitive where the cache holds four rounds."""

from bounds.theorems.scopes import ONLY_LLRU
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

LLRU_LOWER = Theorem(
    id="llru-lower",
    statement="LLRU (our reading) has ratio >= k+l-1",
    direction="lower",
    scope=ONLY_LLRU,
    formula=k + l - 1,
    constant=k + l - 2,
    tag="derived",
    reference="l-1 pages of a phase missed twice",
    adversaries=("llru-lower",),
)
