"""The instance of `lru-value-lower` (derived): every page that LRU evicts is requested next."""

from __future__ import annotations

from collections.abc import Sequence

from adversaries.base import PAGES_TO_SPARE, Precondition
from adversaries.planned import Planned, Walk, round_robin, spread
from paging.model import Instance, Page


class LruOrder(Planned):
    """For k >= 2l-1 follow the order of last requests r_1..r_k: request a page x outside it, then r_1, ..., r_{k-1}, each just
    evicted by LRU. OPT gives r_k up for x, and misses no other. Then requests that both have in the cache restore what a phase
    begins with, at the turn of layer c: r_1..r_{l-1} are of the layers c+1..c+l-1, r_k is of layer c-1, and a page of
    layer c is outside.

    For l < k < 2l-1 the same with 2(k-l)+1 slots in k-l+1 of the layers; the others always ask for expert 0.
    """

    precondition = Precondition(
        "l <= k < n*l, and k > l or l = 1",
        lambda instance: (
            PAGES_TO_SPARE.holds(instance) and (instance.cache > instance.layers or instance.layers == 1)
        ),
    )

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance)
        spare = instance.cache - instance.layers
        if spare + 1 < instance.layers:
            self.played = Instance(spare + 1, instance.experts, 2 * spare + 1)

    def phase(self, pages: Sequence[Page], walk: Walk) -> Sequence[Page]:
        """``pages``: r_1..r_k; at first k pages are loaded, so many of every layer that phases can follow."""
        instance, turn = self.played, walk.turn
        layers, experts = instance.layers, instance.experts
        if not pages:
            least, most = [1, *[2] * (layers - 1)], [experts - 1, *[experts] * (layers - 1)]
            pages = spread(instance, least, most, instance.cache)
            walk.visit(pages, experts.__mul__)
            return self._reorder(pages, turn, walk)
        x = next(page for page in instance.layer_pages(turn) if page not in pages)
        newest: dict[int, Page] = {}
        for page in (x, *pages[:-1]):
            walk.visit([page], newest.__getitem__)
            newest[instance.layer(page)] = page
        return self._reorder([x, *pages[:-1]], (turn - 1) % layers, walk)

    def _reorder(self, pages: Sequence[Page], turn: int, walk: Walk) -> Sequence[Page]:
        """Bring the cached pages into the order that a phase begins with at the turn of layer ``turn``: one page of every other
        layer, the rest, and the *final* page of every layer, with which everybody waits."""
        instance = self.played
        columns = [
            sorted(page for page in pages if instance.layer(page) == layer)
            for layer in range(instance.layers)
        ]
        final = [column.pop(0) for column in columns]
        begin = [column.pop(0) for column in (*columns[turn + 1 :], *columns[:turn])]
        order = [*begin, *round_robin(columns)]
        walk.visit(order, final.__getitem__)
        walk.wait(turn, final.__getitem__)
        walk.visit([*final[turn:], *final[:turn]], final.__getitem__)
        return [*order, *final[turn:], *final[:turn]]
