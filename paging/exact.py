"""Exact values as text."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TypeAlias

Value: TypeAlias = Fraction | float
"""An exact ratio: a fraction, or math.inf (no other float)."""


def exact(value: Value) -> str:
    """ "7/3", "4" or "inf"."""
    return str(value)


def readable(value: Value) -> str:
    """ "7/3 (2.333)", "4" or "inf"."""
    if value == math.inf or (isinstance(value, Fraction) and value.denominator == 1):
        return exact(value)
    return f"{exact(value)} ({float(value):.3f})"


def brief(value: Value) -> str:
    """The same, but long fractions as decimals."""
    text = readable(value)
    return text if len(text) <= 30 else f"about {float(value):.6f}"
