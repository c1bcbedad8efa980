"""How a policy behaves on traces: synthetic ones, and one that is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from layered_paging.measure import OPT, measure
from layered_paging.report.ratios import BESIDE
from layered_paging.testing.fault import TIME_LIMIT, Fault
from paging.errors import LayeredPagingError
from paging.model import Requests
from paging.policies.named import NamedPolicy
from paging.traces.synthetic import synthetic

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
    """Hit rates on one trace with one cache; the policy's is None where it did not play to the end, and ``why``."""

    trace: str
    cache: int
    hit_rate: float | None
    why: str | None
    beside: dict[str, float]

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "trace": self.trace,
            "cache": self.cache,
            "hit_rate": self.hit_rate,
            "why": self.why,
            **self.beside,
        }


def behaviours(
    policy: NamedPolicy,
    given: Sequence[tuple[str, Requests, int]],
    deadline: float,
    *,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Behaviour]:
    """On ``given`` (name, requests, cache size) and on the synthetic traces; after ``deadline`` (time.monotonic) the policy is
    left out."""
    refused = None
    for trace, requests, cache in [*given, *_synthetic(seed)]:
        progress(f"{trace}, {cache}")
        others = measure(requests, [cache], BESIDE, seed=seed)
        beside = {row.policy: row.hit_rate for row in others.rows}
        rate, why = None, refused
        if refused is None and time.monotonic() > deadline:
            why = "out of time"
        elif refused is None:
            try:
                found = measure(requests, [cache], [policy], seed=seed)
                rate = next(row.hit_rate for row in found.rows if row.policy != OPT)
            except Fault as fault:
                why = fault.name
                refused = why if fault.name == TIME_LIMIT else None
            except LayeredPagingError as error:
                why = str(error)
        yield Behaviour(trace, cache, rate, why, beside)


def _synthetic(seed: int) -> Iterator[tuple[str, Requests, int]]:
    for name, options in SYNTHETIC.items():
        trace = synthetic(LAYERS, EXPERTS, TOKENS, **options, rng=np.random.default_rng(seed))
        for cache in CACHES:
            yield name, trace.requests(), cache
