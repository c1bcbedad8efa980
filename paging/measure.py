"""Misses of policies, and of OPT, on one trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from paging.cores import all_cores
from paging.errors import InvalidArgument, InvalidPartition, UnsupportedProblem
from paging.exact import Value, exact, readable
from paging.fast import has_kernel, misses_of
from paging.model import Instance, Requests
from paging.offline.belady import belady, optimal_misses
from paging.offline.by_size import optimum_interval
from paging.policies.named import NamedPolicy, PolicyLike, named, registered
from paging.policies.registry import POLICIES
from paging.variant import Variant

if TYPE_CHECKING:
    import polars as pl

OPT, OPT_LOWER, OPT_UPPER = "opt", "opt-lower", "opt-upper"
"""Instead of a policy: the optimum or, where it is an interval (pages of different sizes), its ends."""


@dataclass(frozen=True, slots=True)
class Row:
    """One policy (or OPT) with one cache, in slots or bytes; ``ratio_to_opt`` = misses / misses of OPT, exactly.

    After a warm-up OPT may miss nothing: then the ratio is inf, or 1 for a policy that misses nothing either. Where OPT is
    an interval the ratio is to its upper end, and so at most the true one.
    """

    policy: str
    cache: int
    misses: int
    hit_rate: float
    ratio_to_opt: Value

    @property
    def texts(self) -> tuple[str, str, str, str]:
        """The numbers as people read them."""
        return str(self.cache), str(self.misses), f"{self.hit_rate:.2%}", readable(self.ratio_to_opt)


@dataclass(frozen=True, slots=True)
class Measurement:
    """``requests``: number of single-page requests that are counted, after ``warmup`` others. ``rows``: cache by cache, OPT
    first. ``unit`` of the caches."""

    requests: int
    dropped_tokens: int
    rows: tuple[Row, ...]
    unit: str = "slots"
    warmup: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact ratios as strings."""
        return {
            "requests": self.requests,
            "warmup": self.warmup,
            "dropped_tokens": self.dropped_tokens,
            "unit": self.unit,
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
    policies: Iterable[PolicyLike] | None = None,
    *,
    seed: int = 0,
    sizes: ArrayLike | None = None,
    bypass: bool = False,
    dropped_tokens: int = 0,
    progress: Callable[[str], None] = lambda _: None,
    processes: Executor | None = None,
    known: Mapping[NamedPolicy | str, int] = {},
) -> Measurement:
    """Replay ``policies`` (default: all of the registry) at each of ``caches``, beside OPT.

    ``caches`` are slots or, with ``sizes`` (bytes per page, shape (pages,)), bytes. ``bypass``: a missed page need not be
    admitted. A policy of the default list that cannot divide a small cache among the layers, or has no meaning with
    sizes or bypass, is left out there; one given by the caller raises InvalidPartition or UnsupportedProblem.
    Policies with a kernel play in threads, on all cores; the registry's others on ``processes``, if given; all else here, one
    after another. The figures are the same. ``progress`` is told each policy before it plays, from any thread; those on
    ``processes`` once they have. ``known``: misses at the one cache, of policies and of OPT, that need not be counted again.
    Raises InvalidArgument for no requests or no caches, InvalidInstance and InvalidRequests for a cache that cannot serve them.
    """
    if not len(requests) or not caches:
        raise InvalidArgument("measure: expected at least one request and one cache size")
    chosen = tuple(map(named, POLICIES if policies is None else policies))
    layers, experts = requests.layers, requests.experts
    cases = []
    for cache in caches:
        by_bytes = Variant(bypass=bypass, sizes=sizes, capacity=None if sizes is None else cache)
        cases.append(
            (cache, Instance(layers, experts, cache if sizes is None else layers * experts), by_bytes)
        )
    for _, instance, variant in cases:
        requests.fits(instance, sizes is None and not variant.bypass)

    strict = policies is not None

    def play(policy: NamedPolicy, instance: Instance, variant: Variant, cache: int) -> int | None:
        progress(f"{policy}, {cache}")
        return _played(policy, instance, requests, seed, variant, strict)

    rows = []
    with all_cores() as threads:
        begun: list[dict[NamedPolicy, Future[int | None]]] = []
        for cache, instance, variant in cases:
            begun.append({})
            for policy in chosen:
                if policy in known:
                    continue
                if has_kernel(policy):
                    begun[-1][policy] = threads.submit(play, policy, instance, variant, cache)
                elif processes is not None and registered(policy):
                    begun[-1][policy] = processes.submit(
                        _played, policy, instance, requests, seed, variant, strict
                    )
        for playing, (cache, instance, variant) in zip(begun, cases, strict=True):
            progress(f"{OPT}, {cache}")
            optimum = {OPT: known[OPT]} if OPT in known else _optimum(instance, requests, variant)
            best = max(optimum.values())
            rows += [_row(name, cache, misses, requests, best) for name, misses in optimum.items()]
            for policy in chosen:
                misses = known.get(policy)
                if policy in playing:
                    misses = playing[policy].result()
                    if not has_kernel(policy):
                        progress(f"{policy}, {cache}")
                elif misses is None:  # here, alone: a user's classes may share something
                    misses = play(policy, instance, variant, cache)
                if misses is not None:
                    rows.append(_row(policy.id, cache, misses, requests, best))
    unit = "slots" if sizes is None else "bytes"
    return Measurement(requests.counted, dropped_tokens, tuple(rows), unit, requests.warmup)


def _played(
    policy: NamedPolicy, instance: Instance, requests: Requests, seed: int, variant: Variant, strict: bool
) -> int | None:
    """Misses; None for what cannot play here, unless ``strict``."""
    try:
        return misses_of(policy, instance, requests, np.random.default_rng(seed), variant)
    except (InvalidPartition, UnsupportedProblem):
        if strict:
            raise
        return None


BEST = 5
"""Policies of each cache that are shown at least, where not all are."""

ALWAYS = ("lru", "llru")
"""Policies that are shown beside the best ones: those that others are compared with."""


def best_rows(rows: Sequence[Row], best: int | None = None) -> list[Row]:
    """Cache by cache in the order given: OPT, then the policies by their misses; of these the ``best`` ones and ALWAYS."""
    kept = []
    for cache in dict.fromkeys(row.cache for row in rows):
        here = [row for row in rows if row.cache == cache]
        optima = [row for row in here if row.policy in (OPT, OPT_LOWER, OPT_UPPER)]
        others = sorted((row for row in here if row not in optima), key=lambda row: row.misses)
        kept += optima
        kept += [row for i, row in enumerate(others) if best is None or i < best or row.policy in ALWAYS]
    return kept


def _optimum(instance: Instance, requests: Requests, variant: Variant) -> dict[str, int]:
    """Misses of OPT or, where pages have different sizes, two numbers between which they lie."""
    if variant.sizes is not None:
        interval = optimum_interval(instance, requests, variant)
        if interval.exact:
            return {OPT: interval.upper}
        return {OPT_LOWER: interval.lower, OPT_UPPER: interval.upper}
    if variant.bypass:
        return {OPT: int(np.count_nonzero(~belady(instance, requests, bypass=True)))}
    return {OPT: optimal_misses(instance, requests)}


def _row(name: str, cache: int, misses: int, requests: Requests, best: int) -> Row:
    ratio: Value = Fraction(misses, best) if best else math.inf if misses else Fraction(1)
    return Row(name, cache, misses, 1 - misses / requests.counted, ratio)
