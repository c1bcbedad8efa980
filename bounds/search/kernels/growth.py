"""Growth of OPT request by request: the update rule of the offset function on an array of levels."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def growth(stream: NDArray[np.int32], pages: int, slots: int) -> NDArray[np.bool_]:
    """At which requests OPT grows, as OffsetFunction says; O(pages + slots) per request."""
    outside = slots + 1
    level = np.full(pages + slots, outside, np.int32)
    for i in range(slots):
        level[pages + i] = i + 1  # the empty slots
    result = np.empty(len(stream), np.bool_)
    for t in range(len(stream)):
        page = stream[t]
        at = level[page]
        result[t] = at == outside
        if at == outside:
            for q in range(pages + slots):
                if level[q] == 1:
                    level[q] = 2
        else:
            for q in range(pages + slots):
                if level[q] <= at:
                    level[q] += 1
        level[page] = 1
    return result
