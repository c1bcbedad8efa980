"""The offset function as marks on the stack of pages by recency (derived).

By the update rule the sets L_1, L_2, ... are runs of the pages in order of their last requests, newest first: a
request puts {p} in front and unites neighbours. So only their ends matter. Give every request the next place on an
axis; *mark* the place of the oldest page of each set. A request to p of L_i removes the mark at the end of L_i: the
newest mark not newer than p's last place. A request to a page outside removes the end of L_1, the place of the
request before, and OPT grows. Then p takes a new place, marked as the end of {p}. A page may leave the place that it
marks; the mark stays, and still parts its neighbours. Empty slots are marks older than all places: only their number
counts. So OPT of every prefix costs almost O(1) per request.

The axis is finite: when it is full, the pages move to its start, in order, and each mark to the next page that is newer.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel

Places = NDArray[np.int32]
Longs = NDArray[np.int64]


@kernel
def newest_mark(below: Places, place: int) -> Any:
    """The newest mark not newer than ``place``; -1: none. below[x] is x at a mark, else leads towards the next older one."""
    mark = place
    while mark >= 0 and below[mark] != mark:
        mark = below[mark]
    while place >= 0 and below[place] != place:
        above = below[place]
        below[place] = mark
        place = above
    return mark


@kernel
def compress(owner: Places, below: Places, place_of: Places, top: int) -> Any:
    """Move the pages of the places below ``top`` to the start; the next free place. owner[x]: the page at x, or -1."""
    free = 0
    marked = False
    for x in range(top):
        page = owner[x]
        marked = marked or below[x] == x
        if page >= 0:
            owner[x] = -1
            owner[free] = page
            place_of[page] = free
            below[free] = free if marked else free - 1
            marked = False
            free += 1
    return free


@kernel
def request(owner: Places, below: Places, place_of: Places, page: int, top: int, empty: int) -> Any:
    """One request, which takes the place ``top`` < len(below): whether OPT grows, and the mark that is removed; -1: that of
    one of the ``empty`` slots."""
    place = place_of[page]
    mark = newest_mark(below, place)
    grows = mark < 0 and (place < 0 or empty == 0)
    if grows:
        mark = top - 1  # -1 at the very first request: L_1 is an empty slot
    if place >= 0:
        owner[place] = -1
    if mark >= 0:
        below[mark] = mark - 1
    place_of[page] = top
    owner[top] = page
    below[top] = top
    return grows, mark


@kernel
def growth(stream: Places, pages: int, slots: int) -> NDArray[np.bool_]:
    """At which requests OPT with ``slots`` slots grows, as OffsetFunction says; sequential requests."""
    size = 4 * pages
    owner = np.full(size, -1, np.int32)
    below = np.empty(size, np.int32)
    place_of = np.full(pages, -1, np.int32)
    empty = min(slots, pages)
    grows = np.empty(len(stream), np.bool_)
    top = 0
    for t in range(len(stream)):
        if top == size:
            top = compress(owner, below, place_of, top)
        grows[t], mark = request(owner, below, place_of, stream[t], top, empty)
        if mark < 0:
            empty -= 1
        top += 1
    return grows
