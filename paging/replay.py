"""Replay: a policy plays a request sequence, and the model judges every answer."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.cache import Cache, even_shares
from paging.errors import IllegalEviction, InvalidPartition, InvalidRequests, UnsupportedProblem
from paging.model import Instance, Page, Requests
from paging.offline.offset import OffsetFunction
from paging.policies.base import Policy
from paging.policies.named import PolicyLike, playing
from paging.variant import BASE, Variant


@dataclass(frozen=True, slots=True)
class Round:
    """One row of a run's table; ``growth`` and ``sets`` are None for atomic sets, where they are not defined."""

    number: int
    requests: tuple[Page, ...]
    hits: tuple[bool, ...]
    evicted: tuple[Page, ...]
    growth: int | None
    sets: tuple[frozenset[Page], ...] | None


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """What a policy did: ``hits`` per request, shape (requests,); the pages of ``evicted`` left the cache
    at the request indices ``evicted_at``, both of shape (evictions,)."""

    instance: Instance
    requests: Requests
    hits: NDArray[np.bool_]
    evicted: NDArray[np.int32]
    evicted_at: NDArray[np.int64]

    @property
    def misses(self) -> int:
        """Number of misses after the warm-up, the cost of the run."""
        return int(np.count_nonzero(~self.hits[self.requests.warmup :]))

    @property
    def hit_rate(self) -> float:
        """Share of the counted requests that were hits (0 for an empty sequence)."""
        return float(np.count_nonzero(self.hits[self.requests.warmup :])) / max(1, self.requests.counted)

    def costs(self) -> NDArray[np.int64]:
        """Misses of every prefix: entry t is the cost of the first t+1 requests."""
        return np.cumsum(~self.hits, dtype=np.int64)

    def table(self) -> tuple[Round, ...]:
        """The run round by round, beside the growth of the optimum and its sets (L_1..L_k)."""
        return tuple(self._rounds())

    def _rounds(self) -> Iterator[Round]:
        offset = OffsetFunction(self.instance) if self.requests.batch == 1 else None
        stream = self.requests.stream
        rounds = self.requests.rounds
        starts = (
            np.searchsorted(rounds, np.arange(rounds[-1] + 2 if len(rounds) else 1)) * self.requests.width
        )
        for number, (start, end) in enumerate(pairwise(starts.tolist())):
            pages = tuple(int(p) for p in stream[start:end])
            first, last = np.searchsorted(self.evicted_at, [start, end])
            yield Round(
                number,
                pages,
                tuple(bool(h) for h in self.hits[start:end]),
                tuple(int(p) for p in self.evicted[first:last]),
                None if offset is None else sum(offset.request(p) for p in pages),
                None if offset is None else offset.sets(),
            )

    def to_dict(self) -> dict[str, Any]:
        """The figures of the run, ready for JSON."""
        return {
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "requests": self.requests.counted,
            "misses": self.misses,
            "hit_rate": self.hit_rate,
        }


class Player:
    """A policy in play, one batch of pages at a time (adaptive adversaries need it step by step)."""

    def __init__(
        self,
        policy: Policy | PolicyLike,
        instance: Instance,
        rng: np.random.Generator,
        variant: Variant = BASE,
    ) -> None:
        policy = playing(policy)
        if policy.one_size and (variant.sizes is not None or variant.bypass):
            raise UnsupportedProblem(f"{type(policy).__name__}: expected pages of one size, and no bypass")
        self.policy = policy
        policy.start(instance, rng)
        self.cache = Cache(instance, policy.partition, variant)
        self._bypass = variant.bypass
        self.last_victims: Set[Page] = frozenset()

    def serve(self, page: Page, together: Set[Page] = frozenset()) -> bool:
        """Serve one request; return whether it was a hit. Pages of ``together`` must not be evicted for it.

        Raises IllegalEviction when the policy's answer is not legal.
        """
        hit = page in self.cache
        self.policy.request(page, hit)
        if hit:
            self.last_victims = NOBODY
            return True
        victims = self._make_room(page, together)
        if self._bypass and page in victims:
            self.last_victims = victims - {page}
            self.cache.bypass(page, self.last_victims, together)
        else:
            self.last_victims = victims
            self.cache.load(page, victims, together)
        return False

    def _make_room(self, page: Page, together: Set[Page]) -> frozenset[Page]:
        """What leaves for ``page``; with it ``page`` itself if it is not to be admitted."""
        victims = NOBODY
        if self._bypass and not self.cache.fits_alone(page):
            return frozenset((page,))
        needed = self.cache.needed(page)
        while needed > 0:
            offered: Set[Page] = self.cache.candidates(page, together | victims if victims else together)
            if self._bypass:
                offered = frozenset(offered) | {page}
            answer = _victims(self.policy, self.policy.victim(page, offered))
            victims |= answer
            if not answer or page in answer or not answer <= offered:
                break  # the page is not to be admitted; or the cache will say what is wrong
            needed -= self.cache.occupied(answer)
        return victims


