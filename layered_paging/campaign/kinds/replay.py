"""``replay``: misses of one policy, and of OPT, on a trace.

[[tasks]]
kind = "replay"
traces = ["a.trace"]                 # relative to this file
caches = [16, 32]                    # slots
policies = ["lru", "llru"]           # default: all
phase = "decode"                     # or prefill, all
semantics = "sequential"             # or atomic
seeds = [0]
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from pathlib import Path
from typing import Any, get_args

from layered_paging.campaign.kinds.kind import LIBRARIES, MIB, Kind, Outcome
from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters
from paging.errors import InvalidTrace
from paging.model import Requests, Semantics
from paging.traces.trace import Phase
from paging.untrusted import open_regular

UNPACKED = 60
"""Bytes in memory per byte of a trace file, at most, while it is read: text, possibly packed."""


def expand(section: Section) -> Iterator[tuple[Parameters, int]]:
    """All combinations; a trace is what its content is, so that another content makes another task."""
    from paging.policies.registry import POLICIES

    traces = section.files("traces")
    caches = section.integers("caches", 1)
    policies = section.names("policies", POLICIES, "policy")
    phase = section.word("phase", get_args(Phase), "decode")
    semantics = section.word("semantics", get_args(Semantics), "sequential")
    seeds = section.integers("seeds", 0, [0])
    described = [
        {
            "trace": path.name,
            "@path": str(path.resolve()),
            "sha256": _checksum(path),
            "bytes": path.stat().st_size,
        }
        for path in traces
    ]
    return (
        ({**trace, "cache": cache, "policy": policy, "phase": phase, "semantics": semantics}, seed)
        for trace, cache, policy, seed in product(described, caches, policies, seeds)
    )


def run(parameters: Parameters, seed: int) -> Outcome:
    """One row of ``layered-paging measure``."""
    from paging.exact import exact
    from paging.measure import OPT, measure

    requests, dropped = _requests(*(parameters[name] for name in ("@path", "sha256", "phase", "semantics")))
    policy = parameters["policy"]
    found = measure(requests, [parameters["cache"]], [policy], seed=seed)
    rows = {row.policy: row for row in found.rows}
    return Outcome(
        {
            "requests": found.requests,
            "dropped_tokens": dropped,
            "misses": rows[policy].misses,
            "misses_of_opt": rows[OPT].misses,
            "ratio_to_opt": exact(rows[policy].ratio_to_opt),
        }
    )


@lru_cache(maxsize=1)
def _requests(path: str, checksum: str, phase: Any, semantics: Any) -> tuple[Requests, int]:
    """Tasks of one trace follow each other."""
    from paging.traces.formats import read_trace

    if _checksum(Path(path)) != checksum:
        raise InvalidTrace(f"{path}: the content has changed since this campaign was begun; run it again")
    found = read_trace(path)
    return found.requests(phase, semantics), found.dropped_tokens(phase)


def _checksum(path: Path) -> str:
    with open_regular(path, "a trace", InvalidTrace) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def memory(parameters: Parameters) -> int:
    """By the size of the file."""
    return LIBRARIES + 100 * MIB + UNPACKED * int(parameters["bytes"])


def work(parameters: Parameters) -> float:
    """By the size of the file."""
    return float(parameters["bytes"])


KIND = Kind("replay", 1, expand, run, memory, work)
