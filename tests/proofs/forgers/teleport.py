"""The forgery that was accepted once: one cache under many texts, each of which receives the whole share of that cache."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

from tests.proofs.forgers.board import Board, Claim, Document, ordered
from tests.proofs.forgers.offsets import (
    Entry,
    Plan,
    aged,
    alike,
    caches,
    document,
    loads,
    marked,
    merged,
    offsets,
    potentials,
    with_page,
)


def teleport(claim: Claim, parts: int) -> Document | None:
    """Nearly all probability sits under texts where nobody has to arrive, in the cache that is best for what comes next.

    A share of 1/parts, even on all optimal caches, takes what arrives, under as many texts of one cache as are needed.
    None where that does not come out even, or does not reach the ratio.
    """
    states, small = offsets(claim), Fraction(1, parts)
    all_caches = {board: caches(board) for board in states}
    totals = {board: sum(found.values()) for board, found in all_caches.items()}
    chosen = best(states, all_caches, Fraction(claim.ratio))
    if chosen is None:
        return None
    entries: dict[Board, Entry] = {}
    costs: dict[tuple[Board, int], Fraction] = {}
    for board, nexts in states.items():
        masses = {c: small * count / totals[board] for c, count in all_caches[board].items()}
        favourite = tagged(chosen[board], 4)
        masses[favourite] = 1 - small
        plans: dict[str, Plan] = {}
        for i, after in nexts.items():
            level, rows = board.labels[i][0], list[tuple[Board, Board, Fraction]]()
            for cache, mass in masses.items():
                marks = marked(cache, level)
                for begin, count in marks.items():
                    part = mass * Fraction(count, sum(marks.values()))
                    plain = Board(claim, tuple((lv, t & 3) for lv, t in begin.labels))
                    end = with_page(ordered(claim, plain.labels), aged, all_caches[after])
                    rows.append((begin, end, part))
            found = spread(rows, lambda end, after=after: small * alike(end) / totals[after])  # type: ignore[misc]
            if found is None:
                return None
            plans[str(i)], costs[board, i] = found
        entries[board] = {c.text: str(mass) for c, mass in masses.items()}, plans
    values = potentials(states, costs, Fraction(claim.ratio))
    return document(claim, entries, values) if values else None


def tagged(cache: Board, tag: int) -> Board:
    """The same cache under another text: the tag is added to the token of a page that is not cached."""
    labels = list(cache.labels)
    i = max(i for i, (_, token) in enumerate(labels) if token in (0, 4))
    labels[i] = (labels[i][0], labels[i][1] + tag)
    return ordered(cache.claim, labels)


def spread(
    rows: list[tuple[Board, Board, Fraction]], share: Callable[[Board], Fraction]
) -> tuple[Plan, Fraction] | None:
    """Every text of an end gets exactly its share; what is over goes to one end where it comes out even. With the cost."""
    wanted: dict[Board, list[tuple[Fraction, Board]]] = {}
    for begin, end, part in rows:
        wanted.setdefault(end, []).append((part, begin))
    queues: dict[Board, list[tuple[Fraction, Board]]] = {}
    over: list[tuple[Fraction, Board]] = []
    for end, parts in wanted.items():
        room = sum(part for part, _ in parts) // share(end) * share(end)
        for part, begin in sorted(parts, key=lambda entry: -entry[0]):
            kept = min(part, room)
            room -= kept
            if kept:
                queues.setdefault(end, []).append((kept, begin))
            if kept < part:
                over.append((part - kept, begin))
    rest = sum((part for part, _ in over), Fraction(0))
    even = [end for end in wanted if (rest / share(end)).denominator == 1]
    if rest and not even:
        return None
    if rest:
        cheapest = min(even, key=lambda end: sum(part * loads(begin, end) for part, begin in over))
        queues.setdefault(cheapest, []).extend(over)
    plan: Plan = []
    cost = Fraction(0)
    for end, parts in queues.items():
        tag, free = 0, share(end)
        for part, begin in parts:
            left = part
            cost += part * loads(begin, end)
            while left:
                if not free:
                    tag, free = tag + 4, share(end)
                mass = min(free, left)
                plan.append([begin.text, (tagged(end, tag) if tag else end).text, str(mass)])
                free, left = free - mass, left - mass
        assert not free
    return merged(plan), cost


def best(
    states: dict[Board, dict[int, Board]], all_caches: dict[Board, Counter[Board]], ratio: Fraction
) -> dict[Board, Board] | None:
    """For each state the cache that makes the next requests cheapest, if it may be chosen freely."""

    def cost(cache: Board, level: int) -> Fraction:
        peers = [token for lv, token in cache.labels[: cache.claim.experts] if lv == level]
        return Fraction(sum(not token & 1 for token in peers), len(peers))

    value = dict.fromkeys(states, Fraction(0))

    def worst(board: Board, cache: Board, value: dict[Board, Fraction]) -> Fraction:
        return max(
            cost(cache, board.labels[i][0]) - ratio * (board.labels[i][0] > board.claim.slots) + value[after]
            for i, after in states[board].items()
        )

    for _ in range(100):
        chosen = {
            board: min(found, key=lambda cache: worst(board, cache, value))
            for board, found in all_caches.items()
        }
        new = {board: max(Fraction(0), worst(board, cache, value)) for board, cache in chosen.items()}
        if new == value:
            return chosen
        value = new
    return None