class Recorder:
    """Notes request by request what a player did; ``served``: how many so far."""

    def __init__(self) -> None:
        self.served = 0
        self._hits: list[bool] = []
        self._evicted: list[Page] = []
        self._evicted_at: list[int] = []

    def serve(self, player: Player, page: Page, together: Set[Page] = frozenset()) -> None:
        """Let the player serve one request: whether it was a hit, and what left."""
        self._hits.append(player.serve(page, together))
        if victims := player.last_victims:
            self._evicted += sorted(victims)
            self._evicted_at += [self.served] * len(victims)
        self.served += 1

    def run(self, instance: Instance, requests: Requests) -> Run:
        """The run at ``requests``, which are those that were served."""
        return Run(
            instance,
            requests,
            np.array(self._hits, np.bool_),
            np.array(self._evicted, np.int32),
            np.array(self._evicted_at, np.int64),
        )


NOBODY: frozenset[Page] = frozenset()

_INTEGERS = int | np.integer


def _victims(policy: Policy, answer: object) -> frozenset[Page]:
    if type(answer) is int:  # as nearly always
        return frozenset((answer,))
    victims = set()
    for page in answer if isinstance(answer, Set) else (answer,):
        if not isinstance(page, _INTEGERS) or isinstance(page, bool):
            raise IllegalEviction(
                f"{type(policy).__name__}.victim returned {answer!r}: expected one of the candidates"
            )
        victims.add(int(page))
    return frozenset(victims)


def replay(
    policy: Policy | PolicyLike,
    instance: Instance,
    requests: Requests | ArrayLike,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> Run:
    """Let ``policy`` (an object, or an id or a class that builds one) serve ``requests`` from an empty cache.

    ``requests`` may be given as bare page numbers of width 1. ``rng`` drives randomized policies (default: seed 0). Of the
    variant, bypass and sizes matter here; weights change costs, not what a policy does. Raises InvalidRequests for a sequence
    that does not fit, InvalidPartition for layers too small for its sets, UnsupportedProblem for a policy that
    needs pages of one size, IllegalEviction for an answer that is not legal.
    """
    if not isinstance(requests, Requests):
        requests = Requests.of(instance.layers, instance.experts, requests)
    requests.fits(instance, variant.sizes is None and not variant.bypass)
    player = Player(policy, instance, rng if rng is not None else np.random.default_rng(0), variant)
    if not variant.bypass:
        check_batches(instance, requests, variant, player.policy.partition)
    recorder = Recorder()
    # A single object for each page: a policy's dictionaries know it again by its identity.
    one: dict[Page, Page] = {}
    stream, batch = requests.stream.tolist(), requests.batch
    together = NOBODY  # of a batch of one page nothing else is needed
    for at, page in enumerate(stream):
        if batch > 1 and at % batch == 0:
            together = frozenset(stream[at : at + batch])
        recorder.serve(player, one.setdefault(page, page), together)
    return recorder.run(instance, requests)


def check_batches(
    instance: Instance, requests: Requests, variant: Variant, partition: tuple[int, ...] | None
) -> None:
    """Raise InvalidPartition or InvalidRequests unless every batch fits into the cache, or its layer's part of it."""
    if variant.capacity is None:
        if partition is not None and requests.batch > min(partition):
            raise InvalidPartition(
                f"partition {partition}: atomic sets of {requests.batch} pages need {requests.batch} slots "
                "in every layer"
            )
        return
    layers = 1 if partition is None else instance.layers
    rooms = np.array(even_shares(variant.capacity, layers))
    needed = variant.bytes(instance)[requests.batches].sum(axis=1)
    layer = requests.batches[:, 0] // instance.experts % layers
    short = np.flatnonzero(needed > rooms[layer])
    if len(short):
        batch = int(short[0])
        raise InvalidRequests(
            f"batch {batch} occupies {needed[batch]} bytes: expected at most {rooms[layer[batch]]}"
        )
