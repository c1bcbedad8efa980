"""Min-cost flow from the beginning of time to its end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.stoppable import stoppable

Longs = NDArray[np.int64]


def cheapest_flow(
    nodes: int, tail: Longs, head: Longs, room: Longs, cost: Longs, units: int
) -> tuple[Longs, int]:
    """The flow of every arc, shape (arcs,), and its cost: the cheapest of at most ``units`` from node 0 to the last one.

    Every arc leads to a larger number, so that there is no cycle, and no unit goes at a positive cost. One search for each
    unit: with networks as long as a sequence and flows as small as a cache, about ten times as fast as the general method of
    ``paging.offline.flow``.
    """
    from paging.kernels.cheapest_flow import cheapest_flow as kernel

    flow, total = stoppable(
        kernel, tail, head, room, cost, *_sorted(nodes, tail), *_sorted(nodes, head), units
    )
    return flow, int(total)


def _sorted(nodes: int, ends: Longs) -> tuple[Longs, Longs]:
    """The arcs by their end, and where those of each node begin."""
    order = np.argsort(ends, kind="stable")
    return order, np.searchsorted(ends[order], np.arange(nodes + 1)).astype(np.int64)
