"""No deterministic policy is better than (k-l+1)-competitive."""

from bounds.theorems.scopes import DETERMINISTIC
from bounds.theorems.symbols import k, l
from bounds.theorems.theorem import Theorem

DETERMINISTIC_LOWER = Theorem(
    id="deterministic-lower",
    statement="every deterministic policy has ratio >= k-l+1",
    direction="lower",
    scope=DETERMINISTIC,
    formula=k - l + 1,
    constant=k - l + 1,
    tag="paper*",
    reference="Angelopoulos, Marchal, Obrecht, Simon 2025",
    adversaries=("deterministic-lower", "deterministic-lower-one-layer"),
    formal=("deterministic_lower",),
)
