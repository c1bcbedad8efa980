"""Lists of numbers on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

    from paging.traces.trace import Warmup


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


def capacities(option: str, given: Sequence[str]) -> list[int]:
    """``["3.5GB", "512MiB,1024"]`` in bytes. Raises InvalidArgument for anything else."""
    from paging.bytes import parse_bytes
    from paging.errors import InvalidArgument

    found: dict[int, None] = {}
    for text in ",".join(given).split(","):
        size = parse_bytes(text)
        if size is None:
            raise InvalidArgument(f"{option}: expected bytes such as 1000000, 3.5GB or 512MiB, got {text!r}")
        found[size] = None
    return list(found)


def expert_bytes(text: str) -> list[int]:
    """Sizes of an expert, as ``capacities``, but each stands for its layer. Raises InvalidArgument for anything else."""
    return [size for part in text.split(",") for size in capacities("--expert-bytes", [part])]


def warm_up(text: str) -> Warmup:
    """``prefill``, or a number of tokens. Raises InvalidArgument for anything else."""
    from paging.errors import InvalidArgument

    if text == "prefill":
        return "prefill"
    if not (text.isascii() and text.isdigit()):
        raise InvalidArgument(f"--warmup: expected prefill or a number of tokens, got {text!r}")
    return int(text)


def exact_number(option: str, text: str) -> Fraction:
    """A decimal number of at least 0, exactly. Raises InvalidArgument for anything else."""
    import re
    from fractions import Fraction

    from paging.errors import InvalidArgument

    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,12})?", text, re.ASCII):
        raise InvalidArgument(f"{option}: expected a decimal number such as 25 or 0.5, got {text!r}")
    return Fraction(text)


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
