"""guided-spread: at a miss all places of paging.kernels.marks are looked through, and all pages; O(n*l)."""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.marks import compress, request
from paging.kernels.replay.recency import Flags, Longs, Stream


@kernel
def _tight(owner: Stream, below: Stream, cached: Flags, top: int) -> int:
    """The oldest mark with c_i = i: pages at older places are safe. The newest mark is one, of the page that is missed."""
    tight = top - 1
    excess = 0  # c_i - i
    for x in range(top - 1, -1, -1):
        if owner[x] >= 0 and cached[owner[x]]:
            excess += 1
        if below[x] == x:
            excess -= 1
            if excess == 0:
                tight = x
    return tight


@kernel
def _drawn(safe: Stream, experts: int, layer: int, uniform: bool, rng: np.random.Generator) -> Any:
    """A uniform one of these pages, which ascend: of this layer if it is there; or (``uniform``) of a uniform layer."""
    if uniform:
        layers = 1
        for i in range(1, len(safe)):
            layers += safe[i] // experts != safe[i - 1] // experts
        skipped = rng.integers(0, layers)
        layer = safe[0] // experts
        for i in range(1, len(safe)):
            if skipped > 0 and safe[i] // experts != layer:
                layer = safe[i] // experts
                skipped -= 1
    first, end = np.searchsorted(safe, layer * experts), np.searchsorted(safe, (layer + 1) * experts)
    among = safe[first:end] if first < end else safe
    return among[rng.integers(0, len(among))]


@kernel
def spread(
    stream: Stream,
    batch: int,
    layers: int,
    experts: int,
    room: int,
    rng: np.random.Generator,
    hits: Flags,
    evicted: Stream,
    evicted_at: Longs,
) -> int:
    """Evict a safe page (any, where none is) as SpreadPriority says; unit sizes, no bypass."""
    pages = layers * experts
    size = 4 * pages
    owner = np.full(size, -1, np.int32)
    below = np.empty(size, np.int32)
    place_of = np.full(pages, -1, np.int32)
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    safe = np.empty(pages, np.int32)
    empty = min(room, pages)
    used = 0
    count = 0
    top = 0
    since = 0  # requests after OPT grew
    for t in range(len(stream)):
        now = t - t % batch
        if t == now:
            for i in range(t, t + batch):
                needed[stream[i]] = t
        page = stream[t]
        if top == size:
            top = compress(owner, below, place_of, top)
        grows, mark = request(owner, below, place_of, page, top, empty)
        empty -= mark < 0
        top += 1
        since = 0 if grows else since + 1
        hits[t] = cached[page]
        if cached[page]:
            continue
        cached[page] = True
        if used < room:
            used += 1
            continue
        tight = _tight(owner, below, cached, top)
        number = 0
        while number == 0:
            for q in range(pages):
                if cached[q] and needed[q] != now and place_of[q] < tight:
                    safe[number] = q
                    number += 1
            tight = top
        # from the round after a growth on any layer will do: there is no layer -1
        layer = page // experts if since < layers else -1
        victim = _drawn(safe[:number], experts, layer, since == 0, rng)
        cached[victim] = False
        if len(evicted):
            evicted[count] = victim
            evicted_at[count] = t
        count += 1
    return count
