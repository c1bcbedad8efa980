"""Lists of numbers on the command line."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction


def sizes(text: str, least: int, most: int) -> list[int]:
    """Cache sizes from ``least`` to ``most``: "log" for about three per doubling, else numbers as above.

    Raises InvalidArgument for numbers outside.
    """
    from paging.errors import InvalidArgument

    if text == "log":
        steps = {round(least * 2 ** (i / 3)) for i in range(3 * (most // least).bit_length() + 3)}
        return sorted({*(size for size in steps if size < most), most})
    found = sorted(numbers("--sizes", [text]))
    for size in found:
        if not least <= size <= most:
            raise InvalidArgument(f"--sizes: expected {least} to {most}, got {size}")
    return found


UNITS = {"": 1, **{f"{prefix}b": 1000**i for i, prefix in enumerate(("", "k", "m", "g", "t"))}}
UNITS |= {f"{prefix}ib": 1024**i for i, prefix in enumerate(("k", "m", "g", "t"), 1)}


def capacities(option: str, given: Sequence[str]) -> list[int]:
    """``["3.5GB", "512MiB,1024"]`` in bytes. Raises InvalidArgument for anything else."""
    from paging.errors import InvalidArgument

    found: dict[int, None] = {}
    for text in ",".join(given).split(","):
        match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([a-z]*)", text.strip().lower())
        size = Fraction(match[1]) * UNITS[match[2]] if match and match[2] in UNITS else Fraction(0)
        if not 1 <= size < 2**62:
            raise InvalidArgument(f"{option}: expected bytes such as 1000000, 3.5GB or 512MiB, got {text!r}")
        found[int(size)] = None
    return list(found)


def numbers(option: str, given: Sequence[str]) -> list[int]:
    """``["16", "32,64"]`` as [16, 32, 64], without repetitions. Raises InvalidArgument for anything but integers."""
    from paging.errors import InvalidArgument

    found: dict[int, None] = {}
    for text in ",".join(given).split(","):
        try:
            found[int(text)] = None
        except ValueError:
            raise InvalidArgument(f"{option}: expected integers, got {text!r}") from None
    return list(found)
