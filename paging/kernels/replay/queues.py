"""SIEVE and SLRU on linked lists of the cached pages: O(1) per request on average, and a batch of steps per miss."""

from __future__ import annotations

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs, Stream, link, unlink


@kernel
def sieve(
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """The hand stands on a page, or at the end, from where it goes on with the oldest."""
    end = pages
    older = np.full(pages + 1, end, np.int32)
    newer = np.full(pages + 1, end, np.int32)
    cached = np.zeros(pages, np.bool_)
    visited = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    hand = end
    used = 0
    count = 0
    for t in range(len(stream)):
        now = t - t % batch
        if t == now:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        hits[t] = cached[page]
        if cached[page]:
            visited[page] = True
            continue
        if used == room:
            while True:
                if hand == end:
                    hand = newer[end]
                if needed[hand] != now:
                    if not visited[hand]:
                        break
                    visited[hand] = False
                hand = newer[hand]
            victim = hand
            hand = newer[victim]
            unlink(older, newer, victim)
            cached[victim] = False
            used -= 1
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        link(older, newer, end, page)
        cached[page] = True
        used += 1
    return count


@kernel
def slru(
    stream: Stream,
    batch: int,
    pages: int,
    room: int,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Two rings, through ``probation`` and ``protection``."""
    probation, protection = pages, pages + 1
    older = np.arange(pages + 2).astype(np.int32)
    newer = np.arange(pages + 2).astype(np.int32)
    cached = np.zeros(pages, np.bool_)
    protected = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    protections = 0
    used = 0
    count = 0
    for t in range(len(stream)):
        now = t - t % batch
        if t == now:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        hits[t] = cached[page]
        if cached[page]:
            unlink(older, newer, page)
            link(older, newer, protection, page)
            protections += not protected[page]
            protected[page] = True
            if protections > room // 2:
                down = newer[protection]
                unlink(older, newer, down)
                link(older, newer, probation, down)
                protected[down] = False
                protections -= 1
            continue
        if used == room:
            victim = newer[probation]
            while victim != probation and needed[victim] == now:
                victim = newer[victim]
            if victim == probation:
                victim = newer[protection]
                while needed[victim] == now:
                    victim = newer[victim]
                protections -= 1
            unlink(older, newer, victim)
            cached[victim] = protected[victim] = False
            used -= 1
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        link(older, newer, probation, page)
        cached[page] = True
        used += 1
    return count
