"""The best randomized ratio where a theorem gives it.

One layer: H_k (McGeoch & Sleator 1991 from above, Fiat et al. 1991 from below). One slot: 1, for nobody has a choice. One page
missing, k = nl - 1: H_{(n-1)l} + (l-1)/(nl) (derived for this project; at l = 1 it is H_k again).
"""

from __future__ import annotations

from fractions import Fraction

Interval = tuple[Fraction, Fraction]


def harmonic(m: int) -> Fraction:
    return sum((Fraction(1, i) for i in range(1, m + 1)), Fraction(0))


def value(layers: int, experts: int, slots: int) -> Interval:
    """Between which numbers the value is; elsewhere nothing is known but that it is between 1 and H_k."""
    if slots == 1:
        exact = Fraction(1)
    elif layers == 1:
        exact = harmonic(slots)
    elif slots == experts * layers - 1:
        exact = harmonic((experts - 1) * layers) + Fraction(layers - 1, experts * layers)
    else:
        return Fraction(1), harmonic(slots)
    return exact, exact
