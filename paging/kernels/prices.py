"""Shortest-path potentials of the residual graph of an interval schedule (the fast part of paging.offline.prices)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel

Longs = NDArray[np.int64]


@kernel
def potentials(
    forward_first: Longs,
    forward_to: Longs,
    forward_cost: Longs,
    backward_first: Longs,
    backward_to: Longs,
    backward_cost: Longs,
    tight: NDArray[np.bool_],
) -> tuple[Longs, bool]:
    """Distances from a source joined to all boundaries by arcs of cost 0; False when a negative cycle exists.

    Boundaries 0..steps. Arc u -> u+1 of cost 0 for every step, and u+1 -> u where the step is not tight. Forward arcs of
    boundary u are forward_first[u] .. forward_first[u+1]-1, backward arcs likewise. Sweeps to the right and to the left
    alternate; a cycle among the parents is a negative cycle, looked for after 16, 32, 64, ... sweeps.
    """
    steps = len(tight)
    distance = np.zeros(steps + 1, np.int64)
    parent = np.full(steps + 1, -1, np.int64)
    mark = np.zeros(steps + 1, np.int64)
    sweeps, look_at = 0, 16
    while True:
        changed = False
        for u in range(steps + 1):
            if u > 0 and distance[u - 1] < distance[u]:
                distance[u] = distance[u - 1]
                parent[u] = u - 1
                changed = True
            for arc in range(forward_first[u], forward_first[u + 1]):
                v = forward_to[arc]
                if distance[u] + forward_cost[arc] < distance[v]:
                    distance[v] = distance[u] + forward_cost[arc]
                    parent[v] = u
                    changed = True
        for u in range(steps, -1, -1):
            if u < steps and not tight[u] and distance[u + 1] < distance[u]:
                distance[u] = distance[u + 1]
                parent[u] = u + 1
                changed = True
            for arc in range(backward_first[u], backward_first[u + 1]):
                v = backward_to[arc]
                if distance[u] + backward_cost[arc] < distance[v]:
                    distance[v] = distance[u] + backward_cost[arc]
                    parent[v] = u
                    changed = True
        if not changed:
            return distance, True
        sweeps += 1
        if sweeps == look_at:
            look_at *= 2
            mark[:] = 0
            for root in range(steps + 1):
                v = root
                while v >= 0 and mark[v] == 0:
                    mark[v] = root + 1
                    v = parent[v]
                if v >= 0 and mark[v] == root + 1:
                    return distance, False
