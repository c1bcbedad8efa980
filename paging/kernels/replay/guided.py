"""Guided policies: O(sqrt(pages)) per request, and at most one look at each layer per miss where the priority is layered.

In the picture of paging.kernels.marks level(q) <= i means that q's place is not older than the i-th mark. With s(x)
the cached pages minus the marks at the places from x to the newest one, c_i - i is s at the i-th mark: the last tight
i is the oldest mark with s = 0, and the safe pages are the older ones.

A request changes s by little (derived): its own new mark gets s = 0; nothing changes at the marks in between, where the new
mark and the requested page cancel. The marks older than the removed one gain 1 if the request missed; the marks not newer
than the victim lose 1. Places are kept in blocks: a change of s for a whole block is noted once, and every block knows a
bound on its least s, which a vain look makes exact. Keys that do not depend on the time are found by paging.kernels.slots,
O(k) at worst; with few slots paging.kernels.replay.guided_few is faster. Where the priority is layered, a layer has a safe page
if and only if its oldest one is (paging.kernels.replay.fronts).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.blocks import aligned, first, least, put
from paging.kernels.marks import compress, request
from paging.kernels.replay.fronts import NOWHERE, earliest, farthest, missed_most, note_oldest, of_last_visit
from paging.kernels.replay.layered import oldest
from paging.kernels.replay.recency import Flags, Longs, Stream, link, unlink
from paging.kernels.slots import BITS, NO_KEY, least_key

FAR, LLRU, LFU, RANDOM, KEEP = range(5)

NO_MARK = 1 << 29


@kernel
def _add(excess: Stream, lows: Stream, shift: Stream, begin: int, end: int, by: int, bits: int) -> None:
    """Change s of the marks at the places ``begin`` to ``end`` - 1."""
    x = begin
    while x < end:
        block = x >> bits
        stop = min(end, (block + 1) << bits)
        if stop - x == 1 << bits:
            shift[block] += by
        else:
            for y in range(np.uint64(x), np.uint64(stop)):
                excess[y] += by
            lows[block] += min(by, 0)
        x = stop


@kernel
def _oldest(excess: Stream, lows: Stream, shift: Stream, begin: int, end: int, s: int, bits: int) -> Any:
    """The oldest mark with this s at the places ``begin`` to ``end`` - 1; -1: there is none."""
    x = begin
    while x < end:
        block = x >> bits
        stop = min(end, (block + 1) << bits)
        if lows[block] + shift[block] <= s:
            found = first(excess, block, bits, x, stop, s - shift[block])
            if found < stop:
                return found
            lows[block] = least(excess, block, bits)
        x = stop
    return -1


@kernel
def guided(
    kind: int,
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
    """Evict, among the safe pages (among all, where none is safe), the one that the priority names; unit sizes, no bypass."""
    pages = layers * experts
    keyed = kind in (LFU, RANDOM)
    size = 8
    while size < 2 * pages + 512:
        size *= 2
    bits = 1
    while 1 << (2 * bits + 1) < size:
        bits += 1
    excess = aligned(np.full(size, NO_MARK, np.int32))  # s, less the shift of the block
    lows = np.full(size >> bits, NO_MARK, np.int32)
    shift = np.zeros(size >> bits, np.int32)
    slots = min(room, pages) if keyed else 1
    blocks = ((slots - 1) >> BITS) + 1
    page_in = np.zeros(slots, np.int32)
    slot_of = np.zeros(pages, np.int32)
    keys = aligned(np.full(blocks << BITS, NO_KEY, np.int64))
    least_keys = np.full(blocks, NO_KEY, np.int64)
    places = aligned(np.zeros(blocks << BITS, np.int64))
    owner = np.full(size, -1, np.int32)
    below = np.empty(size, np.int32)
    place_of = np.full(pages, -1, np.int32)
    older = np.arange(pages + layers).astype(np.int32)
    newer = older.copy()
    cached = np.zeros(pages, np.bool_)
    needed = np.full(pages, -1, np.int64)
    seen = np.zeros(pages, np.int64)
    key_of = np.zeros(pages, np.int64)
    empty = min(room, pages)
    front_seen = np.zeros(layers, np.int64)
    front_place = np.full(layers, NOWHERE, np.int64)
    layer_of = np.arange(pages).astype(np.int32) // np.int32(experts)
    unsafe = False  # whether s may be negative somewhere, which atomic sets can force
    visit = 0
    current = -1
    used = 0
    count = 0
    top = 0
    now = 0  # when the batch began
    for t in range(len(stream)):
        if t == now + batch:
            now = t
        if batch > 1 and t == now:
            for i in range(t, t + batch):
                needed[stream[i]] = t
                if keyed and cached[stream[i]]:
                    put(keys, least_keys, BITS, np.int64(slot_of[stream[i]]), NO_KEY)
        page = stream[t]
        layer = layer_of[page]
        if layer != current or layers == 1:
            visit += layer - current if layer > current else layer - current + layers
            current = layer
        seen[page] = visit
        if top == size:
            top = compress(owner, below, place_of, top)
            _rebuild(excess, lows, shift, owner, below, cached, top, bits)
            if keyed:
                for i in range(used):
                    places[i] = place_of[page_in[i]]
            else:
                for j in range(layers):
                    note_oldest(newer, seen, place_of, pages, j, front_seen, front_place)
        # the offset function
        place = place_of[page]
        grows, mark = request(owner, below, place_of, page, top, empty)
        if mark >= 0:
            excess[mark] = NO_MARK
            if cached[page]:
                _add(excess, lows, shift, place + 1, mark, 1, bits)
        else:
            empty -= 1
        block = top >> bits
        excess[top] = -shift[block]
        lows[block] = min(lows[block], excess[top])
        top += 1
        if kind == LFU:
            key_of[page] = ((key_of[page] >> 32) + 1) << 32 | t
        elif kind == RANDOM and grows:
            key_of[page] = np.int64(rng.random() * 2.0**53)
        # the cache
        hits[t] = cached[page]
        if cached[page]:
            if not keyed:
                unlink(older, newer, page)
        elif used < room:
            slot_of[page] = used
            used += 1
            _add(excess, lows, shift, 0, mark, 1, bits)
        else:
            tight = -1
            if unsafe:
                tight = _oldest(excess, lows, shift, 0, mark, -1, bits)
            if tight < 0:
                tight = _oldest(excess, lows, shift, max(mark, 0), top, 0, bits)
            victim = -1
            while True:
                if keyed:
                    slot = least_key(keys, least_keys, places, tight)
                    victim = page_in[slot] if slot >= 0 else -1
                elif kind == KEEP:
                    head = pages + layer
                    victim = of_last_visit(
                        older, seen, place_of, needed, head, visit - layers, tight, now, batch
                    )
                    if victim < 0:
                        victim = oldest(newer, needed, head, now, batch)
                        if victim >= pages or place_of[victim] >= tight:
                            victim = -1
                        before = place_of[victim] if victim >= 0 else tight
                        other = earliest(front_place, layer, before)
                        victim = newer[pages + other] if other >= 0 else victim
                else:
                    # only the layer whose turn it is has pages that this batch needs
                    victim = oldest(newer, needed, pages + layer, now, batch)
                    if victim >= pages or place_of[victim] >= tight:
                        victim = -1
                    if kind == LLRU:
                        most = visit - seen[victim] if victim >= 0 else -1
                        other = missed_most(front_seen, front_place, layer, visit, most, tight)
                        victim = newer[pages + other] if other >= 0 else victim
                    elif victim < 0:
                        other = farthest(front_place, layer, tight)
                        victim = newer[pages + other] if other >= 0 else -1
                if victim >= 0:
                    break
                unsafe = True
                tight = top
            cached[victim] = False
            at = place_of[victim]
            if at < mark:
                _add(excess, lows, shift, at + 1, mark, 1, bits)
            else:
                _add(excess, lows, shift, mark + 1, at + 1, -1, bits)
            if keyed:
                slot_of[page] = slot_of[victim]
                put(keys, least_keys, BITS, np.int64(slot_of[page]), NO_KEY)
            else:
                unlink(older, newer, victim)
                note_oldest(newer, seen, place_of, pages, layer_of[victim], front_seen, front_place)
            if len(evicted):
                evicted[count] = victim
                evicted_at[count] = t
            count += 1
        cached[page] = True
        if keyed:
            page_in[slot_of[page]] = page
            places[slot_of[page]] = top - 1
            if batch == 1:
                put(keys, least_keys, BITS, np.int64(slot_of[page]), key_of[page])
            elif t == now + batch - 1:
                for i in range(now, now + batch):
                    put(keys, least_keys, BITS, np.int64(slot_of[stream[i]]), key_of[stream[i]])
        else:
            link(older, newer, pages + layer, page)
            note_oldest(newer, seen, place_of, pages, layer, front_seen, front_place)
    return count


@kernel
def _rebuild(
    excess: Stream,
    lows: Stream,
    shift: Stream,
    owner: Stream,
    below: Stream,
    cached: Flags,
    top: int,
    bits: int,
) -> None:
    """s, after the pages moved."""
    shift[:] = 0
    excess[:] = NO_MARK
    s = 0
    for x in range(top - 1, -1, -1):
        s += cached[owner[x]]
        if below[x] == x:
            s -= 1
            excess[x] = s
    for block in range(len(lows)):
        lows[block] = least(excess, block, bits)
