"""The same questions layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.division import division_misses
from paging.errors import InvalidPartition
from paging.explain.loss import Flags, Loss, loss
from paging.model import Instance, Requests
from paging.policies.partitioned import even_partition

QUANTILES = (0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Layer:
    """``experts``: distinct ones requested. ``reuse``: quantiles of the rounds between two requests of an expert, of QUANTILES
    (None where no expert comes twice)."""

    layer: int
    loss: Loss
    experts: int
    reuse: tuple[float, ...] | None


def by_layer(requests: Requests, first: Flags, hits: Flags, best: Flags) -> list[Layer]:
    """One entry for each layer; the flags are of the counted requests, shape (counted requests,)."""
    stream, layer = requests.stream, layer_of(requests)
    rounds = np.repeat(requests.rounds, requests.width)
    since = requests.warmup
    counted = rounds[since] if requests.counted else 0
    result = []
    for number in range(requests.layers):
        here = layer == number
        after = here[since:]
        result.append(
            Layer(
                number,
                loss(first[after], hits[after], best[after]),
                len(np.unique(stream[since:][after])),
                _reuse(stream[here], rounds[here], counted),
            )
        )
    return result


def layer_of(requests: Requests) -> NDArray[np.int64]:
    """The layer of each request, shape (requests,)."""
    return np.repeat(requests.visited, requests.width)


def _reuse(pages: NDArray[np.int32], rounds: NDArray[np.int64], since: int) -> tuple[float, ...] | None:
    order = np.lexsort((rounds, pages))
    again = (pages[order][1:] == pages[order][:-1]) & (rounds[order][1:] >= since)
    gaps = np.diff(rounds[order])[again]
    return tuple(float(q) for q in np.quantile(gaps, QUANTILES)) if len(gaps) else None


def divided_opt(requests: Requests, cache: int) -> int | None:
    """Misses of OPT when every layer has its own even share of the cache; None where a share is too small."""
    try:
        whole = Instance(requests.layers, requests.experts, cache)
        return division_misses(requests, even_partition(whole), "opt")
    except InvalidPartition:
        return None
