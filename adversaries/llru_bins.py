"""The instance of `llru-lower` (derived): LLRU evicts the page of the oldest round that was requested latest."""

from __future__ import annotations

from collections.abc import Sequence

from adversaries.base import Precondition
from adversaries.planned import Planned, Walk, round_robin, spread
from paging.model import Page


class LlruBins(Planned):
    """Follow the order of last requests r_1..r_k at the turn of layer c; *role* j is layer c+j.

    The last l of them, f_0..f_{l-1}, are those of the round before, in the roles 0..l-1; g = r_{k-l} was requested one layer
    earlier than that round; up to g they are at least a round apart. Request a page z_0 outside the order, z_1 = r_1, z_2 = r_2
    and so on up to r_{k-l-1}, then f_{l-3}, ..., f_0, g, f_{l-2}, and z_{l-2}, ..., z_0 once more: each is what LLRU has just
    evicted. OPT gives f_{l-1} up for z_0 and misses no other.
    """

    precondition = Precondition(
        "4l-1 <= k < n*l and l >= 2",
        lambda instance: 4 * instance.layers - 1 <= instance.cache < instance.pages and instance.layers >= 2,
    )

    def phase(self, pages: Sequence[Page], walk: Walk) -> Sequence[Page]:
        """``pages``: r_1..r_k; at first k pages are loaded, so many of every layer that phases can follow."""
        instance, turn = self.instance, walk.turn
        l, experts = instance.layers, instance.experts  # noqa: E741 (the letter of the field)
        if not pages:
            pages = spread(instance, [3, *[4] * (l - 1)], [experts - 1, *[experts] * (l - 1)], instance.cache)
            walk.visit(pages, experts.__mul__)
            return self._reorder(pages, turn, walk)
        early, g, f = pages[: -l - 1], pages[-l - 1], pages[-l:]
        x = next(page for page in instance.layer_pages(turn) if page not in pages)
        z = (x, *pages[: l - 2])
        filler = {instance.layer(page): page for page in pages[l - 2 : 2 * l - 2]}
        walk.visit((x, *early, *f[: l - 2][::-1], g, f[l - 2], *z[::-1]), filler.__getitem__)
        return self._reorder([x, *pages[:-1]], (turn - 1) % l, walk)

    def _reorder(self, pages: Sequence[Page], turn: int, walk: Walk) -> Sequence[Page]:
        """Bring the cached pages into the order that a phase begins with at the turn of layer ``turn``."""
        l = self.instance.layers  # noqa: E741
        layers = [(turn + role) % l for role in range(l)]
        columns = [sorted(page for page in pages if self.instance.layer(page) == layer) for layer in layers]
        final = [column.pop(0) for column in columns]
        begin = [columns[role % l].pop(0) for role in range(1, 2 * l - 1)]
        g = columns[l - 2].pop(0)
        w = [columns[l - 3].pop(0)] if l >= 3 else []
        order = [*begin, *round_robin(columns), *w, g]

        def filler(layer: int) -> Page:
            return final[(layer - turn) % l]

        for page in order:
            for _ in range(l - 1):
                walk.ask(filler(walk.turn))
            walk.visit([page], filler)
        walk.visit([final[l - 1], *final], filler)
        return [*order, *final]
