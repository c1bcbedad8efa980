"""Numbers of bytes as people write them."""

from __future__ import annotations

import re
from fractions import Fraction

UNITS = {"": 1, **{f"{prefix}b": 1000**i for i, prefix in enumerate(("", "k", "m", "g", "t"))}}
UNITS |= {f"{prefix}ib": 1024**i for i, prefix in enumerate(("k", "m", "g", "t"), 1)}


def parse_bytes(text: str) -> int | None:
    """ "3.5GB", "512MiB" or "1024" as an integer from 1 to 2^62 - 1; None for anything else."""
    match = re.fullmatch(r"([0-9]{1,18}(?:\.[0-9]{1,18})?) ?([a-z]*)", text.strip().lower())
    size = Fraction(match[1]) * UNITS[match[2]] if match and match[2] in UNITS else Fraction(0)
    return int(size) if 1 <= size < 2**62 else None
