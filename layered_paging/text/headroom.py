"""The headroom as one page of text."""

from __future__ import annotations

from fractions import Fraction

from layered_paging.text.headroom_verdict import in_ms, microseconds, milliseconds, tried, verdict
from paging.tables import aligned
from paging.timing.headroom import Headroom, Row, Times

FASTER = 5
"""Policies that are printed, of those that are faster."""


def page(found: Headroom, every: bool = False) -> list[str]:
    """Lines."""
    return [
        verdict(found),
        tried(found),
        "",
        *_machine(found),
        "",
        *_policies(found, every),
        "",
        *_changes(found),
    ]


def _machine(found: Headroom) -> list[str]:
    timing, (least, most) = found.timing, found.load
    loading = microseconds(least) if least == most else f"{microseconds(least)} to {microseconds(most)}"
    overlap = "nothing is loaded while a layer is computed"
    if timing.overlap:
        overlap = "loads overlap with computing, and begin when the layer before is done"
    if timing.lookahead:
        ahead = "1 layer" if timing.lookahead == 1 else f"{timing.lookahead} layers"
        overlap = f"loads overlap with computing, and begin {ahead} ahead"
        if timing.accuracy < 1:
            overlap += f", {float(timing.accuracy):.0%} of them right"
    lines = [
        f"{found.requests:,} requests, {found.tokens:,} tokens, {found.demand} experts per token, "
        f"cache of {found.cache} slots ({found.cache / found.demand:.2f} tokens)"
        + (f", after a warm-up of {found.warmup:,} requests" if found.warmup else ""),
        f"Loading an expert takes {loading}, computing a layer {microseconds(timing.compute)}; {overlap}",
    ]
    if timing.elsewhere is not None:
        lines.append(f"An expert computed elsewhere takes {microseconds(timing.elsewhere)} longer")
    return lines


def _policies(found: Headroom, every: bool) -> list[str]:
    ranked = sorted(found.rows, key=lambda row: row.times.total)
    faster = [row for row in ranked if row.times.total < found.own.times.total]
    rows = [
        row
        for row in ranked
        if every or row is found.own or row not in found.policies or row in faster[:FASTER]
    ]
    bound = ["no schedule is below", milliseconds(found, found.lower), "", "", _rate(found, found.lower), ""]
    shown = [] if found.exact else [[*bound, milliseconds(found, found.saved), ""]]
    name = "best schedule" if found.exact else "best schedule found"
    gained = milliseconds(found, found.own.times.total - found.found.total)
    shown.append([name, *_times(found, found.found, found.loads), gained, ""])
    for row in rows:
        gained = "" if row is found.own else milliseconds(found, found.saves(row))
        shown.append([row.policy, *_times(found, row.times, row.loads), gained, _break_even(found, row)])
    columns = ["policy", "ms per token", "p50", "p99", "tokens/s", "loads per token", "saves", "break-even"]
    lines = list(aligned(columns, shown, range(1, len(columns))))
    paid = (
        f", its decisions paid for with {microseconds(found.decision)} per eviction" if found.decision else ""
    )
    lines.append(f"saves: ms per token{paid}; break-even: pays while deciding costs less per eviction")
    if hidden := len(found.rows) - len(rows):
        lines.append(f"{hidden} other policies are no faster than these; --all prints them")
    return lines


def _times(found: Headroom, times: Times, loads: int) -> list[str]:
    return [
        milliseconds(found, times.total),
        in_ms(found, times.p50),
        in_ms(found, times.p99),
        _rate(found, times.total),
        f"{loads / found.tokens:.1f}",
    ]


def _break_even(found: Headroom, row: Row) -> str:
    by_eviction, _ = found.break_even(row)
    return microseconds(by_eviction) if by_eviction is not None and by_eviction > 0 else ""


def _rate(found: Headroom, total: Fraction) -> str:
    return f"{float(found.tokens / total):,.1f}" if total else ""


def interval(found: Headroom, lower: Fraction, upper: Fraction) -> str:
    """Of one token; a number where both are the same."""
    low, high = milliseconds(found, lower), milliseconds(found, upper)
    return low if lower == upper else f"{low} to {high}"


def _changes(found: Headroom) -> list[str]:
    now = [
        "nothing changes",
        milliseconds(found, found.own.times.total),
        interval(found, found.lower, found.found.total),
    ]
    rows = [
        [change.what, milliseconds(found, change.policy), interval(found, change.lower, change.upper)]
        for change in found.changes
    ]
    return list(aligned(["ms per token if", found.own.policy, "best"], [now, *rows], (1, 2)))
