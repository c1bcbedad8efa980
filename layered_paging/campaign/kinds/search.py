"""``search``: a bad request sequence for a policy, where the exact ratio is out of reach.

[[tasks]]
kind = "search"
instances = [[4, 4, 9], [4, 4, 10]]  # or pages = 8
policies = ["lru", "llru"]           # default: all
units = 20                           # of work: they and the seed decide the result, on any machine
seeds = [0, 1, 2]                    # default: [0]
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from layered_paging.campaign.kinds.kind import LIBRARIES, MIB, Kind, Outcome
from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters
from paging.model import Instance

MOST_UNITS = 10**9

NO_LIMIT = 1e9
"""Seconds: the clock must not decide a result; a campaign's time limit ends what takes too long."""


def expand(section: Section) -> Iterator[tuple[Parameters, int]]:
    """All combinations."""
    from paging.policies.registry import POLICIES

    chosen = section.instances()
    policies = section.names("policies", POLICIES, "policy")
    units = section.integer("units", 1, most=MOST_UNITS)
    seeds = section.integers("seeds", 0, [0])
    return (
        (
            {
                "layers": instance.layers,
                "experts": instance.experts,
                "cache": instance.cache,
                "policy": policy,
                "units": units,
            },
            seed,
        )
        for instance, policy, seed in product(chosen, policies, seeds)
    )


def run(parameters: Parameters, seed: int) -> Outcome:
    """What was found, with its cycle."""
    from bounds.search.search import search

    instance = Instance(parameters["layers"], parameters["experts"], parameters["cache"])
    policy, units = parameters["policy"], parameters["units"]
    found = search(instance, policy, seconds=NO_LIMIT, seed=seed, most_units=units)
    return Outcome(found.to_dict())


def memory(_: Parameters) -> int:
    """The part of the graph that a search keeps."""
    return LIBRARIES + 800 * MIB


def work(parameters: Parameters) -> float:
    """Units of work."""
    return float(parameters["units"])


KIND = Kind("search", 1, expand, run, memory, work)
