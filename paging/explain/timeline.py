"""The same parts of the misses token by token and layer by layer, coarse enough to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.explain.layers import layer_of
from paging.explain.loss import Flags
from paging.model import Requests

MOST_CELLS = 1 << 17
MOST_COLUMNS = 1 << 14
"""What a page can carry and a browser's canvas can hold."""

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Timeline:
    """Of shape (layers, columns): ``requests``, and the parts of the misses as in Loss (``policy`` < 0: it hit where OPT
    missed). Column c is the counted tokens c * ``step`` to (c + 1) * ``step`` - 1, from 0 after the warm-up."""

    tokens: int
    step: int
    requests: Counts
    compulsory: Counts
    capacity: Counts
    policy: Counts

    @property
    def misses(self) -> Counts:
        """Of the policy, shape (layers, columns)."""
        return self.compulsory + self.capacity + self.policy


def timeline(requests: Requests, first: Flags, hits: Flags, best: Flags) -> Timeline:
    """The flags are of the counted requests, shape (counted requests,). One token in a column, where MOST_CELLS allow it."""
    since = requests.warmup
    rounds = np.repeat(requests.rounds, requests.width)[since:]
    tokens, layers = requests.tokens, requests.layers
    step = -(-tokens // max(1, min(MOST_COLUMNS, MOST_CELLS // layers)))
    columns = -(-tokens // step)
    cell = layer_of(requests)[since:] * columns + (rounds - rounds[0]) // step

    def counted(flags: Flags) -> Counts:
        return np.bincount(cell[flags], minlength=layers * columns).reshape(layers, columns)

    compulsory, optimal, misses = counted(first), counted(~best), counted(~hits)
    return Timeline(
        tokens,
        step,
        counted(np.ones_like(first)),
        compulsory,
        optimal - compulsory,
        misses - optimal,
    )
