"""How a policy behaves on traces: synthetic ones, and one that is given."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from layered_paging.report.ratios import BESIDE
from layered_paging.testing.fault import TIME_LIMIT, Fault
from paging.errors import LayeredPagingError
from paging.measure import OPT, measure
from paging.model import Instance, Requests
from paging.policies.named import MakePolicy
from paging.replay import Player, check_batches
from paging.traces.synthetic import synthetic
from paging.variant import BASE

LAYERS, EXPERTS, TOKENS = 4, 16, 500
CACHES = (8, 16, 32)

SYNTHETIC: Mapping[str, dict[str, Any]] = {
    "uniform": {"zipf": 0.0},
    "zipf 1": {"zipf": 1.0},
    "zipf 1, sticky": {"zipf": 1.0, "stickiness": 0.5},
    "zipf 1, coupled": {"zipf": 1.0, "coupling": 0.8},
    "zipf 1, two per layer": {"zipf": 1.0, "width": 2},
}
"""By their names: what paging.traces.synthetic is given."""


@dataclass(frozen=True, slots=True)
class Behaviour:
    """Hit rates on one trace with one cache, all on its first ``requests``: those that the policy served in time.

    The policy's is None where it served none, and ``why``; the others' are then those on the whole. ``beside`` is empty where
    time was over.
    """

    trace: str
    cache: int
    requests: int
    whole: bool
    hit_rate: float | None
    why: str | None
    beside: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "trace": self.trace,
            "cache": self.cache,
            "requests": self.requests,
            "whole": self.whole,
            "hit_rate": self.hit_rate,
            "why": self.why,
            **{name: self.beside.get(name) for name in (*BESIDE, OPT)},
        }


@dataclass(frozen=True, slots=True)
class Rate:
    """Of the policy on the trace with this number, so far: ``visits`` of layers, and the hits among their requests."""

    number: int
    visits: int
    hits: int
    why: str | None


Given: TypeAlias = tuple[str, Requests, int]
"""Name, requests, cache size."""


def traces(given: Sequence[Given], seed: int) -> tuple[Given, ...]:
    """Those that are given, and the synthetic ones."""
    made = list(given)
    for name, options in SYNTHETIC.items():
        trace = synthetic(LAYERS, EXPERTS, TOKENS, **options, rng=np.random.default_rng(seed))
        made += [(name, trace.requests(), cache) for cache in CACHES]
    return tuple(made)


def rates(make: MakePolicy, seconds: float, given: Sequence[Given], seed: int = 0) -> Iterator[Rate]:
    """The policy on all traces, each for its share of the time, then each further, until all have been played or time is over.

    ``make``: under guard. Each rate replaces the one before of the same trace.
    """
    end = time.monotonic() + seconds
    waiting = [
        (number, _Going(make, requests, cache, seed))
        for number, (_, requests, cache) in enumerate(traces(given, seed))
    ]
    first = True
    while waiting:
        further = []
        for place, (number, going) in enumerate(waiting):
            share = (end - time.monotonic()) / (len(waiting) - place) / (2 if first else 1)
            if share <= 0 and not first:
                return
            why = going.on(share)
            yield Rate(number, going.visits, going.hits, why)
            if why == TIME_LIMIT:
                return  # once is enough: each costs the time limit
            if why is None and not going.done:
                further.append((number, going))
        waiting, first = further, False


class _Going:
    """A policy on its way through a trace."""

    def __init__(self, make: MakePolicy, requests: Requests, cache: int, seed: int) -> None:
        self._make, self._requests, self._seed = make, requests, seed
        self._instance = Instance(requests.layers, requests.experts, cache)
        self._player: Player | None = None
        self.visits = self.hits = 0

    @property
    def done(self) -> bool:
        """Whether it has been played to the end."""
        return self.visits == len(self._requests.pages)

    def on(self, seconds: float) -> str | None:
        """Play for so long, one visit at least; why it cannot go on."""
        end = time.monotonic() + seconds
        try:
            if self._player is None:
                self._player = Player(self._make(), self._instance, np.random.default_rng(self._seed))
                check_batches(self._instance, self._requests, BASE, self._player.policy.partition)
            for row in self._requests.pages[self.visits :].tolist():
                together = frozenset(row) if self._requests.semantics == "atomic" else frozenset()
                self.hits += sum(self._player.serve(page, together) for page in row)
                self.visits += 1
                if time.monotonic() >= end:
                    return None
        except Fault as fault:
            return fault.name
        except LayeredPagingError as error:
            return str(error)
        return None


@dataclass(frozen=True, slots=True)
class Others:
    """The hit rates of BESIDE and of OPT on the trace with this number."""

    number: int
    rates: dict[str, float]


def others(given: Sequence[Given], served: Mapping[int, int], seed: int = 0) -> Iterator[Others]:
    """On each trace, or on the visits of it that the policy has ``served``."""
    for number, (_, requests, cache) in enumerate(traces(given, seed)):
        found = measure(_part(requests, served.get(number, 0)), [cache], BESIDE, seed=seed)
        yield Others(number, {row.policy: row.hit_rate for row in found.rows})


def _part(requests: Requests, visits: int) -> Requests:
    """So many; all of them, where the policy served none."""
    if not 0 < visits < len(requests.pages):
        return requests
    pages = requests.pages[:visits]
    return Requests.of(requests.layers, requests.experts, pages, requests.semantics)


def behaviours(
    given: Sequence[Given],
    found: Mapping[int, Rate],
    missing: str,
    beside: Mapping[int, Others],
    seed: int = 0,
) -> Iterator[Behaviour]:
    """The policy's rates beside those of the others, by the traces' numbers; ``missing``: why there is none of the policy."""
    for number, (trace, requests, cache) in enumerate(traces(given, seed)):
        rate = found.get(number)
        judged = rate is not None and rate.why is None
        part = _part(requests, rate.visits if rate is not None and judged else 0)
        yield Behaviour(
            trace,
            cache,
            len(part),
            len(part) == len(requests),
            rate.hits / len(part) if rate is not None and judged else None,
            None if judged else missing if rate is None else rate.why,
            beside[number].rates if number in beside else {},
        )
