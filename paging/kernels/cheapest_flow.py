"""Min-cost flow in a network without cycles, unit by unit along cheapest paths (the fast part of paging.timing.cheapest)."""

from __future__ import annotations

from heapq import heappop, heappush
from typing import Any

import numpy as np

from paging.compiling import kernel
from paging.kernels.replay.recency import Flags, Longs

FAR = 2**62


@kernel
def cheapest_flow(
    tail: Longs,
    head: Longs,
    room: Longs,
    cost: Longs,
    leaving: Longs,
    first_leaving: Longs,
    entering: Longs,
    first_entering: Longs,
    units: int,
    stop: Flags,
) -> Any:
    """The flow of every arc, shape (arcs,), and its cost: at most ``units`` from the first node to the last, none for more
    than nothing.

    Arcs lead from smaller to larger numbers. Those that leave node v are leaving[first_leaving[v]] up to, not with,
    leaving[first_leaving[v+1]], those that enter it likewise. Successive shortest paths with potentials (Edmonds & Karp
    1972): the first potentials are distances in the order of the nodes, the others come from Dijkstra's search, in which
    steps of no length need no heap.
    """
    nodes = len(first_leaving) - 1
    flow = np.zeros(len(tail), np.int64)
    potential = np.full(nodes, FAR, np.int64)
    potential[0] = 0
    for v in range(nodes):
        for i in range(first_leaving[v], first_leaving[v + 1]):
            arc = leaving[i]
            if room[arc] > 0 and potential[v] < FAR:
                potential[head[arc]] = min(potential[head[arc]], potential[v] + cost[arc])
    distance = np.empty(nodes, np.int64)
    done = np.empty(nodes, np.bool_)
    via = np.empty(nodes, np.int64)  # the arc by which a node was reached; against it: -1 - arc
    stack = np.empty(len(tail) * 2 + 1, np.int64)
    total = 0
    while units > 0 and not stop[0]:
        distance[:] = FAR
        done[:] = False
        distance[0] = 0
        heap = [(np.int64(0), np.int64(0)) for _ in range(0)]
        stack[0] = 0
        top = 1
        now = 0
        while (top > 0 or len(heap) > 0) and not done[nodes - 1]:
            if top > 0:
                top -= 1
                v = stack[top]
            else:
                near = heappop(heap)
                now, v = near[0], near[1]  # type: ignore[assignment]
            if done[v] or distance[v] < now:
                continue
            done[v] = True
            for side in range(2):
                first = first_leaving if side == 0 else first_entering
                arcs = leaving if side == 0 else entering
                for i in range(first[v], first[v + 1]):
                    arc = arcs[i]
                    if side == 0:
                        if flow[arc] == room[arc]:
                            continue
                        w = head[arc]
                        length = cost[arc] + potential[v] - potential[w]
                    else:
                        if flow[arc] == 0:
                            continue
                        w = tail[arc]
                        length = potential[v] - cost[arc] - potential[w]
                    if not done[w] and now + length < distance[w]:
                        distance[w] = now + length
                        via[w] = arc if side == 0 else -1 - arc
                        if length == 0:
                            stack[top] = w
                            top += 1
                        else:
                            heappush(heap, (distance[w], w))
        if not done[nodes - 1]:
            break
        for v in range(nodes):
            potential[v] += min(distance[v], now) if potential[v] < FAR else 0
        if potential[nodes - 1] >= 0:
            break
        most = units
        v = nodes - 1
        while v:
            arc = via[v]
            most = min(most, room[arc] - flow[arc] if arc >= 0 else flow[-1 - arc])
            v = tail[arc] if arc >= 0 else head[-1 - arc]
        v = nodes - 1
        while v:
            arc = via[v]
            if arc >= 0:
                flow[arc] += most
                v = tail[arc]
            else:
                flow[-1 - arc] -= most
                v = head[-1 - arc]
        units -= most
        total += most * potential[nodes - 1]
    return flow, total
