"""A policy and OPT side by side, request by request."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from paging.model import Instance, Page
from paging.offline.offset import OffsetFunction
from paging.policies.base import Policy
from paging.policies.named import PolicyLike
from paging.replay import Player


class PageState(NamedTuple):
    """A state in real pages: whose turn it is, the cache, and the levels of the offset function (its ``key()``)."""

    turn: int
    cache: frozenset[Page]
    levels: bytes


class Course:
    """The policy in play, from the empty cache, beside the offset function; can be copied and pickled.

    ``misses``: of the policy so far. ``rng``: for randomized policies (default: seed 0). ``slots``: of OPT (default: the
    policy's).
    """

    def __init__(
        self,
        policy: Policy | PolicyLike,
        instance: Instance,
        rng: np.random.Generator | None = None,
        slots: int | None = None,
    ) -> None:
        self.player = Player(policy, instance, np.random.default_rng(0) if rng is None else rng)
        self._offset = OffsetFunction(instance if slots is None else replace(instance, cache=slots))
        self._unseen: list[Page] = []  # requests that the offset function has not been told yet
        self.misses = 0
        self.requests = 0
        self.instance = instance

    @property
    def offset(self) -> OffsetFunction:
        """Of the requests so far."""
        for page in self._unseen:
            self._offset.request(page)
        self._unseen.clear()
        return self._offset

    @property
    def optimum(self) -> int:
        """What OPT pays for the requests so far."""
        return self.offset.optimum

    @property
    def turn(self) -> int:
        """The layer of the next request."""
        return self.requests % self.instance.layers

    def request(self, page: Page) -> tuple[bool, bool]:
        """Serve one request; whether the policy missed, and whether OPT grew. Raises as ``Player.serve``."""
        offset = self.offset
        missed = self.serve(page)
        self._unseen.clear()
        return missed, offset.request(page)

    def serve(self, page: Page) -> bool:
        """The same for the policy alone: whether it missed. The offset function follows when somebody asks for it."""
        missed = not self.player.serve(page)
        self._unseen.append(page)
        self.misses += missed
        self.requests += 1
        return missed

    def state(self) -> PageState:
        """What can be seen: turn, cache and levels."""
        return PageState(self.turn, frozenset(self.player.cache), self.offset.key())

    def situation(self) -> Hashable | None:
        """The policy's canonical state and what can be seen: when it recurs, policy and OPT go on as before.

        None where it is not known: before the first request, and of a policy without a canonical state.
        """
        if not self.requests:
            return None
        canonical = self.player.policy.canonical_state(self.player.cache)
        return None if canonical is None else (canonical, self.state())
