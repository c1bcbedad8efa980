"""The best deterministic ratio on real pages: (turn, work function, cache), no symmetry.

For a ratio p/q each request has the weight q * miss - p * growth. The policy keeps the ratio if the least fixed point of
V = max(0, max over pages, min over evictions of weight + V) is finite. The adversary forces it if the fixed point with roles
exchanged is, where it must leave the free requests (no miss, no growth) after finitely many: from each state it goes along free
requests to the best one where it makes another. So each of its cycles has a miss and at least the ratio. The value is the
number for which both are finite.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

import numpy as np
import numpy.typing as npt

from tests.proofs.judge.optimum import Optimum, Problem

Ints = npt.NDArray[np.int64]
State = tuple[int, int, int]
NEVER = 1 << 40


class Game:
    """Arrays by state and page: miss, growth, successors (repeated where there are fewer evictions).

    ``cache``: slots of the policy, if not as many as the problem gives the optimum.
    """

    def __init__(self, problem: Problem, cache: int | None = None) -> None:
        optimum, slots = Optimum(problem), problem.slots if cache is None else cache
        numbers: dict[State, int] = {(0, 0, 0): 0}
        waiting = [(0, 0, 0)]
        miss, growth, after = [], [], []
        for turn, function, content in waiting:
            for page in problem.turn(turn):
                bit, (next_function, grown) = 1 << page, optimum.request(function, page)
                caches = [content | bit]
                if caches[0].bit_count() > slots:
                    caches = [content ^ q | bit for i in range(problem.pages) if (q := 1 << i) & content]
                rows = []
                for new in caches:
                    state = problem.next(turn), next_function, new
                    if state not in numbers:
                        numbers[state] = len(numbers)
                        waiting.append(state)
                    rows.append(numbers[state])
                after.append((rows * slots)[:slots])
                miss.append(not content & bit)
                growth.append(grown)
        shape = len(waiting), problem.experts
        self.states = len(waiting)
        self.miss: Ints = np.array(miss, np.int64).reshape(shape)
        self.growth: Ints = np.array(growth, np.int64).reshape(shape)
        self.after: Ints = np.array(after, np.int64).reshape(*shape, slots)

    def policy_keeps(self, ratio: Fraction, rounds: int) -> bool:
        """Whether the policy's fixed point is reached within so many rounds."""
        weight = ratio.denominator * self.miss - ratio.numerator * self.growth
        value = np.zeros(self.states, np.int64)
        for _ in range(rounds):
            new = np.maximum(0, (weight + value[self.after].min(2)).max(1))
            if (new == value).all():
                return True
            value = new
        return False

    def adversary_forces(self, ratio: Fraction, rounds: int) -> bool:
        """Whether the adversary's is."""
        weight = ratio.denominator * self.miss - ratio.numerator * self.growth
        free = (self.miss == 0) & (self.growth == 0)
        value = np.zeros(self.states, np.int64)
        for _ in range(rounds):
            new = np.maximum(0, np.where(free, NEVER, value[self.after].max(2) - weight).min(1))
            while True:
                led = np.minimum(new, np.where(free, new[self.after[:, :, 0]], NEVER).min(1))
                if (led == new).all():
                    break
                new = led
            if (new == value).all():
                return True
            value = new
        return False


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction strictly between two with the least denominator."""
    denominator = 1
    while True:
        numerator = low.numerator * denominator // low.denominator + 1
        if Fraction(numerator, denominator) < high:
            return Fraction(numerator, denominator)
        denominator += 1


@cache
def best_deterministic(layers: int, experts: int, slots: int, optimum: int | None = None) -> Fraction:
    """The number that the policy keeps and the adversary forces: bisection along the simplest fractions. ``optimum``: its
    slots, if not the policy's."""
    game = Game(Problem(layers, experts, slots if optimum is None else optimum), slots)
    low, high, rounds = Fraction(0), Fraction(slots + 1), 256
    while True:
        middle = simplest(low, high)
        keeps = game.policy_keeps(middle, rounds)
        forces = game.adversary_forces(middle, rounds)
        if keeps and forces:
            return middle
        if keeps:
            high = middle
        elif forces:
            low = middle
        else:
            rounds *= 4
