"""The machine's times for one sequence of requests, as whole numbers of one unit."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import lcm

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument
from paging.model import Requests
from paging.timing.model import Timing

LARGEST = 2**54
"""Ticks that a whole sequence may take at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """Everything after the warm-up: n requests in S steps of ``batch`` requests. Times are in ticks of ``unit`` seconds.

    ``load``: of the page of each request, shape (n,). ``compute``: of a step. ``elsewhere``: longer for a request that is
    computed where its expert lies, or None. ``release``: the step at whose end the loads of a step may begin, -1: at once;
    ``known``: where its prediction was wrong, shape (S,). ``wrong``: whether it is, shape (n,). ``ends``: the last step of each
    token, shape (tokens,).
    """

    unit: Fraction
    batch: int
    load: NDArray[np.int64]
    compute: int
    elsewhere: int | None
    overlap: bool
    release: NDArray[np.int64]
    known: NDArray[np.int64]
    wrong: NDArray[np.bool_]
    ends: NDArray[np.int64]

    @property
    def steps(self) -> int:
        """S."""
        return len(self.release)

    def seconds(self, ticks: int) -> Fraction:
        """Exactly."""
        return ticks * self.unit

    def tokens(self, ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ticks of each token, shape (tokens,), from the ends of the steps, shape (S,)."""
        return np.diff(ends[self.ends], prepend=0)


def clock(requests: Requests, sizes: NDArray[np.int64], timing: Timing, seed: int = 0) -> Clock:
    """``sizes``: bytes of an expert of each layer, shape (layers,). Which predictions fail is drawn by ``seed``, request by
    request, the same for all schedules.

    Time begins after the warm-up, with nothing being loaded, and nothing loaded that the warm-up has not asked for. Raises
    InvalidArgument for times that have no common unit of reasonable size.
    """
    batch, width = requests.batch, requests.width
    rows = slice(requests.warmup // width, None)
    rounds, visited = requests.rounds[rows], requests.visited[rows]
    in_row = width // batch
    begins = _begins(requests)
    layer = np.repeat(np.arange(len(begins) - 1), np.diff(begins))
    loads = [timing.load(int(size)) for size in sizes]
    compute = _of_a_step(begins, timing.compute)
    elsewhere = timing.elsewhere or Fraction(0)
    unit = Fraction(1, lcm(*(time.denominator for time in (*loads, compute, elsewhere))))
    longest = max(loads) * 2 + elsewhere  # of a request; twice where a prediction fails
    if (requests.counted * longest + len(layer) * compute) / unit > LARGEST:
        raise InvalidArgument(
            "times: expected a common unit of all of them, no smaller than the whole / 2^54; give fewer digits"
        )
    by_layer = np.array([int(time / unit) for time in loads], np.int64)
    known = begins[layer] - 1 if timing.overlap else np.arange(len(layer)) - 1
    return Clock(
        unit,
        batch,
        np.repeat(by_layer[visited], width),
        int(compute / unit),
        None if timing.elsewhere is None else int(elsewhere / unit),
        timing.overlap,
        begins[np.maximum(layer - timing.lookahead, 0)] - 1 if timing.overlap else known,
        known,
        np.random.default_rng(seed).random(requests.counted) >= float(timing.accuracy),
        (np.flatnonzero(np.diff(rounds, append=-1)) + 1) * in_row - 1,
    )


def computing(requests: Requests, compute: Fraction) -> Fraction:
    """Seconds of all steps after the warm-up, where a layer takes ``compute``."""
    begins = _begins(requests)
    return int(begins[-1]) * _of_a_step(begins, compute)


def _begins(requests: Requests) -> NDArray[np.int64]:
    """The first steps of the layers, and the end."""
    rows = slice(requests.warmup // requests.width, None)
    rounds, visited = requests.rounds[rows], requests.visited[rows]
    # a row is a layer of a token; where sets differ in size, a row is one expert of it
    new = (np.diff(rounds, prepend=-1) != 0) | (np.diff(visited, prepend=-1) != 0)
    return np.append(np.flatnonzero(new), len(rounds)) * (requests.width // requests.batch)


def _of_a_step(begins: NDArray[np.int64], compute: Fraction) -> Fraction:
    """The largest layer has most steps, and they share its time."""
    return compute / int(np.diff(begins).max())
