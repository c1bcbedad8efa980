"""The headroom at several sizes of the cache, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from layered_paging.text.headroom import interval, page
from layered_paging.text.headroom_verdict import fastest, microseconds, milliseconds, share, verdict
from paging.tables import aligned
from paging.timing.headroom import Headroom


def decision(found: Sequence[Headroom]) -> str:
    """The verdict of the size at which a better policy can save most; of one size its own."""
    most = max(found, key=lambda one: (one.saved / one.tokens, -one.cache))
    if len(found) == 1:
        return verdict(most)
    return f"Most is to be won at k = {most.cache}. {verdict(most)}"


def pages(found: Sequence[Headroom], every: bool = False) -> Iterator[str]:
    """Lines: the page of one size; of several the table of all, with ``every`` their pages too."""
    if len(found) == 1:
        yield from page(found[0], every)
        return
    yield from (decision(found), "", *_table(found))
    for one in found if every else ():
        yield from ("", f"k = {one.cache}", "", *page(one, every))


def _table(found: Sequence[Headroom]) -> Iterator[str]:
    own = found[0].own.policy
    columns = ["cache", own, "best", "saves at most", "per request", "fastest", "saves", "per eviction"]
    rows = []
    for one in found:
        tried = fastest(one)
        limit, _ = one.break_even(tried)
        saved = one.own.times.total - tried.times.total
        rows.append(
            [
                str(one.cache),
                milliseconds(one, one.own.times.total),
                interval(one, one.lower, one.found.total),
                f"{milliseconds(one, one.saved)} ({share(one.saved / one.own.times.total)})"
                if one.saved
                else "0",
                microseconds(one.break_even()[1]) if one.saved else "",
                tried.policy if saved > 0 else "",
                milliseconds(one, one.saves(tried)) if saved > 0 else "",
                microseconds(limit) if saved > 0 and limit is not None else "",
            ]
        )
    yield from aligned(columns, rows, (0, 1, 2, 3, 4, 6, 7))
    paid = (
        f", its decisions paid for with {microseconds(found[0].decision)} per eviction"
        if found[0].decision
        else ""
    )
    yield f"Times in ms per token; saves: the fastest policy tried{paid}. A policy pays while deciding costs less than"
    yield "that per request (whatever it is) or per eviction (the fastest). --all prints each size in full."
