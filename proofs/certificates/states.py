"""States of certificates as text."""

from __future__ import annotations

from collections.abc import Sequence

from bounds.exact.product import ProductGraph
from bounds.exact.view import Label
from paging.model import Instance


def state_text(labels: Sequence[Label], instance: Instance, empty: Sequence[int] = ()) -> str:
    """Labels by position as ``level.token``; layers apart by ``|``; then the levels of empty slots."""
    parts = [f"{level}.{token}" for level, token in labels]
    n = instance.experts
    text = "|".join(" ".join(parts[i : i + n]) for i in range(0, len(parts), n))
    return text + ("#" + " ".join(map(str, empty)) if any(e <= instance.cache for e in empty) else "")


def graph_text(graph: ProductGraph, state: int) -> str:
    """A state of a policy's graph."""
    return state_text(graph.labels(state), graph.instance, graph.empty(state))
