"""A schedule in time: when each step ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from paging.timing.clock import Clock
from paging.timing.schedule import Schedule


def ends(schedule: Schedule, clock: Clock) -> NDArray[np.int64]:
    """The end of every step, shape (S,): everything as early as it can be, loads in the order of the requests."""
    from paging.kernels.timing import ends as kernel

    return kernel(
        schedule.loads,
        schedule.elsewhere,
        schedule.after,
        clock.load,
        clock.batch,
        clock.compute,
        clock.elsewhere or 0,
        clock.release,
        clock.known,
        clock.wrong,
    )
