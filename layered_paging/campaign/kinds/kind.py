"""What a kind of task is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters

MIB = 1 << 20

LIBRARIES = 200 * MIB
"""Memory of a worker that has loaded the libraries and done nothing yet."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """``result``: JSON values that depend on nothing but the task. ``files``: contents by name (certificates: NAME.json)."""

    result: dict[str, Any]
    files: Mapping[str, bytes] = field(default_factory=dict)


def _claims_nothing(_: Parameters, __: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {}


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task. Its functions stand at the top of a module, so that another process finds them by name.

    ``method``: to be raised whenever the results may change; what an older method computed is then computed again.
    ``expand(section)``: the tasks, as parameters and seed, that a section of a campaign file asks for; it takes its keys at
    once. ``run(parameters, seed)`` does the work. ``memory(parameters)``: estimate of the bytes that a worker needs.
    ``work(parameters)``: any number that grows with the time it takes; the large tasks begin first.
    ``claims(parameters, result)``: fields that the certificates must have, by the names of the files.
    """

    name: str
    method: int
    expand: Callable[[Section], Iterator[tuple[Parameters, int]]]
    run: Callable[[Parameters, int], Outcome]
    memory: Callable[[Parameters], int]
    work: Callable[[Parameters], float]
    claims: Callable[[Parameters, dict[str, Any]], dict[str, dict[str, Any]]] = _claims_nothing
