"""The deterministic game from its definition: real pages, no symmetry, an empty cache at the start, plain fixed points."""

from __future__ import annotations

from fractions import Fraction

Sets = tuple[frozenset[int], ...]
State = tuple[int, Sets, frozenset[int]]
Graph = dict[State, list[tuple[int, int, list[State]]]]


def update(sets: Sets, page: int) -> tuple[Sets, int]:
    k = len(sets)
    at = next((i for i, members in enumerate(sets) if page in members), None)
    one = frozenset({page})
    if k == 1:
        return (one,), int(at is None)
    if at is None:
        return (one, sets[0] | sets[1], *sets[2:]), 1
    if at == k - 1:
        return (one, *sets[: k - 1]), 0
    return (one, *sets[:at], (sets[at] - one) | sets[at + 1], *sets[at + 2 :]), 0


def anonymous(sets: Sets) -> Sets:
    """Empty slots (negative) are alike: number them by level."""
    count = 0
    result = []
    for members in sets:
        pages = {p for p in members if p >= 0}
        for _ in range(len(members) - len(pages)):
            count -= 1
            pages.add(count)
        result.append(frozenset(pages))
    return tuple(result)


def optimal(cache: frozenset[int], sets: Sets) -> bool:
    """Whether an optimal algorithm could have this full cache: at least i pages of the first i sets, for every i."""
    return all(len(cache & frozenset().union(*sets[:i])) >= i for i in range(1, len(sets) + 1))


def moves(layers: int, experts: int, slots: int, guided: bool = False, optimum: int | None = None) -> Graph:
    """All reachable states with their requests: (miss, growth, states that the policy may choose).

    ``guided``: the cache is always one that an optimal algorithm could have. ``optimum``: its slots.
    """
    least = slots if optimum is None else optimum
    start: State = (0, anonymous(tuple(frozenset({-1 - i}) for i in range(least))), frozenset())
    graph: Graph = {}
    waiting = [start]
    while waiting:
        state = waiting.pop()
        if state in graph:
            continue
        turn, sets, cache = state
        graph[state] = []
        for page in range(turn * experts, (turn + 1) * experts):
            after, growth = update(sets, page)
            if page in cache:
                caches = [cache]
            elif len(cache) < slots:
                caches = [cache | {page}]
            else:
                caches = [(cache - {out}) | {page} for out in cache]
                caches = [c for c in caches if not guided or optimal(c, after)]
            nexts: list[State] = [((turn + 1) % layers, anonymous(after), c) for c in caches]
            graph[state].append((int(page not in cache), growth, nexts))
            waiting += nexts
    return graph


def policy_keeps(graph: Graph, ratio: Fraction) -> bool:
    """Whether some policy keeps q * misses - p * growth bounded: least fixed point of the energy game, with a cap."""
    p, q = ratio.numerator, ratio.denominator
    cap = len(graph) * q
    value = dict.fromkeys(graph, 0)
    changed = True
    while changed:
        changed = False
        for state, requests in graph.items():
            best = max(q * a - p * o + min(value[y] for y in nexts) for a, o, nexts in requests)
            if best > value[state]:
                value[state] = best
                changed = True
                if best > cap:
                    return False
    return True


def adversary_forces(graph: Graph, ratio: Fraction) -> bool:
    """Whether some adversary keeps 1000 * (misses - ratio * growth) - free requests from falling without end.

    Then misses go on for ever, and their ratio to the growth is at least ``ratio``. The same fixed point, roles exchanged.
    """
    p, q = 1000 * ratio.numerator, 1000 * ratio.denominator
    cap = len(graph) * p
    value = dict.fromkeys(graph, 0)
    changed = True
    while changed:
        changed = False
        for state, requests in graph.items():
            best = min(
                p * o - q * a + ratio.denominator * (not (a or o)) + max(value[y] for y in nexts)
                for a, o, nexts in requests
            )
            if best > value[state]:
                value[state] = best
                changed = True
                if best > cap:
                    return False
    return True
