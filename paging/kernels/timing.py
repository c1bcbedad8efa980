"""Schedules in time (the fast part of paging.timing)."""

from __future__ import annotations

from heapq import heappop, heappush

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Stream


@kernel
def slots(
    stream: Stream,
    loads: Flags,
    evicted: Stream,
    evicted_at: Longs,
    since: int,
    batch: int,
    pages: int,
    free: int,
) -> Longs:
    """For each load from ``since`` on the step at whose end its slot is free, shape (requests - since,); -1: from the start.

    Of the slots that were given up, ``free`` of them before ``since``, a load takes the one that was used longest ago.
    """
    last = np.full(pages, -1, np.int64)
    after = np.full(len(stream) - since, -1, np.int64)
    given = [np.int64(0) for _ in range(0)]
    at = 0
    while at < len(evicted_at) and evicted_at[at] < since:
        at += 1
    for t in range(since, len(stream)):
        while at < len(evicted_at) and evicted_at[at] <= t:
            heappush(given, last[evicted[at]])
            at += 1
        if loads[t - since]:
            if free > 0:
                free -= 1
            else:
                after[t - since] = heappop(given)
        last[stream[t]] = (t - since) // batch
    return after


@kernel
def ends(
    loads: Flags,
    elsewhere: Flags,
    after: Longs,
    load: Longs,
    batch: int,
    compute: int,
    longer: int,
    release: Longs,
    known: Longs,
    wrong: Flags,
) -> Longs:
    """As ``paging.timing.simulate.ends``: the end of every step, shape (steps,)."""
    steps = len(release)
    end = np.zeros(steps + 1, np.int64)  # end[s + 1]: of step s
    channel = 0
    for step in range(steps):
        ready = end[step]
        duration = compute
        for t in range(step * batch, (step + 1) * batch):
            if elsewhere[t]:
                duration += longer
            elif loads[t]:
                begin = max(channel, end[release[step] + 1])
                sure = end[known[step] + 1]
                if wrong[t] and begin < sure:
                    channel = begin + load[t]
                    begin = max(channel, sure)
                channel = max(begin, end[after[t] + 1]) + load[t]
                ready = max(ready, channel)
        end[step + 1] = ready + duration
    return end[1:]
