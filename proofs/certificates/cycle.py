"""Certificates for cycles found by search: the policy is played once along prefix and cycle, in real pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

import numpy as np

from bounds.exact.product import ProductGraph
from bounds.exact.ratio import ExactRatio
from bounds.search.found import Found
from paging.course import Course
from paging.errors import UnsupportedProblem
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy
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
        positions = list(_positions(found.instance, found.policy, found.prefix + found.cycle))
        cut = len(found.prefix)
        return document(
            "policy-lower",
            found.instance,
            found.ratio,
            policy=name,
            prefix=positions[:cut],
            cycle=positions[cut:],
        )
    labels = found.instance.pages * len(found.prefix + found.cycle)
    if labels > MOST_LABELS:
        raise UnsupportedProblem(
            f"{name}: a certificate of {labels:,} labels, expected at most {MOST_LABELS:,}; a longer search shrinks the cycle"
        )
    return lower_certificate(_walked(found))


def _positions(instance: Instance, policy: NamedPolicy, pages: Sequence[Page]) -> Iterator[int]:
    """Where the first page of the same level and token stands in its layer, sorted; token 1: the newest page, then 3, 5, ..."""
    course = Course(policy, instance)
    tokens: dict[Page, int] = {}
    for page in pages:
        layer = instance.layer_pages(instance.layer(page))
        labels = {q: (int(course.offset.level[q]), tokens.get(q, 0)) for q in layer}
        yield sorted(labels.values()).index(labels[page])
        course.request(page)
        oldest_first = course.player.policy.canonical_state(course.player.cache)
        assert isinstance(oldest_first, tuple)
        tokens = {q: 2 * i + 1 for i, q in enumerate(reversed(oldest_first))}


def _walked(found: Found) -> ExactRatio:
    """The states along prefix and cycle as a graph, as bounds.exact.product makes the whole one."""
    instance = found.instance
    course = Course(found.policy, instance)
    states = [course.state()]
    known: dict[Hashable, int] = {}
    requests: list[dict[Page, tuple[int, int]]] = [{}]
    way: list[tuple[int, Page]] = []
    x = 0
    for page in found.prefix + found.cycle:
        missed, grows = course.request(page)
        y = known.setdefault(course.situation(), len(states))
        if y == len(states):
            states.append(course.state())
            requests.append({})
        requests[x][page] = missed + 2 * grows, y
        way.append((x, page))
        x = y
    first = np.cumsum([0, *map(len, requests)])
    entry = {(x, page): int(first[x]) + i for x, made in enumerate(requests) for i, page in enumerate(made)}
    every = [(page, cost, y) for made in requests for page, (cost, y) in made.items()]
    graph = ProductGraph(
        instance,
        first,
        np.array([cost for _, cost, _ in every], np.int8),
        np.array([page for page, _, _ in every], np.int32),
        np.array([y for _, _, y in every], np.int32),
        None,
        page_states=tuple(states),
    )
    entries = tuple(entry[each] for each in way)
    cut = len(found.prefix)
    return ExactRatio(
        found.policy,
        found.ratio,
        instance,
        graph,
        found.prefix,
        found.cycle,
        entries[:cut],
        entries[cut:],
        None,
    )
