"""The instance of `fifo-lower` (derived): FIFO loads its whole queue anew whenever OPT loads one page."""

from __future__ import annotations

from collections.abc import Sequence

from adversaries.base import PAGES_TO_SPARE
from adversaries.planned import Planned, Walk, spread
from paging.model import Page


class FifoQueue(Planned):
    """Follow FIFO's queue q_1..q_k (q_1 leaves next): request a page x that is not in it, then q_1, ..., q_{k-1}, each just
    evicted.

    x is of the layer of q_k if that layer has a page outside the queue. Then every layer keeps a page, which serves to wait
    with. All k requests are misses of FIFO; OPT gives q_k up for x, and misses no other.
    """

    precondition = PAGES_TO_SPARE

    def phase(self, pages: Sequence[Page], walk: Walk) -> Sequence[Page]:
        """``pages``: the queue; at first k pages are loaded, some of every layer."""
        instance = self.instance
        if not pages:
            layers = range(instance.layers)
            pages = spread(instance, [1 for _ in layers], [instance.experts for _ in layers], instance.cache)
            walk.visit(pages, instance.experts.__mul__)
            return pages
        queued = set(pages)
        outside = [page for page in instance.layer_pages(instance.layer(pages[-1])) if page not in queued]
        x = outside[0] if outside else next(page for page in range(instance.pages) if page not in queued)
        queue = [x, *pages[:-1]]
        before = {instance.layer(page): page for page in pages}
        after = {instance.layer(page): page for page in queue}
        walk.visit([x], before.__getitem__)
        walk.visit(queue[1:], after.__getitem__)
        return queue
