"""Forged randomized-upper: probability that moves for free, vanishes, is negative, or sits in caches that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import combinations, permutations

from tests.proofs.forgers.board import Board, Claim, Document, Label, ordered
from tests.proofs.forgers.offsets import (
    Entry,
    Plan,
    aged,
    caches,
    document,
    loads,
    marked,
    merged,
    offsets,
    potentials,
    read,
    with_page,
)
from tests.proofs.forgers.plans import unclean_plans
from tests.proofs.forgers.teleport import teleport
from tests.proofs.forgers.true_ones import certificate


def honest_entries(claim: Claim) -> dict[Board, Entry]:
    """Even on all optimal caches, the requested page loaded; the plans do not arrive as they should."""
    states = offsets(claim)
    entries: dict[Board, Entry] = {}
    for board, nexts in states.items():
        found = caches(board)
        total = sum(found.values())
        plans = {}
        for i, after in nexts.items():
            rows: Plan = []
            for cache, count in found.items():
                marks = marked(cache, board.labels[i][0])
                for begin, times in marks.items():
                    end = with_page(begin, aged, caches(after))
                    rows.append(
                        [begin.text, end.text, str(Fraction(count * times, total * sum(marks.values())))]
                    )
            plans[str(i)] = merged(rows)
        entries[board] = {c.text: str(Fraction(count, total)) for c, count in found.items()}, plans
    return entries


def one_cache(claim: Claim, labels: Callable[[Board], list[Label]], mass: str = "1") -> Document:
    """All probability in one text, whatever it is; every request leaves it where it is, for nothing."""
    entries: dict[Board, Entry] = {}
    for board in offsets(claim):
        cache = ordered(claim, labels(board))
        plans = {}
        for i in board.firsts():
            marks = marked(cache, board.labels[i][0])
            total = sum(marks.values())
            plans[str(i)] = [[m.text, m.text, str(Fraction(count, total))] for m, count in marks.items()]
        entries[board] = {cache.text: mass}, plans
    return document(claim, entries)


def randomized_upper(claim: Claim) -> Iterator[Document]:
    """A false upper bound of some randomized policy."""
    for parts in (7, 13, 121):
        found = teleport(claim, parts)
        if found:
            yield found
    yield from unclean_plans(claim)
    k, states = claim.slots, offsets(claim)
    # nothing anywhere; texts of no state; and caches that hold everything
    yield document(claim, {b: ({}, {str(i): [] for i in nexts}) for b, nexts in states.items()})
    yield document(claim, {b: ({"9.0": "1"}, {str(i): [] for i in nexts}) for b, nexts in states.items()})
    strange = [(99, int(i < k)) for i in range(claim.layers * claim.experts)]
    yield document(
        claim,
        {
            b: ({ordered(claim, strange).text: "1"}, {str(i): [] for i in nexts})
            for b, nexts in states.items()
        },
    )
    yield one_cache(claim, lambda board: [(level, 1) for level, _ in board.labels])
    yield one_cache(claim, lambda board: [(level, int(i < k)) for i, (level, _) in enumerate(board.labels)])
    yield document(claim, honest_entries(claim))
    yield from vanishing(claim)
    yield from negative_mass(claim)
    yield scaled(claim)
    yield from loaded_elsewhere(claim)


def negative_mass(claim: Claim) -> Iterator[Document]:
    """A true certificate whose plans also carry mass round a square of caches, forth and back; the way back pays."""
    great, entries = 1000, dict[Board, Entry]()
    costs: dict[tuple[Board, int], Fraction] = {}
    states = offsets(claim)
    true = certificate("randomized-upper", claim)["states"]
    for board in states:
        _, masses, plans = true[board.text]
        for i, plan in plans.items():
            level = board.labels[int(i)][0]
            begins = [read(claim, text) for text in sorted({row[0] for row in plan})]
            found = [cache for c in caches(board) for cache in marked(c, level)]
            ends = [end for end in found if any(t == 3 for _, t in end.labels)]
            square = min(
                (
                    (loads(a, c) - loads(a, d) - loads(b, c) + loads(b, d), (a, b), (c, d))
                    for a, b in combinations(begins, 2)
                    for c, d in permutations(ends, 2)
                ),
                key=lambda entry: entry[0],
                default=None,
            )
            if square and square[0] < 0:
                _, (a, b), (c, d) = square
                signed = [(a, c, great), (a, d, -great), (b, c, -great), (b, d, great)]
                rows = [[x.text, y.text, str(mass)] for x, y, mass in signed]
                # what is negative goes first: it adds to what the others may take
                plan = merged([*rows[1:3], *plan, rows[0], rows[3]])
            plans[i] = plan
            costs[board, int(i)] = sum(
                (Fraction(mass) * loads(read(claim, x), read(claim, y)) for x, y, mass in plan), Fraction(0)
            )
        entries[board] = masses, plans
    values = potentials(states, costs, Fraction(claim.ratio))
    if values:
        yield document(claim, entries, values)


def scaled(claim: Claim) -> Document:
    """A true certificate with a small part of everything: probabilities that do not add up to 1, and small costs."""
    result = {**certificate("randomized-upper", claim), "ratio": claim.ratio}
    factor = Fraction(claim.ratio) / Fraction(certificate("randomized-upper", claim)["ratio"])

    def part(number: str) -> str:
        return str(Fraction(number) * factor)

    result["states"] = {
        text: [
            part(v),
            {cache: part(mass) for cache, mass in masses.items()},
            {i: [[x, y, part(mass)] for x, y, mass in plan] for i, plan in plans.items()},
        ]
        for text, (v, masses, plans) in result["states"].items()
    }
    return result


def vanishing(claim: Claim) -> Iterator[Document]:
    """Plans that leave out what costs something, or everything; or pay it back with negative mass."""
    entries = honest_entries(claim)

    def misses(begin: str) -> bool:
        return "2" in [label.split(".")[1] for label in begin.replace("|", " ").split(" ")]

    nothing = {b: (masses, {i: Plan() for i in plans}) for b, (masses, plans) in entries.items()}
    yield document(claim, nothing)
    cheap = {
        b: (masses, {i: [row for row in plan if not misses(row[0])] for i, plan in plans.items()})
        for b, (masses, plans) in entries.items()
    }
    yield document(claim, cheap)
    negative = {
        b: (
            masses,
            {
                i: [*plan, *([row[0], row[1], "-" + row[2]] for row in plan if misses(row[0]))]
                for i, plan in plans.items()
            },
        )
        for b, (masses, plans) in entries.items()
    }
    yield document(claim, negative)
    yield from paid_back(claim)


def paid_back(claim: Claim) -> Iterator[Document]:
    """Negative mass in a distribution: what two caches cost too much is taken off a third."""
    entries = honest_entries(claim)
    for masses, _ in entries.values():
        names = list(masses)
        if len(names) > 1:
            masses[names[0]] = str(Fraction(masses[names[0]]) + 1)
            masses[names[1]] = str(Fraction(masses[names[1]]) - 1)
    yield document(claim, entries)


def loaded_elsewhere(claim: Claim) -> Iterator[Document]:
    """One cache for each state: who misses stays where the requested page is not, or goes to a text without a mark."""
    entries: dict[Board, Entry] = {}
    states = offsets(claim)
    home = {b: min(caches(b), key=lambda c: c.text) for b in states}
    for board, nexts in states.items():
        plans = {}
        for i in nexts:
            marks = marked(home[board], board.labels[i][0])
            total = sum(marks.values())
            plans[str(i)] = [[m.text, m.text, str(Fraction(count, total))] for m, count in marks.items()]
        entries[board] = {home[board].text: "1"}, plans
    yield document(claim, entries)
    for b, (_, plans) in entries.items():
        for plan in plans.values():
            for row in plan:
                row[1] = home[b].text
    yield document(claim, entries)
