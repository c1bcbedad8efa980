"""How good the search is: against exact ratios, with few states of the graph, and against the theorems on large instances.

.venv/bin/python -m benchmarks.search
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bounds.exact.ratio import exact_ratio
from bounds.search.embedding import embedded
from bounds.search.search import search
from bounds.theorems.of_policy import best_lower
from paging.errors import UnsupportedProblem
from paging.exact import Value, exact, readable
from paging.files import write_atomically
from paging.model import Instance
from proofs.atlas_cells import instances

RESULT = Path(__file__).parent / "results" / "search.md"

NAMES = ("lru", "fifo", "llru", "mru", "guided-far", "guided-lru")
LARGE = (Instance(4, 6, 12), Instance(8, 8, 20), Instance(16, 8, 40), Instance(32, 8, 64))
SECONDS = 10.0
LARGE_SECONDS = 20.0
MOST_STATES = 4_000_000
"""Of a graph whose exact ratio is computed for comparison."""

TINY = 100
"""States of a graph of which 10 % are fewer than 10."""


@dataclass(frozen=True, slots=True)
class Trial:
    """``states``: of the whole graph."""

    name: str
    instance: Instance
    exact: Value
    found: Value
    states: int
    visited: int
    seconds: float

    @property
    def share(self) -> float:
        """Found / exact; of an infinite ratio all or nothing."""
        if math.inf in (self.exact, self.found):
            return float(self.exact == self.found)
        return float(self.found / self.exact)


def trial(name: str, instance: Instance, tenth: bool) -> Trial:
    """One search with a known answer; ``tenth``: a tenth of the graph may be visited, nothing but the graph is looked at."""
    known = exact_ratio(instance, name, most=MOST_STATES)
    begin = time.perf_counter()
    most = max(1, known.product.states // 10) if tenth else None
    given = () if tenth else embedded(instance, name)
    found = search(
        instance,
        name,
        seconds=SECONDS,
        searchers=["product"] if tenth else None,
        seeds=given,
        most_states=most,
    )
    seconds = time.perf_counter() - begin
    assert found.ratio <= known.ratio, f"{name} at {instance}: {found.ratio} is above {known.ratio}"
    assert most is None or found.visited <= most
    return Trial(name, instance, known.ratio, found.ratio, known.product.states, found.visited, seconds)


def trials(chosen: list[Instance], tenth: bool) -> tuple[list[Trial], list[str]]:
    """All policies at all instances; and what was not computed."""
    done, refused = [], []
    for name in NAMES:
        for instance in chosen:
            try:
                done.append(trial(name, instance, tenth))
            except UnsupportedProblem as error:
                refused.append(f"{name}: {error}")
    return done, refused


def summary(done: list[Trial]) -> Iterator[str]:
    """A row per policy, and the misses."""
    yield "| policy | instances | exact found | share | mean of found/exact | longest, s |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for name in (*NAMES, "all"):
        own = [each for each in done if name in (each.name, "all")]
        hits = sum(each.exact == each.found for each in own)
        mean = sum(each.share for each in own) / len(own)
        longest = max(each.seconds for each in own)
        yield f"| {name} | {len(own)} | {hits} | {hits / len(own):.1%} | {mean:.3f} | {longest:.1f} |"


def missed(done: list[Trial]) -> Iterator[str]:
    """What was not found."""
    yield "| policy | instance | exact | found | states | visited |"
    yield "| --- | --- | ---: | ---: | ---: | ---: |"
    for each in done:
        if each.exact != each.found:
            values = f"{exact(each.exact)} | {exact(each.found)} | {each.states:,} | {each.visited:,}"
            yield f"| {each.name} | {each.instance} | {values} |"


def large() -> Iterator[str]:
    """The search against the best theorem."""
    yield "| instance | policy | best theorem | search | proven | beats it | by |"
    yield "| --- | --- | ---: | ---: | --- | --- | --- |"
    for instance in LARGE:
        for name in NAMES:
            theorem, bound = best_lower(instance, name) or ("none", 0)
            given = embedded(instance, name)
            found = search(instance, name, seconds=LARGE_SECONDS, seeds=given)
            verdict = "yes" if found.ratio > bound else ("equal" if found.ratio == bound else "NO")
            row = f"{readable(bound)} ({theorem}) | {readable(found.ratio)} | {found.proven} | {verdict}"
            yield f"| {instance} | {name} | {row} | {found.searcher} |"
            print(row, flush=True)


def main() -> None:
    warm = Instance(2, 2, 3)
    for name in NAMES:
        search(warm, name, seconds=5)  # compile once
    small, _ = trials(list(instances(8)), False)
    print(*summary(small), sep="\n", flush=True)
    tenth, refused = trials([each for each in instances(10) if each.pages > 8], True)
    print(*summary(tenth), sep="\n", flush=True)
    enough = [each for each in tenth if each.states >= TINY]
    lines = [
        "# Search",
        "",
        "Command: `.venv/bin/python -m benchmarks.search` (part of `make bench`); one process, seed 0, one run each.",
        "No value found is above the exact one (asserted).",
        "",
        f"## All instances with n·l <= 8, {SECONDS:g} s each (aim: exact on at least 95 %)",
        "",
        *summary(small),
        "",
        "## n·l = 9 and 10, visiting at most 10 % of the graph (aim: exact on at least 80 %)",
        "",
        "No adversaries, no embedded games: only the searcher `product`. Every state of the graph (up to symmetry) that was",
        "touched counts, whether or not it was looked at again.",
        "",
        *summary(tenth),
        "",
        f"Graphs with fewer than {TINY} states leave fewer than 10 to visit, often less than any way to a cycle and the",
        f"cycle itself. Without these {len(tenth) - len(enough)}:",
        "",
        *summary(enough),
        "",
        "Not found:",
        "",
        *missed(tenth),
        "",
        f"Exact ratio not computed ({len(refused)} graphs too large, or ages that do not fit into labels), not counted:",
        "",
        *(f"* {each}" for each in refused),
        "",
        f"## Large instances, {LARGE_SECONDS:g} s each (aim: at least the best proven lower bound)",
        "",
        *large(),
    ]
    write_atomically(RESULT, ("\n".join(lines) + "\n").encode())
    print(RESULT.read_text())


if __name__ == "__main__":
    main()
