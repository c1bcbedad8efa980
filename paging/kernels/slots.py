"""The least key among the safe pages of a cache.

The keys of 2^BITS slots are a block (paging.kernels.blocks) that knows its least one: a look for the least key leaves out the
blocks that cannot have it, and goes through the others by vector instructions.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel
from paging.kernels.blocks import first

BITS = 7
NO_KEY = 1 << 62
"""Of an empty slot, and of a page that may not be evicted."""

Longs = NDArray[np.int64]


@kernel
def least_key(keys: Longs, lows: Longs, places: Longs, end: int) -> Any:
    """The slot with the least key whose place is before ``end``; -1 if there is none."""
    best = NO_KEY
    block = -1
    for candidate in range(len(lows)):
        if lows[candidate] < best:
            begin = np.uint64(candidate << BITS)
            low = best
            for x in range(begin, begin + np.uint64(1 << BITS)):
                key = keys[x]
                low = min(low, key if places[x] < end else NO_KEY)
            if low < best:
                best = low
                block = candidate
    if block < 0:
        return -1
    return first(keys, block, BITS, 0, (block + 1) << BITS, best)
