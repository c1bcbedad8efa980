"""The ratio of a policy on all small instances, beside those of others and of the best deterministic policy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from layered_paging.testing.fault import TIME_LIMIT, Fault
from layered_paging.testing.worst import MOST_STATES, Worst, worst
from paging.errors import LayeredPagingError
from paging.exact import Value, exact
from paging.model import Instance
from paging.policies.named import NamedPolicy
from proofs.atlas_cells import instances

PAGES = 6
"""The grid: all instances with l <= k < n*l <= PAGES."""

BESIDE = ("lru", "llru", "guided-far")
"""Policies set beside the one in question."""

STATES_PER_SECOND = 4000
"""At which the graph of a policy without a kernel is explored, roughly."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One instance. ``worst``: of the policy, None if nothing is known, and ``why``; ``beside``: exact ratios of BESIDE;
    ``optimum``: of the best deterministic policy."""

    instance: Instance
    worst: Worst | None
    why: str | None
    beside: dict[str, Value]
    optimum: Fraction

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "ratio": None if self.worst is None else exact(self.worst.ratio),
            "exact": self.worst is not None and self.worst.exact,
            "proven": self.worst is not None and self.worst.proven,
            "why": self.why,
            **{name: exact(value) for name, value in self.beside.items()},
            "optimum": exact(self.optimum),
        }


def ratios(
    policy: NamedPolicy,
    seconds: float,
    *,
    seed: int = 0,
    refused: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Iterator[Ratio]:
    """Instance by instance, the small ones first, in about ``seconds``.

    ``policy``: under guard, if it needs one. ``refused``: why the policy has no ratio at all.
    """
    from bounds.exact.deterministic import best_deterministic
    from bounds.exact.product import KINDS
    from bounds.exact.ratio import exact_ratio

    grid = list(instances(PAGES))
    progress("others")
    others = {i: {other: exact_ratio(i, other).ratio for other in BESIDE} for i in grid}
    optima = {i: best_deterministic(i).ratio for i in grid}
    end = time.monotonic() + seconds
    large: list[Instance] = []  # here the graph did not fit; larger ones are not tried
    for number, instance in enumerate(grid):
        progress(f"ratio at {instance}")
        found, why = None, refused
        left = end - time.monotonic()
        if refused is None and left <= 0 and policy not in KINDS:
            why = "out of time"
        elif refused is None:
            fits = not any(one.pages <= instance.pages and one.cache <= instance.cache for one in large)
            most = MOST_STATES if policy in KINDS else min(MOST_STATES, int(left * STATES_PER_SECOND)) * fits
            try:
                found = worst(instance, policy, seconds=left / (len(grid) - number), seed=seed, most=most)
                why = "nothing found" if found is None else None
                if found is None or not found.states:
                    large.append(instance)
            except Fault as fault:
                why = fault.name
                if fault.name == TIME_LIMIT:
                    refused = why  # once is enough: each costs the time limit
            except LayeredPagingError as error:
                why = str(error)
        yield Ratio(instance, found, why, others[instance], optima[instance])


def worst_of(found: tuple[Ratio, ...]) -> Worst | None:
    """The largest ratio; of equal ones a proven one, then the shortest cycle and prefix."""
    known = [one.worst for one in found if one.worst is not None]
    if not known:
        return None
    return max(known, key=lambda w: (w.ratio, w.proven, -len(w.cycle), -len(w.prefix)))
