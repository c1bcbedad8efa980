"""The decision in one sentence, with its number: is a better policy worth building?"""

from __future__ import annotations

from fractions import Fraction
from math import floor, log10

from paging.timing.headroom import Headroom, Row


def verdict(found: Headroom) -> str:
    """What a better policy saves at most, and what its decisions may cost."""
    saved, now = found.saved, found.own.times.total
    own = f"{milliseconds(found, now)} ms per token"
    if not saved:
        return f"No policy can save anything: {found.own.policy} takes {own}, and no schedule takes less."
    by_eviction, by_request = found.break_even()
    evictions = "" if by_eviction is None else f", or {microseconds(by_eviction)} per eviction"
    better = f"A better policy than {found.own.policy}"
    if found.timing.elsewhere is not None:
        better += ", free to compute misses elsewhere,"
    return (
        f"{better} can save at most {milliseconds(found, saved)} ms of {own} ({share(saved / now)}); it pays only if its "
        f"decisions cost less than {microseconds(by_request)} per request{evictions}."
    )


def tried(found: Headroom) -> str:
    """The fastest of the policies that were tried, and what deciding may cost it, or does."""
    row = fastest(found)
    saved, gained = found.own.times.total - row.times.total, found.saves(row)
    if saved <= 0:
        return f"Of the policies tried none is faster than {found.own.policy}."
    by_eviction, _ = found.break_even(row)
    limit = (
        "" if by_eviction is None else f" as long as an eviction costs less than {microseconds(by_eviction)}"
    )
    if not found.decision:
        return f"Of the policies tried {row.policy} is the fastest: it saves {milliseconds(found, saved)} ms{limit}."
    what = f"{'saves' if gained > 0 else 'ends slower, by'} {milliseconds(found, abs(gained))} ms"
    return f"Of the policies tried {row.policy}, at {microseconds(found.decision)} per eviction, {what}; it pays{limit}."


def fastest(found: Headroom) -> Row:
    """Of the other policies that were tried the one that saves most."""
    return max((row for row in found.policies if row is not found.own), key=found.saves)


def milliseconds(found: Headroom, total: Fraction) -> str:
    """Of one token, with as many places for all numbers as give four digits to what the policy takes."""
    return in_ms(found, total / found.tokens)


def in_ms(found: Headroom, seconds: Fraction) -> str:
    """With the same places."""
    return f"{float(seconds * 1000):,.{places(found.own.times.total * 1000 / found.tokens)}f}"


def places(value: Fraction, digits: int = 4) -> int:
    """Behind the point, for so many digits."""
    return max(0, digits - 1 - floor(log10(value))) if value else 0


def microseconds(seconds: Fraction) -> str:
    """ "41.3 µs"."""
    return f"{float(seconds * 10**6):,.{places(abs(seconds) * 10**6, 3)}f} µs"


def share(part: Fraction) -> str:
    """In percent, with a place where it is small."""
    return f"{float(part):.1%}" if part < Fraction(1, 10) else f"{float(part):.0%}"
