"""Certificates for cycles found by search: the policy is played once along prefix and cycle, in real pages."""

from __future__ import annotations

import numpy as np

from bounds.exact.played import Move, PlayedGraph, Sight
from bounds.exact.ratio import ExactRatio
from bounds.exact.view import marked_view
from bounds.search.found import Found
from paging.course import Course
from paging.errors import UnsupportedProblem
from proofs.certificates.document import Document, document
from proofs.certificates.policy import lower_certificate, stated
from proofs.verify import KNOWN

MOST_LABELS = 4_000_000
"""Pages times requests of a certificate with a policy's answers: about 10 bytes each."""


def cycle_certificate(found: Found) -> Document:
    """Prefix, cycle, and what the policy answers. Raises UnsupportedProblem for what is not proven."""
    name = stated(found.policy)
    if not found.proven:
        raise UnsupportedProblem(
            f"{name}: no certificate without a proof; the ratio was measured on a window"
        )
    if name in KNOWN:
        prefix, cycle = _positions(found)
        return document(
            "policy-lower",
            found.instance,
            found.ratio,
            found.optimum,
            policy=name,
            prefix=prefix,
            cycle=cycle,
        )
    labels = found.instance.pages * len(found.prefix + found.cycle)
    if labels > MOST_LABELS:
        raise UnsupportedProblem(
            f"{name}: a certificate of {labels:,} labels, expected at most {MOST_LABELS:,}; a longer search shrinks the cycle"
        )
    return lower_certificate(_walked(found))


def _positions(found: Found) -> tuple[list[int], list[int]]:
    """Those of prefix and cycle: where the first page with the label of the requested one stands."""
    course = Course(found.policy, found.instance, slots=found.optimum)
    positions = []
    for page in found.prefix + found.cycle:
        view = marked_view(course)
        assert view is not None
        positions.append(view.position(page))
        course.request(page)
    cut = len(found.prefix)
    return positions[:cut], positions[cut:]


def _walked(found: Found) -> ExactRatio:
    """The states along prefix and cycle as a graph, as bounds.exact.played makes the whole one."""
    course = Course(found.policy, found.instance, slots=found.optimum)
    sight = Sight(found.instance, found.policy, found.optimum)
    made: list[dict[int, Move]] = []
    way: list[tuple[int, int]] = []
    x = 0
    for page in found.prefix + found.cycle:
        made += [{} for _ in range(len(made), x + 1)]
        move = sight.request(course, x, page)
        move = made[x].setdefault(move.position, move)
        way.append((x, move.position))
        x = move.to
    made += [{} for _ in range(len(made), len(sight.views))]
    first = np.cumsum([0, *map(len, made)])
    entry = {(x, at): int(first[x]) + i for x, moves in enumerate(made) for i, at in enumerate(moves)}
    every = [move for moves in made for move in moves.values()]
    graph = PlayedGraph(
        found.instance,
        first,
        np.array([move.cost for move in every], np.int8),
        np.array([move.position for move in every], np.int32),
        np.array([move.to for move in every], np.int32),
        found.optimum,
        found.policy,
        sight.marked,
        tuple(sight.views),
        tuple(move.answer for move in every),
    )
    entries = tuple(entry[each] for each in way)
    cut = len(found.prefix)
    return ExactRatio(
        found.policy,
        found.ratio,
        found.instance,
        graph,
        found.prefix,
        found.cycle,
        entries[:cut],
        entries[cut:],
        None,
    )
