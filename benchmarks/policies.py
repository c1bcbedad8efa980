"""The policies that engines use: how often they hit on recorded traces, beside the worst that is known of them.

.venv/bin/python -m benchmarks.policies [--seconds S]     (the recorded traces: from ../shared/traces where they are there)
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.paper import traces
from bounds.search.found import Candidate, Found
from bounds.search.judge import judge
from bounds.search.problem import Problem
from bounds.search.search import search
from bounds.theorems.of_policy import best_lower, best_upper
from paging.exact import exact, readable
from paging.fast import misses_of
from paging.files import write_atomically
from paging.model import Instance, Requests
from paging.offline.belady import optimal_misses
from paging.policies.named import named
from paging.policies.registry import PRACTICAL

RESULTS = Path(__file__).parent / "results"
WITNESSES = RESULTS / "policies.json"
BESIDE = ("lru", "fifo", "lfu", "llru", "guided-far", "guided-lfu")
"""To compare with."""

INSTANCE = Instance(4, 6, 12)
BEST = INSTANCE.cache - INSTANCE.layers + 1
SECONDS = 10.0

HEADER = f"""# Policies: hit rate and worst case

Command: `.venv/bin/python -m benchmarks.policies` (part of `make bench`), seed 0. *Worst case*: the competitive ratio at
{INSTANCE} (l layers, n experts, k slots), where the best deterministic policy has k-l+1 = {BEST}: what `search` finds in
{{seconds:g}} s or found the last time, or a theorem. *Exact*: nothing worse exists. *At least*: proven, as
policy and OPT stand where they stood after the cycle. *Measured*: misses of the second half of many repetitions against
those of OPT, which proves nothing. The witnesses (requests of the prefix, then of the cycle that comes for ever) are in
[policies.json](policies.json); a test plays them again. `capped` is LRU there, since sets have one page.

Hit rates in percent, sequential semantics, decode; k = one token's pages, then a quarter of all pages (for the synthetic
traces both are 64: 32 layers of 8 experts, 2 of them per token).
"""

PEERS = """
## Beside libcachesim

`sieve`, `arc` and, where 10 divides k, `s3-fifo` miss exactly as often as libcachesim's Sieve, ARC and S3FIFO; a test compares
them where it is installed. For other k libcachesim rounds the number of ghosts down; ours has as many as the main queue has
slots. On the recorded traces they were compared too: with a cache of one token's pages SIEVE does miss that often.

Its SLRU has four lists, and new pages fill them from below while there is room; ours has the two lists of its authors, and
new pages enter the lower one. Its LRU-K forgets the requests of a page that leaves; ours remembers them, as its authors' does
with history kept for ever. Written down so, in the same test, both agree with it to the miss. Its LFU counts a page's
requests since it was loaded; ours counts all of them."""


def worst(name: str, seconds: float, before: Mapping[str, Any] | None) -> Found | Candidate:
    """The worst cycle that is found, or that of the last time, judged again."""
    found = search(INSTANCE, name, seconds=seconds)
    if before is None or not before["cycle"]:
        return found
    problem = Problem.of(INSTANCE, named(name))
    kept = judge(problem, tuple(before["prefix"]), tuple(before["cycle"]), np.random.default_rng(0))
    if kept is None or (kept.ratio, kept.proven) <= (found.ratio, found.proven):
        return found
    return kept


def verdict(name: str, found: Found | Candidate) -> str:
    """The ratio, and what is known of it; a theorem where it says more."""
    theorem, bound = best_lower(INSTANCE, name) or ("", 0)
    said = f"{len(found.prefix):,} + {len(found.cycle):,}"
    ratio, proven = found.ratio, found.proven
    if bound > ratio or (bound == ratio and not proven):
        ratio, proven, said = bound, True, theorem
    kind = "measured" if not proven else "exact" if ratio == best_upper(INSTANCE, name) else "at least"
    return f"{readable(ratio)} | {kind} | {said}"


def witness(found: Found | Candidate) -> dict[str, Any]:
    """Ready for JSON."""
    return {
        "ratio": exact(found.ratio),
        "proven": found.proven,
        "misses": found.misses,
        "growth": found.growth,
        "repetitions": found.repetitions,
        "prefix": found.prefix,
        "cycle": found.cycle,
    }


def cases() -> dict[str, tuple[Requests, int]]:
    """Traces with cache sizes, by the heading of their column."""
    every = traces()
    recorded = [name for name in every if not name.startswith("32x8")]
    synthetic = ["32x8 Zipf 0.5 stickiness 0.0", "32x8 Zipf 1.5 stickiness 0.5"]
    found = {}
    for name in (*recorded, *synthetic):
        requests = every[name]
        for cache in (requests.layers * requests.width, requests.layers * requests.experts // 4):
            found[f"{name}, k = {cache}"] = requests, cache
    return found


def hits(name: str, requests: Requests, cache: int) -> str:
    """In percent."""
    instance = Instance(requests.layers, requests.experts, cache)
    if name == "opt":
        missed = optimal_misses(instance, requests)
    else:
        missed = misses_of(named(name), instance, requests, np.random.default_rng(0))
    return f"{100 * (1 - missed / len(requests)):.1f}"


def table(found: Mapping[str, Found | Candidate]) -> Iterator[str]:
    columns = cases()
    yield "| policy | worst case | | witness | " + " | ".join(columns) + " |"
    yield "| --- | ---: | --- | ---: |" + " ---: |" * len(columns)
    for name in (*found, "opt"):
        rates = " | ".join(hits(name, requests, cache) for requests, cache in columns.values())
        row = f"| {name} | {verdict(name, found[name]) if name in found else '1 | exact |'} | {rates} |"
        print(row, flush=True)
        yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    seconds = parser.parse_args().seconds
    found = {}
    before = json.loads(WITNESSES.read_text())["policies"] if WITNESSES.exists() else {}
    for name in (*BESIDE, *PRACTICAL):
        found[name] = worst(name, seconds, before.get(name))
        print(name, verdict(name, found[name]), flush=True)
    shape = {"layers": INSTANCE.layers, "experts": INSTANCE.experts, "cache": INSTANCE.cache}
    witnesses = {**shape, "policies": {name: witness(one) for name, one in found.items()}}
    lines = [HEADER.format(seconds=seconds), *table(found), PEERS]
    write_atomically(WITNESSES, (json.dumps(witnesses) + "\n").encode())
    write_atomically(RESULTS / "policies.md", ("\n".join(lines) + "\n").encode())


if __name__ == "__main__":
    main()
