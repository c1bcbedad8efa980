"""The claims of notes/fifo-lower.md, by their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from adversaries.fifo_queue import FifoQueue
from adversaries.planned import Walk
from paging.model import Instance
from tests.proofs.plays import Phase, Rule, Victim, fifo, instances, lru, phases

INSTANCES = instances(10, (4, 3, 9), (7, 9, 40), (32, 8, 64), (3, 4, 11), (48, 128, 576))


def claim_1(instance: Instance, start: Phase, rule: Rule) -> bool:
    """k misses load the queue, which meets every layer; it is in FIFO's cache, in this order."""
    return (
        start.misses == list(start.after) == rule.cached
        and len(start.growths) == instance.cache
        and {instance.layer(page) for page in start.after} == set(range(instance.layers))
    )


def claim_2(instance: Instance, phase: Phase) -> bool:
    """The new queue is x and q_1..q_{k-1}, x from outside, and meets every layer."""
    x, *rest = phase.after
    return (
        rest == list(phase.before[:-1])
        and x not in phase.before
        and {instance.layer(page) for page in phase.after} == set(range(instance.layers))
    )


def claim_3(phase: Phase, rule: Rule) -> bool:
    """FIFO misses x, q_1, ..., q_{k-1}, in this order, and nothing else; then its queue is the new one."""
    return phase.misses == list(phase.after) == rule.cached


def claim_4(phase: Phase) -> bool:
    """Up to x only pages of the old queue are requested, afterwards of the new one: one miss for OPT, at x."""
    at = phase.requests.index(phase.after[0])
    return (
        set(phase.requests[:at]) <= set(phase.before)
        and set(phase.requests[at:]) <= set(phase.after)
        and phase.growths == [phase.after[0]]
    )


def judge(adversary: FifoQueue, victim: Victim, count: int) -> list[bool]:
    """Claims 1 to 4, over ``count`` phases."""
    instance = adversary.instance
    rule = Rule(victim, instance)
    held = [True] * 4
    for number, phase in enumerate(phases(adversary, rule, count)):
        if number == 0:
            held[0] &= claim_1(instance, phase, rule)
        else:
            found = claim_2(instance, phase), claim_3(phase, rule), claim_4(phase)
            held[1:] = [a and b for a, b in zip(held[1:], found, strict=True)]
    return held


@pytest.mark.parametrize("instance", INSTANCES, ids=str)
def test_claims(instance: Instance) -> None:
    count = 2 * instance.cache + 3 if instance.cache < 30 else 3
    assert judge(FifoQueue(instance), fifo, count) == [True] * 4


class AnyPage(FifoQueue):
    """Takes x from anywhere: a layer may be left without a page to wait with."""

    def phase(self, pages: Sequence[int], walk: Walk) -> Sequence[int]:
        if not pages:
            return super().phase(pages, walk)
        queued = set(pages)
        x = next(page for page in range(self.instance.pages) if page not in queued)
        queue = [x, *pages[:-1]]
        filler = {self.instance.layer(page): page for page in pages} | {
            self.instance.layer(page): page for page in queue
        }
        walk.visit(queue, lambda layer: filler.get(layer, self.instance.page(layer, 0)))
        return queue


def test_x_from_any_layer_is_caught() -> None:
    held = judge(AnyPage(Instance(3, 2, 3)), fifo, 6)
    assert held[0]
    assert not held[1]
    assert not held[3]


def test_another_rule_is_caught() -> None:
    """LRU does not miss as claim 3 says."""
    assert judge(FifoQueue(Instance(2, 3, 4)), lru, 6)[2] is False


def test_the_small_case() -> None:
    """The table of the note."""
    instance = Instance(2, 2, 3)
    rule = Rule(fifo, instance)
    shown = list(phases(FifoQueue(instance), rule, 3))
    assert [phase.requests for phase in shown] == [[0, 2, 1], [3, 0, 2], [1, 3, 0], [2, 1, 3]]
    assert [(len(phase.misses), len(phase.growths)) for phase in shown] == [(3, 3)] + [(3, 1)] * 3
