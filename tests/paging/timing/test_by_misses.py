"""Times by the number of misses alone, against the machine that is played request by request."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from paging.curve import curve
from paging.errors import InvalidArgument
from paging.timing.by_misses import time_by_misses
from paging.timing.headroom import headroom
from paging.timing.model import Timing
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace

MICRO = Fraction(1, 10**6)
MACHINE = Timing(Fraction(25 * 10**9), latency=10 * MICRO, compute=Fraction(15, 2) * MICRO)
BYTES = 3_000_000


def traced(lacking: bool) -> Trace:
    rng = np.random.default_rng(5)
    whole = synthetic(4, 9, 50, width=2, zipf=0.9, stickiness=0.4, rng=rng)
    asked = rng.random((50, 4)) < 0.8 if lacking else None
    return Trace.from_array(whole.routing, experts=9, asked=asked, expert_bytes=[BYTES] * 4)


@pytest.mark.parametrize("atomic", [False, True])
@pytest.mark.parametrize("warmup", [0, 6])
@pytest.mark.parametrize("lacking", [False, True])
def test_is_what_headroom_finds(lacking: bool, warmup: int, atomic: bool) -> None:
    """LRU and the best schedule, at three sizes of the cache."""
    trace = traced(lacking)
    requests = trace.requests(semantics="atomic" if atomic else "sequential", warmup=warmup)
    seconds, sizes = time_by_misses(requests, Fraction(BYTES), MACHINE), curve(requests)
    for cache in (4, 11, 30):
        found = headroom(trace, cache, MACHINE, atomic=atomic, warmup=warmup)
        lru, opt = sizes.at(cache)
        assert seconds(lru) == found.own.times.total / found.tokens
        assert found.exact
        assert seconds(opt) == found.found.total / found.tokens


@pytest.mark.parametrize("machine", [{"overlap": True}, {"elsewhere": 50 * MICRO}])
def test_other_machines_are_refused(machine: dict[str, object]) -> None:
    """Equal numbers of misses take different times there."""
    timing = Timing(Fraction(10**9), **machine)  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument, match="without overlap"):
        time_by_misses(traced(False).requests(), Fraction(BYTES), timing)
