"""The properties of policies as checks: a finding refutes the property, whether it is declared or not."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from layered_paging.testing.checks import Check
from layered_paging.testing.finding import Finding
from layered_paging.testing.properties import (
    breaks_conservative,
    breaks_determinism,
    breaks_marking,
    breaks_monotony,
    breaks_stack,
)
from paging.model import Instance, Requests
from paging.policies.named import MakePolicy
from paging.replay import replay

DECLARABLE = ("deterministic", "marking", "conservative", "stack")
"""What a policy can declare (see paging.policies.base)."""


def deterministic(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """The generator makes no difference."""
    at = breaks_determinism(make, instance, requests)
    says = f"two generators lead to different caches at request {at}"
    return None if at is None else _found("deterministic", says, make, instance, requests, at)


def marking(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """No page requested in the current phase is evicted."""
    at = breaks_marking(replay(make(), instance, requests))
    says = f"request {at} evicts a page that the current phase has requested"
    return None if at is None else _found("marking", says, make, instance, requests, at)


def conservative(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """At most k misses on a stretch with at most k distinct pages."""
    at = breaks_conservative(replay(make(), instance, requests))
    says = f"a stretch with at most k = {instance.cache} distinct pages has {instance.cache + 1} misses up to request {at}"
    return None if at is None else _found("conservative", says, make, instance, requests, at)


def stack(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """The cache is a subset of the cache with one slot more."""
    at = breaks_stack(make, instance, requests)
    says = f"after request {at} the cache is not a subset of the cache with one slot more"
    return None if at is None else _found("stack", says, make, instance, requests, at, both=True)


def monotone(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """One slot more never means more misses; where it does, that is Belady's anomaly."""
    at = breaks_monotony(make, instance, requests)
    says = f"Belady's anomaly: up to request {at} there are more misses with one slot more"
    return None if at is None else _found("monotone", says, make, instance, requests, at, both=True)


PROPERTIES: Mapping[str, Check] = {
    "deterministic": deterministic,
    "marking": marking,
    "conservative": conservative,
    "stack": stack,
    "monotone": monotone,
}
"""By their names; the first four can be declared."""


def _found(
    name: str,
    says: str,
    make: MakePolicy,
    instance: Instance,
    requests: Requests,
    at: int,
    both: bool = False,
) -> Finding:
    cut = Requests.of(instance.layers, instance.experts, requests.stream[: at + 1])
    larger = Instance(instance.layers, instance.experts, instance.cache + 1)
    return Finding(
        name,
        says,
        instance,
        tuple(cut.stream.tolist()),
        replay(make(), instance, cut, np.random.default_rng(1)),
        replay(make(), larger, cut, np.random.default_rng(1)) if both else None,
    )
