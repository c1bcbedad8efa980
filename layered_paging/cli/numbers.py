"""Lists of numbers on the command line."""

from __future__ import annotations

from collections.abc import Sequence


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
