"""What a number of misses takes on a machine, for the cursor of a chart, and the sentences that say on which machine."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from paging.model import Requests
from paging.timing.by_misses import time_by_misses
from paging.timing.model import Timing

Machine = tuple[Requests, Timing]
"""What is served, and how fast."""


def time_in_words(
    machine: Machine | None, page_bytes: float | None, one_size: bool
) -> Callable[[int], str] | None:
    """What a token takes with so many misses in all, as headroom has it, where sizes and the machine are known."""
    if page_bytes is None or machine is None:
        return None
    about = "" if one_size else "about "
    seconds = time_by_misses(machine[0], Fraction(page_bytes), machine[1])
    return lambda misses: f"{about}{float(seconds(misses) * 1000):,.2f} ms per token"


def hints(machine: Machine | None, page_bytes: float | None, one_size: bool, unit: str = "slots") -> str:
    """Below a chart whose caches are in ``unit``: which of its numbers are those of a mean expert, and of which machine."""
    if page_bytes is None:
        return ""
    said = []
    if not one_size and unit == "slots":
        said.append("GiB and times: experts of the mean size of all layers.")
    elif not one_size and machine is not None:
        said.append("Times: experts of the mean size of all layers.")
    if machine is not None:
        timing = machine[1]
        said.append(
            f"Times, as headroom has them: loading at {float(timing.bandwidth) / 1e9:g} GB/s, "
            f"{float(timing.latency) * 1e6:g} µs more for each load, {float(timing.compute) * 1e6:g} µs to compute a layer; "
            "nothing is loaded while something is computed."
        )
    return "".join(f'<p class="hint">{line}</p>' for line in said)
