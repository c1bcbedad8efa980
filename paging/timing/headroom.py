"""What a better policy could save, in time per token, and what its decisions may cost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.fast import run_of
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.policies.named import NamedPolicy, PolicyLike, named
from paging.policies.registry import PRACTICAL, SHARED
from paging.timing.best import best
from paging.timing.clock import Clock, clock
from paging.timing.model import Timing
from paging.timing.schedule import Schedule, of_run
from paging.timing.simulate import ends
from paging.traces.trace import Phase, Trace, Warmup

COMPARED = (*SHARED.values(), *PRACTICAL.values())
"""Policies of one cache for all layers."""

GIB = 2**30

ALL_ELSEWHERE = "all elsewhere"
"""Instead of a policy: nothing is loaded."""


@dataclass(frozen=True, slots=True)
class Times:
    """Exact seconds: of all counted tokens, and of one token: half of them take no longer than ``p50``, 99 of 100 no longer
    than ``p99``."""

    total: Fraction
    p50: Fraction
    p99: Fraction


@dataclass(frozen=True, slots=True)
class Row:
    """A policy in time: what it loads, evicts, and takes without the cost of its decisions."""

    policy: str
    loads: int
    evictions: int
    times: Times


@dataclass(frozen=True, slots=True)
class Change:
    """What the policy takes instead, in all, and the best schedule (from below, from above), if ``what`` is changed."""

    what: str
    cache: int
    policy: Fraction
    lower: Fraction
    upper: Fraction


@dataclass(frozen=True, slots=True)
class Headroom:
    """``own``: the policy that others are compared with. ``lower``: seconds that every schedule takes at least; ``found``: the
    times of the best schedule known, with so many ``loads``, and so many requests computed ``elsewhere``. ``evictions``: what
    every schedule evicts at least; None where misses may be computed elsewhere. ``decision``: seconds that an eviction of
    another policy costs more than one of ``own``. ``load``: seconds of a load, the least and the most.
    """

    cache: int
    requests: int
    tokens: int
    warmup: int
    demand: int
    timing: Timing
    load: tuple[Fraction, Fraction]
    decision: Fraction
    own: Row
    rows: tuple[Row, ...]
    lower: Fraction
    found: Times
    loads: int
    elsewhere: int
    evictions: int | None
    changes: tuple[Change, ...]

    @property
    def policies(self) -> tuple[Row, ...]:
        """The rows without the one of computing everything elsewhere."""
        return tuple(row for row in self.rows if row.policy != ALL_ELSEWHERE)

    @property
    def exact(self) -> bool:
        """Whether the best schedule known is the best there is."""
        return self.lower == self.found.total

    @property
    def saved(self) -> Fraction:
        """Seconds in all that a better policy saves at most."""
        return self.own.times.total - self.lower

    def saves(self, row: Row) -> Fraction:
        """Seconds in all that this policy saves, its decisions paid for; negative: it costs more."""
        paid = row.evictions * self.decision if row is not self.own else 0
        return self.own.times.total - row.times.total - paid

    def break_even(self, row: Row | None = None) -> tuple[Fraction | None, Fraction]:
        """Seconds per eviction and per request at which this policy, or at most any policy, ceases to save anything; None
        where it evicts nothing."""
        saved = self.saved if row is None else self.own.times.total - row.times.total
        evictions = self.evictions if row is None else row.evictions
        return saved / evictions if evictions else None, saved / self.requests

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: milliseconds per token and microseconds per decision as floats, totals exact, in seconds."""

        def per_token(total: Fraction) -> float:
            return float(total * 1000 / self.tokens)

        def even(row: Row | None = None) -> dict[str, float | None]:
            names = ("eviction", "request")
            values = self.break_even(row)
            return {
                name: None if value is None else float(value * 10**6)
                for name, value in zip(names, values, strict=True)
            }

        def times(taken: Times) -> dict[str, Any]:
            return {
                "seconds": str(taken.total),
                "ms_per_token": per_token(taken.total),
                "p50_ms": float(taken.p50 * 1000),
                "p99_ms": float(taken.p99 * 1000),
                "tokens_per_second": float(self.tokens / taken.total) if taken.total else None,
            }

        return {
            "policy": self.own.policy,
            "cache": self.cache,
            "requests": self.requests,
            "tokens": self.tokens,
            "warmup": self.warmup,
            "timing": {**self.timing.to_dict(), "load": [str(load) for load in self.load]},
            "decision_us": float(self.decision * 10**6),
            "rows": [
                {
                    "policy": row.policy,
                    "loads": row.loads,
                    "evictions": row.evictions,
                    **times(row.times),
                    "saves_ms_per_token": per_token(self.saves(row)),
                    "break_even_us": even(row),
                }
                for row in self.rows
            ],
            "best": {
                "exact": self.exact,
                "lower_seconds": str(self.lower),
                "lower_ms_per_token": per_token(self.lower),
                "loads": self.loads,
                "elsewhere": self.elsewhere,
                **times(self.found),
            },
            "saved_at_most_ms_per_token": per_token(self.saved),
            "break_even_us": even(),
            "changes": [
                {
                    "change": change.what,
                    "cache": change.cache,
                    "policy_ms_per_token": per_token(change.policy),
                    "lower_ms_per_token": per_token(change.lower),
                    "upper_ms_per_token": per_token(change.upper),
                }
                for change in self.changes
            ],
        }


