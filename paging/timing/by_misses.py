"""The time of a token by the number of misses alone: without overlap everything adds up."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from paging.errors import InvalidArgument
from paging.model import Requests
from paging.timing.clock import computing
from paging.timing.model import Timing


def time_by_misses(requests: Requests, page_bytes: Fraction, timing: Timing) -> Callable[[int], Fraction]:
    """Seconds per token of a policy, or of OPT, with so many misses after the warm-up: what ``headroom`` finds, for any size of
    the cache. ``page_bytes``: of every expert; of the mean one where they differ, and then the time is about right.

    Raises InvalidArgument for a machine whose time also depends on which requests miss.
    """
    if timing.overlap or timing.elsewhere is not None:
        raise InvalidArgument("times by misses: expected a machine without overlap or computing elsewhere")
    whole = computing(requests, timing.compute)
    load = timing.latency + page_bytes / timing.bandwidth
    return lambda misses: (whole + misses * load) / requests.tokens
