"""Misses of policies, and of OPT, on one trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from paging.curve import curve
from paging.errors import InvalidArgument, InvalidPartition
from paging.exact import exact
from paging.model import Instance, Requests
from paging.policies.lru import LRU
from paging.policies.registry import POLICIES, MakePolicy
from paging.replay import replay

if TYPE_CHECKING:
    import polars as pl

OPT = "opt"


@dataclass(frozen=True, slots=True)
class Row:
    """One policy (or ``opt``) with one cache; ``ratio_to_opt`` = misses / misses of OPT, exactly."""

    policy: str
    cache: int
    misses: int
    hit_rate: float
    ratio_to_opt: Fraction


@dataclass(frozen=True, slots=True)
class Measurement:
    """``requests``: number of single-page requests. ``rows``: cache by cache, OPT first."""

    requests: int
    dropped_tokens: int
    rows: tuple[Row, ...]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact ratios as strings."""
        return {
            "requests": self.requests,
            "dropped_tokens": self.dropped_tokens,
            "rows": [
                {
                    "policy": row.policy,
                    "cache": row.cache,
                    "misses": row.misses,
                    "hit_rate": row.hit_rate,
                    "ratio_to_opt": exact(row.ratio_to_opt),
                }
                for row in self.rows
            ],
        }

    def to_polars(self) -> pl.DataFrame:
        """One row per policy and cache; ratios as floats."""
        import polars as pl

        names = ("policy", "cache", "misses", "hit_rate")
        columns: dict[str, list[Any]] = {name: [getattr(row, name) for row in self.rows] for name in names}
        columns["ratio_to_opt"] = [float(row.ratio_to_opt) for row in self.rows]
        return pl.DataFrame(columns)


def measure(
    requests: Requests,
    caches: Sequence[int],
    policies: Mapping[str, MakePolicy] | None = None,
    *,
    seed: int = 0,
    dropped_tokens: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Measurement:
    """Replay ``policies`` (default: all of the registry) at each of ``caches`` (slots); OPT and LRU come from their curves.

    A policy of the default list that cannot divide a small cache among the layers is left out there; a policy given by
    the caller raises InvalidPartition. ``progress`` is told each policy before it plays. Raises InvalidArgument for no
    requests or no cache sizes, InvalidInstance and InvalidRequests for a cache that cannot serve them.
    """
    if not len(requests) or not caches:
        raise InvalidArgument("measure: expected at least one request and one cache size")
    rows = []
    instances = [Instance(requests.layers, requests.experts, cache) for cache in caches]
    for instance in instances:
        requests.fits(instance)
    progress("curves of OPT and LRU")
    sizes = curve(requests)
    for instance in instances:
        lru, best = sizes.at(instance.cache)
        rows.append(_row(OPT, instance, best, requests, best))
        for name, make in (POLICIES if policies is None else policies).items():
            progress(f"{name}, k = {instance.cache}")
            if make is LRU:
                rows.append(_row(name, instance, lru, requests, best))
                continue
            try:
                run = replay(make(), instance, requests, np.random.default_rng(seed))
            except InvalidPartition:
                if policies is not None:
                    raise
                continue
            rows.append(_row(name, instance, run.misses, requests, best))
    return Measurement(len(requests), dropped_tokens, tuple(rows))


def _row(name: str, instance: Instance, misses: int, requests: Requests, best: int) -> Row:
    return Row(name, instance.cache, misses, 1 - misses / len(requests), Fraction(misses, best))
