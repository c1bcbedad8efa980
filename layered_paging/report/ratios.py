"""The ratio of a policy on all small instances, beside those of others and of the best deterministic policy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from bounds.search.worst import Worst, explored, searched
from layered_paging.testing.fault import TIME_LIMIT, Fault
from layered_paging.testing.glimpse import glimpse
from layered_paging.testing.guard import until
from paging.errors import LayeredPagingError
from paging.exact import Value, exact
from paging.model import Instance
from paging.policies.named import NamedPolicy
from proofs.atlas_cells import instances
from proofs.known import known

PAGES = 6
"""The grid: all instances with l <= k < n*l <= PAGES."""

BESIDE = ("lru", "llru", "guided-far")
"""Policies set beside the one in question."""


@dataclass(frozen=True, slots=True)
class Ratio:
    """One instance. ``worst``: of the policy, None if nothing is known, and ``why``; ``beside``: exact ratios of BESIDE;
    ``optimum``: of the best deterministic policy. What is missing there was not found in time."""

    instance: Instance
    worst: Worst | None
    why: str | None
    beside: dict[str, Value]
    optimum: Value | None

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "ratio": _exact(None if self.worst is None else self.worst.ratio),
            "exact": self.worst is not None and self.worst.exact,
            "proven": self.worst is not None and self.worst.proven,
            "why": self.why,
            **{name: _exact(self.beside.get(name)) for name in BESIDE},
            "optimum": _exact(self.optimum),
        }


def _exact(value: Value | None) -> str | None:
    """As text, where it is known."""
    return None if value is None else exact(value)


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of the policy at one instance, so far; ``why``: nothing is."""

    instance: Instance
    worst: Worst | None
    why: str | None

    def improves(self, other: Row | None) -> bool:
        """Whether it says more."""
        if other is None or other.worst is None or self.worst is None:
            return other is None or self.worst is not None
        one, two = ((each.exact, each.proven, each.ratio) for each in (self.worst, other.worst))
        return one > two


EXACT = 0.25
"""Share of the time that is left which one graph may take."""


def grid() -> list[Instance]:
    """The instances of a card, the small ones first."""
    return list(instances(PAGES))


def first_values(policy: NamedPolicy, seconds: float, on: Sequence[Instance]) -> Iterator[Row]:
    """A first value for every instance of ``on``, by one walk each; nothing where exact values come at once, by a kernel.

    ``policy``: under guard, if it needs one.
    """
    from bounds.exact.product import KINDS

    end = time.monotonic() + seconds
    for number, instance in enumerate(() if policy in KINDS else on):
        left = end - time.monotonic()
        row = _attempt(instance, left, partial(glimpse, instance, policy, left / (len(on) - number)))
        yield row
        if row.why == TIME_LIMIT:
            return  # once is enough: each costs the time limit


def values(policy: NamedPolicy, seconds: float, on: Sequence[Instance], seed: int = 0) -> Iterator[Row]:
    """Exact values, the small instances first, where the graph is not too large; then what searches find where it is.

    Each row replaces what was known, if it improves it. Arguments as those of ``first_values``.
    """
    from bounds.exact.ratio import exact_ratio

    end = time.monotonic() + seconds
    exact_ratio(Instance(1, 2, 1), "lru")  # loads kernels, which takes seconds that are not the policy's
    large: list[
        Instance
    ] = []  # here the graph did not fit; it does so less at larger ones, which are not tried
    unknown: list[Instance] = []
    for number, instance in enumerate(on):
        left = end - time.monotonic()
        row = None
        if not any(one.pages <= instance.pages and one.cache <= instance.cache for one in large):
            allowed = max(EXACT * left, left / (len(on) - number))
            row = _attempt(instance, allowed, partial(explored, instance, policy))
            if row.worst is None:
                large.append(instance)
        if row is not None and row.worst is not None:
            yield row
        else:
            unknown.append(instance)
    for number, instance in enumerate(unknown):
        share = (end - time.monotonic()) / (len(unknown) - number)
        if share <= 0:
            return
        yield _attempt(instance, share, partial(searched, instance, policy, seconds=share, seed=seed))


def _attempt(instance: Instance, seconds: float, look: Callable[[], Worst | None]) -> Row:
    try:
        with until(time.monotonic() + max(0.0, seconds)):
            found = look()
    except Fault as fault:
        return Row(instance, None, fault.name)
    except LayeredPagingError as error:  # OutOfSeconds as well
        return Row(instance, None, str(error))
    return Row(instance, found, "nothing found" if found is None else None)


@dataclass(frozen=True, slots=True)
class Beside:
    """What the row of an instance is compared with: exact ratios of BESIDE, and of the best deterministic policy."""

    instance: Instance
    ratios: dict[str, Value]
    optimum: Value | None


def beside(on: Sequence[Instance]) -> Iterator[Beside]:
    """For every instance of ``on``: the best ratio, which is known at once; then with the others, whose kernels take time."""
    best = {i: _best(i) for i in on}
    for i in on:
        yield Beside(i, {}, best[i])
    from bounds.exact.ratio import exact_ratio

    for i in on:
        yield Beside(i, {other: exact_ratio(i, other).ratio for other in BESIDE}, best[i])


def _best(instance: Instance) -> Value:
    """What is known of the best deterministic policy; here it is known exactly."""
    best = known(instance).deterministic.value
    assert best is not None
    return best


def worst_of(found: tuple[Ratio, ...]) -> Worst | None:
    """The largest ratio; of equal ones a proven one, then the shortest cycle and prefix."""
    known = [one.worst for one in found if one.worst is not None]
    if not known:
        return None
    return max(known, key=lambda w: (w.ratio, w.proven, -len(w.cycle), -len(w.prefix)))
