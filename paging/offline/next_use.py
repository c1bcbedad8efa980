"""When is each page requested again?"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.model import Requests


def reuses(requests: Requests) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All pairs of consecutive requests of one page: indices (first, again) into the stream, ordered by ``again``."""
    stream = requests.stream
    order = np.argsort(stream, kind="stable")
    same = stream[order][1:] == stream[order][:-1]
    first, again = order[:-1][same], order[1:][same]
    by_time = np.argsort(again)
    return first[by_time], again[by_time]


def next_uses(requests: Requests) -> NDArray[np.int64]:
    """For each request the index of the *batch* that asks for its page next; the number of batches if none does."""
    from paging.kernels.distances import next_batches

    return next_batches(requests.stream, requests.batch, requests.layers * requests.experts)
