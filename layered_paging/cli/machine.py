"""The machine of ``--bandwidth``, ``--latency`` and ``--compute``, and what it needs of a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paging.timing.model import Timing
    from paging.traces.trace import Trace


def machine(bandwidth: str | None, latency: str, compute: str) -> Timing | None:
    """That of headroom, without overlap; None without a bandwidth. Raises InvalidArgument for numbers outside their range."""
    from layered_paging.cli.numbers import exact_number
    from paging.errors import InvalidArgument
    from paging.timing.model import Timing

    load, layer = exact_number("--latency", latency), exact_number("--compute", compute)
    if bandwidth is None:
        if load or layer:
            raise InvalidArgument("--latency, --compute: expected --bandwidth with them")
        return None
    speed = exact_number("--bandwidth", bandwidth)
    if speed == 0:
        raise InvalidArgument(f"--bandwidth: expected a positive number of GB/s, got {bandwidth}")
    return Timing(speed * 10**9, load / 10**6, layer / 10**6)


def needs_sizes(trace: Trace, name: object) -> None:
    """Raises InvalidArgument where a load has no time, for a trace that was read from ``name``."""
    from paging.errors import InvalidArgument

    if trace.expert_bytes is None:
        raise InvalidArgument(
            f"{name}: the time of a load needs the sizes of experts; --expert-bytes gives them"
        )
