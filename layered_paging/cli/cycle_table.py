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
    from dataclasses import replace

    import numpy as np

    from layered_paging.cli.output import print_table
    from paging.offline.offset import OffsetFunction
    from paging.replay import replay

    begin, experts = len(prefix), instance.experts
    pages = [*prefix, *cycle][: begin + MOST_ROWS]
    run = replay(policy, instance, np.array(pages, np.int32))
    offset = OffsetFunction(replace(instance, cache=optimum or instance.cache))
    rows = []
    for time, page in enumerate(pages):
        grows = offset.request(page)
        if time < begin:
            continue
        evicted = [int(q) for q, at in zip(run.evicted, run.evicted_at, strict=True) if at == time]
        rows.append(
            [
                str(time - begin),
                f"{page // experts}.{page % experts}",
                "hit" if run.hits[time] else "miss",
                " ".join(f"{q // experts}.{q % experts}" for q in sorted(evicted)),
                "+1" if grows else "",
            ]
        )
    print(f"worst cycle, after {begin} requests from the empty cache (pages as layer.expert):")
    print_table(["time", "request", "policy", "evicts", "OPT"], rows, numeric=(0,))
    if len(cycle) > MOST_ROWS:
        print(f"and {len(cycle) - MOST_ROWS:,} more requests")
