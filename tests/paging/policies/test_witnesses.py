"""The witnesses beside benchmarks/results/policies.md: each is played again, and costs what the table says."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from paging.exact import readable
from paging.model import Instance, Requests
from paging.offline.engines import opt
from paging.policies.registry import POLICIES, PRACTICAL
from paging.replay import Player, replay

RESULTS = Path(__file__).parents[3] / "benchmarks" / "results"
FOUND = json.loads((RESULTS / "policies.json").read_text())
INSTANCE = Instance(FOUND["layers"], FOUND["experts"], FOUND["cache"])


def test_every_policy_of_the_group_has_its_card() -> None:
    assert set(PRACTICAL) <= set(FOUND["policies"])
    rows = (RESULTS / "policies.md").read_text().splitlines()
    for name in PRACTICAL:
        assert sum(row.startswith(f"| {name} | ") for row in rows) == 1


@pytest.mark.parametrize("name", FOUND["policies"])
def test_a_witness_costs_what_the_table_says(name: str) -> None:
    """Misses and growth of OPT on the last half of 2R repetitions; if proven also the state after one is that before."""
    found: dict[str, Any] = FOUND["policies"][name]
    prefix, cycle, repetitions = found["prefix"], found["cycle"], found["repetitions"]
    halves = [prefix + cycle * (times * repetitions) for times in (1, 2)]
    requests = [Requests.of(INSTANCE.layers, INSTANCE.experts, pages) for pages in halves]
    misses = [replay(POLICIES[name](), INSTANCE, one).misses for one in requests]
    optima = [opt(INSTANCE, one, "offset").cost for one in requests]
    growth = optima[1] - optima[0]
    assert (misses[1] - misses[0], growth) == (found["misses"], found["growth"])
    ratio = Fraction(found["misses"], growth) if growth else math.inf
    assert found["ratio"] == ("inf" if ratio == math.inf else str(ratio))
    [row] = (
        row for row in (RESULTS / "policies.md").read_text().splitlines() if row.startswith(f"| {name} | ")
    )
    _, _, value, _, witness, *_ = (cell.strip() for cell in row.split("|"))
    if "+" in witness:
        assert value == readable(ratio)
        assert witness == f"{len(prefix):,} + {len(cycle):,}"
    if found["proven"]:
        assert repetitions == 1
        assert state(name, prefix) == state(name, prefix + cycle)


def state(name: str, pages: list[int]) -> object:
    player = Player(POLICIES[name](), INSTANCE, np.random.default_rng(0))
    for page in pages:
        player.serve(page)
    known = player.policy.canonical_state(player.cache)
    assert known is not None
    return frozenset(player.cache), known
