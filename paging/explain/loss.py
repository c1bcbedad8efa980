"""Where the misses of a policy come from: first uses, the size of the cache, the policy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.model import Requests
from paging.offline.next_use import next_uses
from paging.replay import Run

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Loss:
    """Misses of a policy in three parts: ``compulsory`` (first uses), ``capacity`` (the other misses of OPT) and
    ``policy`` (what it misses more often than OPT); their sum is ``misses``."""

    requests: int
    compulsory: int
    capacity: int
    policy: int

    @property
    def misses(self) -> int:
        return self.compulsory + self.capacity + self.policy


def first_uses(requests: Requests) -> Flags:
    """Whether a counted request is the first of its page in the whole sequence, shape (counted requests,)."""
    result = np.zeros(len(requests), np.bool_)
    result[np.unique(requests.stream, return_index=True)[1]] = True
    return result[requests.warmup :]


def loss(first: Flags, hits: Flags, best: Flags) -> Loss:
    """From first uses, hits of the policy and hits of OPT."""
    compulsory = int(first.sum())
    optimal = int((~best).sum())
    return Loss(len(hits), compulsory, optimal - compulsory, int((~hits).sum()) - optimal)


def regretted(run: Run) -> tuple[int, int]:
    """Evictions for which Belady's rule, given the same cache, would have chosen another page; and all evictions.

    Another page: one that is requested later than the victim, and not in the batch being served. Both without the warm-up.
    """
    from paging.kernels.belady import regret

    requests = run.requests
    pages = requests.layers * requests.experts
    logs = (run.evicted, run.evicted_at)
    wrong = regret(requests.stream, next_uses(requests), requests.batch, pages, *logs, requests.warmup)
    return int(wrong), int(np.count_nonzero(run.evicted_at >= requests.warmup))
