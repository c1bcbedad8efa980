"""Seconds that the replay of a policy in Python takes (part of benchmarks.speed).

.venv/bin/python -m benchmarks.own_policies     writes this section of the table alone
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Set
from pathlib import Path

import numpy as np

from benchmarks.sections import with_section
from benchmarks.speed_rows import TRACES, Trace
from examples.hot_pages import HotPages
from paging.files import write_atomically
from paging.model import Instance, Page
from paging.policies.base import Policy
from paging.policies.lfu import LFU
from paging.policies.lru import LRU
from paging.replay import replay

RESULT = Path(__file__).parent / "results" / "speed.md"
REQUESTS = 768_000
SLOTS = 384
AIM = 20


class Highest(Policy):
    """The least that looks at every candidate."""

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """In one call of a built-in function."""
        return max(candidates)


class Oldest(Policy):
    """LRU as one writes it without thinking of speed."""

    def start(self, instance: Instance, rng: np.random.Generator) -> None:
        """No request yet."""
        self._last: dict[Page, int] = {}
        self._now = 0

    def request(self, page: Page, hit: bool) -> None:
        """Note the time."""
        self._now += 1
        self._last[page] = self._now

    def victim(self, page: Page, candidates: Set[Page]) -> Page:
        """A look-up for each candidate."""
        return min(candidates, key=self._last.__getitem__)


POLICIES = {
    "a queue: looks at the first candidates (LRU)": LRU,
    "max(candidates)": Highest,
    "arrays: np.fromiter(candidates) (LFU)": LFU,
    "min(candidates, key=...)": Oldest,
    "a list of its own, `q in candidates` for each (examples/hot_pages.py)": HotPages,
}

TITLE = f"A policy in Python: {REQUESTS:,} requests, k = {SLOTS}"


def own_policies() -> Iterator[str]:
    """By what they do with the k candidates of a miss, on the widest of the traces."""
    trace = Trace("", Instance(48, 128, SLOTS), TRACES[2].zipf, TRACES[2].width)
    requests = trace.requests(REQUESTS)
    yield f"## {TITLE}\n"
    yield "| what it does with the candidates | misses | seconds | aim |"
    yield "| --- | ---: | ---: | --- |"
    for text, make in POLICIES.items():
        begin = time.process_time()
        run = replay(make(), trace.instance, requests)
        taken = time.process_time() - begin
        met = f"{AIM} s: {'met' if taken <= AIM else 'MISSED'}"
        yield f"| {text} | {run.misses:,} | {taken:.1f} | {met} |"
    yield ""


def main() -> None:
    lines = list(own_policies())
    print(*lines, sep="\n")
    write_atomically(RESULT, with_section(RESULT.read_text(), TITLE, lines).encode())


if __name__ == "__main__":
    main()
