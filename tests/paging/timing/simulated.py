"""A schedule in time, in plain Python: when each load begins, and when each step ends."""

from __future__ import annotations

from dataclasses import dataclass

from paging.timing.clock import Clock
from paging.timing.schedule import Schedule


@dataclass(frozen=True, slots=True)
class Timetable:
    """``begins``: of the right loads, request by request, None where nothing is loaded. ``ends``: of the steps. In ticks."""

    begins: tuple[int | None, ...]
    ends: tuple[int, ...]


def simulate(schedule: Schedule, clock: Clock) -> Timetable:
    """The rules of ``Timing``, in plain Python: everything as early as it can be, loads in the order of the requests."""
    begins: list[int | None] = []
    ends: list[int] = []
    channel = 0  # free from then on

    def end(step: int) -> int:
        return ends[step] if step >= 0 else 0

    for step in range(clock.steps):
        ready = end(step - 1)
        duration = clock.compute
        for t in range(step * clock.batch, (step + 1) * clock.batch):
            begins.append(None)
            if schedule.elsewhere[t]:
                assert clock.elsewhere is not None
                duration += clock.elsewhere
            elif schedule.loads[t]:
                begin = max(channel, end(int(clock.release[step])))
                sure = end(int(clock.known[step]))
                if clock.wrong[t] and begin < sure:  # a wrong expert first
                    channel = begin + int(clock.load[t])
                    begin = max(channel, sure)
                begin = max(begin, end(int(schedule.after[t])))
                channel = begin + int(clock.load[t])
                ready = max(ready, channel)
                begins[t] = begin
        ends.append(ready + duration)
    return Timetable(tuple(begins), tuple(ends))
