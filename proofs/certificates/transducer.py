"""A policy as its certificates tell it: states as text, and for each request its position and the policy's answer."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bounds.exact.product import ProductGraph
from paging.course import PageState
from paging.model import Page
from proofs.certificates.states import state_text, token

Answer = tuple[list[int], list[int]]


class Transducer(Protocol):
    """``fields``: what the certificate says about the beginning."""

    fields: dict[str, Any]

    def text(self, state: int) -> str:
        """A state of the graph."""
        ...

    def position(self, request: int) -> int:
        """Where the page of a request stands in the state before it."""
        ...

    def answer(self, request: int) -> Answer:
        """The positions that leave, and the tokens afterwards, before the turn passes on."""
        ...


def transducer(graph: ProductGraph) -> Transducer:
    """The transducer of a policy with a kernel, or of any other one."""
    return PageTransducer(graph) if graph.kind is None else KernelTransducer(graph, graph.kind)


def _sources(graph: ProductGraph) -> NDArray[np.int64]:
    return np.repeat(np.arange(graph.states), np.diff(graph.first))


class KernelTransducer:
    """States up to symmetry; the tokens are the kernel's."""

    def __init__(self, graph: ProductGraph, kind: str) -> None:
        from bounds.exact.kernels import policies

        assert graph.words is not None
        assert graph.victims is not None
        self.fields: dict[str, Any] = {}
        self._graph, self._words, self._victims = graph, graph.words, graph.victims
        self._kind = getattr(policies, kind)
        self._source = _sources(graph)

    def text(self, state: int) -> str:
        """The labels of the kernel."""
        return state_text(self._labels(state), self._graph.instance, self._empty(state))

    def position(self, request: int) -> int:
        """As the kernel counts."""
        return int(self._graph.page[request])

    def answer(self, request: int) -> Answer:
        """The kernel's step once more."""
        from bounds.exact.kernels import policies

        instance, state = self._graph.instance, int(self._source[request])
        labels, empty = self._labels(state), np.array(self._empty(state))
        policies.step(
            self._kind,
            labels,
            empty,
            self.position(request),
            instance.layers,
            instance.experts,
            instance.cache,
        )
        victims = [i for i in range(instance.pages) if int(self._victims[request]) >> i & 1]
        return victims, [token(aux) for aux in (labels & 15).tolist()]

    def _empty(self, state: int) -> list[int]:
        return [int(self._words[state, 2]) >> (4 * i) & 15 for i in range(self._graph.instance.cache)]

    def _labels(self, state: int) -> NDArray[np.int64]:
        from bounds.exact.kernels.states import unpack

        labels = np.empty(self._graph.instance.pages, np.int64)
        unpack(self._words[state, 0], self._words[state, 1], self._graph.instance.pages, labels)
        return labels


class PageTransducer:
    """Real pages: a page's token is twice (number of the policy's state * n*l + page), plus 1 in the cache.

    So no two pages look alike, and ``start`` tells them apart before the first request.
    """

    def __init__(self, graph: ProductGraph) -> None:
        self._graph = graph
        self._source = _sources(graph)
        self.fields: dict[str, Any] = {"start": self._tokens(0)}

    def text(self, state: int) -> str:
        """The levels of the pages, with tokens as above."""
        instance, here = self._graph.instance, self._graph.page_states[state]
        levels = self._levels(here)
        labels = [(level, each) for level, each in zip(levels, self._tokens(state), strict=False)]
        n = instance.experts
        rows = [
            " ".join("{}.{}".format(*labels[page]) for page in self._order(state)[i : i + n])
            for i in range(0, instance.pages, n)
        ]
        empty = levels[instance.pages :]
        unused = any(e <= instance.cache for e in empty)
        return "|".join(rows) + ("#" + " ".join(map(str, empty)) if unused else "")

    def position(self, request: int) -> int:
        """Where the page stands in its layer, sorted by label."""
        return self._order(int(self._source[request])).index(int(self._graph.page[request]))

    def answer(self, request: int) -> Answer:
        """What left the cache; the tokens of the next state."""
        state, after = int(self._source[request]), int(self._graph.to[request])
        order = self._order(state)
        gone = self._graph.page_states[state].cache - self._graph.page_states[after].cache
        tokens = self._tokens(after)
        return [i for i, page in enumerate(order) if page in gone], [tokens[page] for page in order]

    def _tokens(self, state: int) -> list[int]:
        """By page."""
        pages, cached = self._graph.instance.pages, self._graph.page_states[state].cache
        return [2 * (state * pages + page) + (page in cached) for page in range(pages)]

    def _levels(self, here: PageState) -> list[int]:
        return [int(level) for level in np.frombuffer(here.levels, np.int32)]

    def _order(self, state: int) -> list[Page]:
        """The pages by position: layers from the one whose turn it is, in each by level; tokens grow with pages."""
        here, instance = self._graph.page_states[state], self._graph.instance
        levels = self._levels(here)
        order: list[Page] = []
        for step in range(instance.layers):
            order += sorted(
                instance.layer_pages((here.turn + step) % instance.layers), key=levels.__getitem__
            )
        return order
