"""The oldest cached page of every layer: when it was seen, and its place, side by side in arrays that are searched at once.

The pages of a layer form a ring from the oldest to the newest, which goes through ``pages`` + layer, as in
paging.kernels.replay.layered. ``layer`` is the one whose turn it is.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Longs, Stream

NOWHERE = 1 << 30
"""The place of the oldest page of a layer that has none: not before any other."""


@kernel
def note_oldest(
    newer: Stream,
    seen: Longs,
    place_of: Stream,
    pages: int,
    layer: int,
    front_seen: Longs,
    front_place: Longs,
) -> None:
    """Note the oldest page of a layer anew."""
    page = newer[pages + layer]
    if page < pages:
        front_seen[layer] = seen[page]
        front_place[layer] = place_of[page]
    else:
        front_place[layer] = NOWHERE


@kernel
def farthest(front_place: Longs, layer: int, tight: int) -> Any:
    """The layer visited last, other than ``layer``, that has a page at a place before ``tight``; -1: there is none."""
    layers = len(front_place)
    for r in range(1, layers):
        j = layer - r if layer >= r else layer - r + layers
        if front_place[j] < tight:
            return j
    return -1


@kernel
def earliest(front_place: Longs, layer: int, place: int) -> Any:
    """The layer, other than ``layer``, whose oldest page is the oldest of all and before ``place``; -1: there is none."""
    best = -1
    for j in range(len(front_place)):
        if j != layer and front_place[j] < place:
            best, place = j, front_place[j]
    return best


@kernel
def of_last_visit(
    older: Stream,
    seen: Longs,
    place_of: Stream,
    needed: Longs,
    head: int,
    visit: int,
    tight: int,
    now: int,
    batch: int,
) -> Any:
    """The newest page before ``tight`` that was seen at a visit, in the ring through ``head``; -1: there is none. With
    ``batch`` > 1 pages needed since ``now`` do not count."""
    page = older[head]
    while page < len(seen) and seen[page] >= visit:
        if seen[page] == visit and place_of[page] < tight and (batch == 1 or needed[page] < now):
            return page
        page = older[page]
    return -1


@kernel
def missed_most(front_seen: Longs, front_place: Longs, layer: int, visit: int, most: int, tight: int) -> Any:
    """Of the other layers with a page before ``tight`` the one with the largest (m, d), if l * m > ``most``; else -1.

    A layer r visits ago was seen l * m + r visits ago: l * m + l - 1 - r tells the largest (m, d), and the layer.
    """
    layers = len(front_place)
    best: Any = np.int64(-1)
    for j in range(layers):
        r = layer - j if j <= layer else layer - j + layers
        key = visit - front_seen[j] - 2 * r + layers - 1
        best = max(best, key if (front_place[j] < tight) & (j != layer) else np.int64(-1))
    if best < 0 or best - best % layers <= most:
        return -1
    r = layers - 1 - best % layers
    return layer - r if layer >= r else layer - r + layers
