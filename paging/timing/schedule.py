"""What a schedule loads, and which slot each load may take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.model import Requests
from paging.replay import Run

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Of the n requests after the warm-up, shape (n,) each: which are ``loads``, and which are computed ``elsewhere``; the
    others are hits. ``after``: the step whose end frees the slot that the load takes, -1: free from the beginning."""

    loads: Flags
    elsewhere: Flags
    after: NDArray[np.int64]


def of_run(run: Run) -> Schedule:
    """A policy's: each load takes the slot of what the policy evicts for it, free once that was used for the last time.

    The policy decides in the order of the requests, as in its replay: loads that begin ahead do not change what it evicts.
    """
    since = run.requests.warmup
    held = int(np.count_nonzero(~run.hits[:since]) - np.count_nonzero(run.evicted_at < since))
    free = min(run.instance.cache, run.instance.pages) - held
    return _with_slots(
        run.requests,
        ~run.hits[since:],
        np.zeros(run.requests.counted, np.bool_),
        run.evicted,
        run.evicted_at,
        free,
    )


def of_hits(requests: Requests, cache: int, hits: Flags, elsewhere: Flags | None = None) -> Schedule:
    """An offline one: an expert stays for its hits, and not longer.

    ``hits`` and ``elsewhere`` are of the requests after the warm-up, and must be those of a schedule that exists.
    """
    since, batch = requests.warmup, requests.batch
    stream = requests.stream
    if elsewhere is None:
        elsewhere = np.zeros(len(hits), np.bool_)
    order = np.argsort(stream, kind="stable")
    following = np.full(len(stream), -1)
    same = stream[order][1:] == stream[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    kept = np.zeros(len(stream), np.bool_)  # in the cache until its next request
    later = following >= since
    kept[later] = hits[following[later] - since]
    held = int(np.count_nonzero(kept[:since] & later[:since]))
    leaves = np.flatnonzero(~kept[since:] & ~elsewhere) + since
    pages = requests.layers * requests.experts
    at = (leaves // batch + 1) * batch
    return _with_slots(requests, ~(hits | elsewhere), elsewhere, stream[leaves], at, min(cache, pages) - held)


def _with_slots(
    requests: Requests,
    loads: Flags,
    elsewhere: Flags,
    evicted: NDArray[np.int32],
    evicted_at: NDArray[np.int64],
    free: int,
) -> Schedule:
    from paging.kernels.timing import slots

    pages = requests.layers * requests.experts
    shape = (requests.warmup, requests.batch, pages, free)
    return Schedule(loads, elsewhere, slots(requests.stream, loads, evicted, evicted_at, *shape))