def headroom(
    trace: Trace,
    cache: int,
    timing: Timing,
    policy: PolicyLike = "lru",
    *,
    phase: Phase = "decode",
    atomic: bool = False,
    warmup: Warmup = 0,
    decision: Fraction = Fraction(0),
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Headroom:
    """The time of a token with ``cache`` slots: of ``policy``, of those of the registry, and of the best schedule there is.

    ``progress`` is told what comes next: each policy, the best schedule, each change. Raises InvalidTrace for a trace without
    sizes or requests, InvalidRequests for a cache that cannot serve them.
    """
    if trace.expert_bytes is None:
        raise InvalidTrace(f"{trace.name or 'trace'}: expected the sizes of its experts, it names none")
    requests = trace.requests(phase, "atomic" if atomic else "sequential", warmup=warmup)
    instance = Instance(requests.layers, requests.experts, cache)
    requests.fits(instance)
    policy = named(policy)
    sizes = trace.expert_bytes
    time = clock(requests, sizes, timing, seed)
    rows, schedules = [], []
    for one in dict.fromkeys((policy, *COMPARED)):
        progress(one.id)
        row, schedule = _row(one, instance, requests, time, seed)
        rows.append(row)
        schedules.append(schedule)
    progress("best schedule")
    found = best(instance, requests, time, schedules)
    if time.elsewhere is not None:
        rows.append(_all_elsewhere(requests, time))
    changes = []
    for what, slots, machine in _changes(instance, timing, sizes):
        progress(what)
        changes.append(_change(what, slots, requests, clock(requests, sizes, machine, seed), policy, seed))
    misses = optimal_misses(instance, requests) if time.elsewhere is None else None
    loads = [timing.load(int(size)) for size in sizes]
    return Headroom(
        cache,
        requests.counted,
        len(time.ends),
        requests.warmup,
        trace.layers * trace.width,
        timing,
        (min(loads), max(loads)),
        decision,
        rows[0],
        tuple(rows),
        time.seconds(found.lower),
        _times(time, found.ends),
        int(np.count_nonzero(found.schedule.loads)),
        int(np.count_nonzero(found.schedule.elsewhere)),
        None if misses is None else max(0, misses - cache),
        tuple(changes),
    )


def _row(
    policy: NamedPolicy, instance: Instance, requests: Requests, time: Clock, seed: int
) -> tuple[Row, Schedule]:
    run = run_of(policy, instance, requests, np.random.default_rng(seed))
    schedule = of_run(run)
    evictions = int(np.count_nonzero(run.evicted_at >= requests.warmup))
    return Row(policy.id, run.misses, evictions, _times(time, ends(schedule, time))), schedule


def _all_elsewhere(requests: Requests, time: Clock) -> Row:
    """Nothing is loaded at all."""
    count = requests.counted
    nothing, everything = np.zeros(count, np.bool_), np.ones(count, np.bool_)
    schedule = Schedule(nothing, everything, np.full(count, -1))
    return Row(ALL_ELSEWHERE, 0, 0, _times(time, ends(schedule, time)))


def _times(time: Clock, end: NDArray[np.int64]) -> Times:
    each = np.sort(time.tokens(end))
    ranks = (-(-len(each) * share // 100) - 1 for share in (50, 99))
    return Times(time.seconds(int(end[-1])), *(time.seconds(int(each[rank])) for rank in ranks))


def _changes(instance: Instance, timing: Timing, sizes: NDArray[np.int64]) -> list[tuple[str, int, Timing]]:
    more = min(GIB * len(sizes) // int(sizes.sum()), max(0, instance.pages - instance.cache))
    perfect = replace(timing, overlap=True, lookahead=instance.layers, accuracy=Fraction(1))
    roomier = [(f"1 GiB more cache (+{more} slots)", instance.cache + more, timing)] if more else []
    return [
        *roomier,
        ("twice the bandwidth", instance.cache, replace(timing, bandwidth=2 * timing.bandwidth)),
        ("loads known a token ahead, overlapped", instance.cache, perfect),
    ]


def _change(what: str, cache: int, requests: Requests, time: Clock, policy: NamedPolicy, seed: int) -> Change:
    instance = Instance(requests.layers, requests.experts, cache)
    row, schedule = _row(policy, instance, requests, time, seed)
    found = best(instance, requests, time, [schedule], chains=1)
    return Change(what, cache, row.times.total, time.seconds(found.lower), time.seconds(found.upper))
