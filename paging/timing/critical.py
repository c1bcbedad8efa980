"""What holds a schedule up: its longest path, which is a lower bound on other schedules too, at its own prices (derived)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.timing.clock import Clock


def critical(clock: Clock, loads: NDArray[np.bool_]) -> tuple[int, NDArray[np.bool_]]:
    """A number F of ticks and a set P of requests, shape (n,): every schedule takes F ticks, and the time of its loads for P.

    Let C(s) be the end of step s, c the time of its computing, r(s) the step at whose end its loads may begin. In any schedule
      C(s) >= C(s-1) + c, and
      C(s) >= C(r(a)) + (time of the loads for steps a..s) + c for a <= s,
    since these loads begin after C(r(a)), follow one another, and end before step s is computed. Any chain of such
    inequalities from the last step down to the beginning is a bound. Taken is the chain of those that are tight for ``loads``
    when every load finds a slot at once: there it gives the exact time, and so it is close for similar schedules.
    """
    time = np.where(loads, clock.load, 0).reshape(clock.steps, clock.batch).sum(axis=1).tolist()
    release = clock.release.tolist()
    ends, begins, ready = [0], [], []  # ends[s + 1]: of step s
    channel = 0
    for step, needed in enumerate(time):
        begin = max(channel, ends[release[step] + 1]) if needed else channel
        channel = begin + needed
        begins.append(begin)
        ready.append(max(ends[step], channel) if needed else ends[step])
        ends.append(ready[step] + clock.compute)
    fixed = 0
    priced = np.zeros(clock.steps, np.bool_)
    step = clock.steps - 1
    while step >= 0:
        fixed += clock.compute
        if ready[step] == ends[step]:
            step -= 1
            continue
        first = step
        while not (time[first] and begins[first] == ends[release[first] + 1]):
            first -= 1
        priced[first : step + 1] = True
        step = release[first]
    return fixed, np.repeat(priced, clock.batch)
