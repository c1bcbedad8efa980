"""The parts of the card that are worked out in the process of the policy; each tells what it knows, as soon as it does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from layered_paging.report.conduct import conduct
from layered_paging.report.ratios import beside, first_values, values
from layered_paging.report.traces import others, rates
from layered_paging.testing.guard import guarded, under_guard
from paging.policies.named import NamedPolicy

Tell: TypeAlias = Callable[[Any], None]
Stage: TypeAlias = Callable[..., None]


def _conduct(policy: NamedPolicy, limit: float, tell: Tell, seconds: float, **options: Any) -> None:
    conduct(guarded(policy, limit), seconds, tell=tell, **options)


def _first(
    policy: NamedPolicy, limit: float, tell: Tell, seconds: float, withdrawn: frozenset[str], **options: Any
) -> None:
    for row in first_values(under_guard(policy, limit, withdrawn), seconds=seconds, **options):
        tell(row)


def _ratios(
    policy: NamedPolicy, limit: float, tell: Tell, seconds: float, withdrawn: frozenset[str], **options: Any
) -> None:
    for row in values(under_guard(policy, limit, withdrawn), seconds=seconds, **options):
        tell(row)


def _traces(policy: NamedPolicy, limit: float, tell: Tell, seconds: float, **options: Any) -> None:
    for row in rates(guarded(policy, limit), seconds, **options):
        tell(row)


def _beside(_policy: NamedPolicy, _limit: float, tell: Tell, _seconds: float, **options: Any) -> None:
    for row in beside(**options):
        tell(row)


def _others(_policy: NamedPolicy, _limit: float, tell: Tell, _seconds: float, **options: Any) -> None:
    for row in others(**options):
        tell(row)


STAGES: Mapping[str, Stage] = {
    "conduct": _conduct,
    "first": _first,
    "ratios": _ratios,
    "traces": _traces,
    "beside": _beside,
    "others": _others,
}
"""By their names: (policy, seconds for one decision, tell, seconds, options)."""


def run(stage: str, policy: NamedPolicy, limit: float, tell: Tell, end: float, **options: Any) -> None:
    """Until ``end`` (time.monotonic, which all processes share; to import this took time)."""
    STAGES[stage](policy, limit, tell, max(0.0, end - time.monotonic()), **options)
