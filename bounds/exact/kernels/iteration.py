"""Policy iteration for ratios, on integers: the largest ratio of misses to growth that an adversary can force.

Weights at the ratio p/q are q * miss - p * growth. Cycles without misses and without growth are of no interest. All arrays as
in kernels.game: requests first[x] .. first[x+1]-1 of state x, cost[j] = miss + 2 * growth.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel
from paging.stoppable import Stop

Ints = NDArray[np.int64]
Small = NDArray[np.int8]
Index = NDArray[np.int32]


@kernel
def best_cycle(to: Index, cost: Small, tau: Ints) -> tuple[int, int, int, Ints]:
    """The cycles of the graph in which state x goes on to to[tau[x]].

    Returns misses and growth of the one with the largest ratio (growth 0 and misses > 0: infinite), a state on it (-1
    if all cycles are without cost), and per state the root of its cycle if it is one, else -1.
    """
    states = len(tau)
    color = np.zeros(states, np.int32)
    root = np.full(states, -1, np.int64)
    misses, growth, on = 0, 1, -1
    for start in range(states):
        x = start
        while color[x] == 0:
            color[x] = start + 1
            x = to[tau[x]]
        if color[x] != start + 1:
            continue
        a = 0
        o = 0
        y = x
        while True:
            c = cost[tau[y]]
            a += c & 1
            o += c >> 1
            y = to[tau[y]]
            if y == x:
                break
        root[x] = x
        if (a > 0 or o > 0) and (on < 0 or a * growth > misses * o):
            misses, growth, on = a, o, x
    return misses, growth, on, root


@kernel
def _cycle_weight(x: int, to: Index, cost: Small, tau: Ints, p: int, q: int) -> tuple[int, bool]:
    """Weight of the cycle through x, and whether anything is paid on it."""
    total = 0
    paid = False
    y = x
    while True:
        c = cost[tau[y]]
        total += q * (c & 1) - p * (c >> 1)
        paid = paid or c != 0
        y = to[tau[y]]
        if y == x:
            return total, paid


@kernel
def one_player(
    first: Ints, cost: Small, to: Index, tau: Ints, h: Ints, p: int, q: int, stop: Stop
) -> tuple[int, int, int, NDArray[np.bool_]]:
    """The largest cycle ratio when only the adversary chooses; ``to[j]`` is the one state after request j.

    ``tau`` is the adversary's choice to begin with and at the end; h, potentials at the ratio p/q of a previous call (q = 0:
    none), become potentials at the ratio found: h(x) >= weight + h(next) for all requests, with equality for tau wherever
    ``critical`` is true: the states that can reach a cycle of that ratio. If the ratio is that of the previous call, no
    potential of a critical state is larger than before. Returns misses, growth (0: infinite), a state on the cycle, critical.
    ``stop``: see paging.stoppable.
    """
    states = len(first) - 1
    old = h.copy()
    old_p, old_q = p, q
    critical = np.zeros(states, np.bool_)
    stack = np.empty(states, np.int64)
    known = np.zeros(states, np.int8)
    p, q = 0, 0
    while True:
        misses, growth, on, root = best_cycle(to, cost, tau)
        if on < 0:
            misses, growth = 0, 1
        if growth == 0:
            return misses, 0, on, critical
        g = gcd(misses, growth)
        risen = q == 0 or misses * q > p * growth
        if risen:
            p, q = misses // g, growth // g
        back = p == old_p and q == old_q
        # potentials along tau: 1 leads to a cycle of the ratio p/q, 2 to another one
        known[:] = 0
        for x in range(states):
            if root[x] >= 0:
                weight, paid = _cycle_weight(x, to, cost, tau, p, q)
                known[x] = 1 if weight == 0 and (paid or on < 0) else 2
                if risen:
                    h[x] = old[x] if back and known[x] == 1 else 0
        for x in range(states):
            depth = 0
            y = x
            while known[y] == 0:
                stack[depth] = y
                depth += 1
                known[y] = 3
                y = to[tau[y]]
            kind = known[y]
            if kind == 3:  # cannot happen: every cycle has a root
                kind = 2
            for i in range(depth - 1, -1, -1):
                z = stack[i]
                c = cost[tau[z]]
                h[z] = q * (c & 1) - p * (c >> 1) + h[to[tau[z]]]
                known[z] = kind
        # states that could reach a good cycle are led there
        moved = True
        while moved and not stop[0]:
            moved = False
            for x in range(states):
                if known[x] == 2:
                    for j in range(first[x], first[x + 1]):
                        if known[to[j]] == 1:
                            c = cost[j]
                            value = q * (c & 1) - p * (c >> 1) + h[to[j]]
                            if known[x] == 2 or value > h[x]:
                                known[x] = 1
                                h[x] = value
                                tau[x] = j
                                moved = True
        changed = False
        for x in range(states):
            for j in range(first[x], first[x + 1]):
                if known[to[j]] == known[x]:
                    c = cost[j]
                    value = q * (c & 1) - p * (c >> 1) + h[to[j]]
                    if value > h[x]:
                        h[x] = value
                        tau[x] = j
                        changed = True
        if not changed or stop[0]:
            for x in range(states):
                critical[x] = known[x] == 1
            return misses, growth, on, critical


@kernel
def improve(option: Ints, to: Index, h: Ints, critical: NDArray[np.bool_], sigma: Ints) -> bool:
    """Let the policy take, after each request, the state of least potential; states that are not critical come before all."""
    changed = False
    for j in range(len(sigma)):
        best = sigma[j]
        for e in range(option[j], option[j + 1]):
            x, y = to[e], to[best]
            if critical[y] if critical[x] != critical[y] else h[x] < h[y]:
                best = e
        if best != sigma[j]:
            sigma[j] = best
            changed = True
    return changed


@kernel
def initial_adversary(first: Ints, cost: Small) -> Ints:
    """In each state the request with the most misses per growth at hand: a miss alone, a miss with growth, a hit."""
    tau = first[:-1].copy()
    for x in range(len(tau)):
        best = -1
        for j in range(first[x], first[x + 1]):
            rank = 3 if cost[j] == 1 else (2 if cost[j] == 3 else (1 if cost[j] == 2 else 0))
            if rank > best:
                best = rank
                tau[x] = j
    return tau
