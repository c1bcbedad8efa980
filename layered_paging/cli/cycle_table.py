"""A bad cycle as a table, request by request."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paging.model import Instance, Page
    from paging.policies.named import NamedPolicy

MOST_ROWS = 120


def show_cycle(
    instance: Instance,
    policy: NamedPolicy,
    prefix: Sequence[Page],
    cycle: Sequence[Page],
    optimum: int | None = None,
) -> None:
    """One repetition of the cycle, beside an optimum with so many slots (default k); of a very long one the beginning."""
    from layered_paging.cli.output import print_table
    from paging.course import Course

    begin, experts = len(prefix), instance.experts
    course = Course(policy, instance, slots=optimum)
    for page in prefix:
        course.request(page)
    rows = []
    for time, page in enumerate(cycle[:MOST_ROWS]):
        missed, grows = course.request(page)
        rows.append(
            [
                str(time),
                f"{page // experts}.{page % experts}",
                "miss" if missed else "hit",
                " ".join(f"{q // experts}.{q % experts}" for q in sorted(course.player.last_victims)),
                "+1" if grows else "",
            ]
        )
    print(f"worst cycle, after {begin} requests from the empty cache (pages as layer.expert):")
    print_table(["time", "request", "policy", "evicts", "OPT"], rows, numeric=(0,))
    if len(cycle) > MOST_ROWS:
        print(f"and {len(cycle) - MOST_ROWS:,} more requests")
