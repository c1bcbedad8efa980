"""Heat: LFU whose counts are halved from time to time (LFU with aging; Robinson, Devarakonda 1990)."""

from __future__ import annotations

from collections.abc import Set

import numpy as np

from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.history import History, as_array

HALVED_EVERY = 4096
"""Requests."""


class Heat(Policy):
    """A request heats its page by one, and all heat is halved (rounded down) after every 4,096 requests; the coldest page
    leaves, of equally cold ones the page requested longest ago. Evicted pages keep their heat. O(k) per miss.

    Expert caches of llama.cpp forks (GGML_CUDA_MOE_CACHE_DECAY_TOKENS) and colibri (tier_decay) keep such counters. They
    halve them after about 512 tokens; 4,096 requests are 10 to 20 tokens of a large model, so that what is hot may change
    in a session.
    """

    stack = True

    def __init__(self, halved_every: int = HALVED_EVERY) -> None:
        self._halved_every = halved_every

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """All pages are cold."""
        self._history = History(instance)
        self._requests = 0

    def request(self, page: Page, hit: bool) -> None:
        if self._requests and self._requests % self._halved_every == 0:
            self._history.count >>= 1
        self._requests += 1
        self._history.request(page)

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """The coldest candidate."""
        pages = as_array(candidates)
        return self._history.oldest_of_largest(pages, -self._history.count[pages])
