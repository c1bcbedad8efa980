"""All searchers by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from bounds.search.searchers.adversaries import Adversaries
from bounds.search.searchers.base import Searcher
from bounds.search.searchers.cycles import Cycles
from bounds.search.searchers.product import Product

SEARCHERS: Mapping[str, Searcher] = {
    "product": Product(),
    "adversaries": Adversaries(),
    "cycles": Cycles(),
}
"""In the order in which they take their turns."""
