"""Times that people give."""

from __future__ import annotations

from paging.errors import InvalidArgument

LONGEST = 10**7
"""Seconds, almost four months: what clocks and timers of every kind can count."""


def check_seconds(name: str, seconds: float) -> None:
    """Raises InvalidArgument, under this ``name``, for what is no time to spend: 0, negative, not a number, without end."""
    if not seconds > 0:
        raise InvalidArgument(f"{name}: expected more than 0, got {seconds:g}")
    if seconds > LONGEST:
        raise InvalidArgument(f"{name}: expected at most {LONGEST:,} seconds, got {seconds:g}")
