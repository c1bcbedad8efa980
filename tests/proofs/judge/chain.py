"""Whether the random adversary of a document forces a ratio: its draws, on real pages.

The adversary knows the state of the offset function and the last M pages requested, without those that are in no set any more
(their places stay). For each such state the document has weights of labels (level, twice the place; 0: forgotten): it draws a
label of the layer whose turn it is, then a page with it, evenly. The potentials V of the document are functions of a state and
a cache of real pages. If V <= expected miss - ratio * growth + V afterwards, whatever is evicted, then cost - ratio * OPT is
bounded from below on average, for every policy; growth that is possible from everywhere comes again and again.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, NamedTuple

from tests.proofs.judge.offsets import NotAStrategy, Offset, first, request
from tests.proofs.judge.optimum import Optimum, Problem


class Drawn(NamedTuple):
    """The offset function and the places of the memory, the newest page first; None: nobody."""

    offset: Offset
    places: tuple[int | None, ...]

    def tokens(self, problem: Problem, cache: int = 0) -> tuple[int, ...]:
        places = {page: 2 * place for place, page in enumerate(self.places, 1) if page is not None}
        return tuple(places.get(page, 0) + (cache >> page & 1) for page in range(problem.pages))

    def text(self, problem: Problem, cache: int = 0) -> str:
        return self.offset.text(problem, self.tokens(problem, cache))


def number(text: Any) -> Fraction:
    if not (isinstance(text, str) and re.fullmatch("-?[0-9]+(/[1-9][0-9]*)?", text)):
        raise NotAStrategy("no number")
    return Fraction(text)


def remembered(places: tuple[int | None, ...], page: int, levels: tuple[int, ...], slots: int) -> Any:
    """The places after a request."""
    rest = places[: places.index(page)] + places[places.index(page) + 1 :] if page in places else places
    # of a page that was not remembered everybody moves up, and the last one is forgotten
    line = (page, *rest)[: len(places)]
    return tuple(None if p is None or levels[p] > slots else p for p in line)


def draws(problem: Problem, state: Drawn, chain: Any) -> dict[int, Fraction]:
    """Pages and their probabilities."""
    weights = chain.get(state.text(problem))
    if not (isinstance(weights, dict) and weights):
        raise NotAStrategy("a state without weights")
    tokens, levels = state.tokens(problem), state.offset.levels
    pages = problem.turn(state.offset.turn)
    named = {page: f"{levels[page]}.{tokens[page]}" for page in pages}
    values = {label: number(weight) for label, weight in weights.items()}
    if not set(values) <= set(named.values()) or min(values.values()) <= 0:
        raise NotAStrategy("weights of something else")
    total, peers = sum(values.values()), list(named.values())
    return {p: values[name] / total / peers.count(name) for p, name in named.items() if name in values}


def forces(c: Any, problem: Problem, ratio: Fraction) -> bool:
    """Whether every policy has at least this ratio. Raises NotAStrategy if nothing is drawn."""
    memory, chain, states = c["memory"], c["chain"], c["states"]
    if not (type(memory) is int and memory >= 0 and isinstance(chain, dict) and isinstance(states, dict)):
        raise NotAStrategy("no chain")
    optimum = Optimum(problem)
    offset, full = first(problem, optimum)
    begin = Drawn(offset, (None,) * memory)
    waiting, seen = [(begin, full)], {(begin, full)}
    nexts: dict[Drawn, list[tuple[int, Fraction, Drawn, int]]] = {}

    def potential(state: Drawn, cache: int) -> Fraction:
        entry = states.get(state.text(problem, cache))
        if not (isinstance(entry, list) and len(entry) == 1):
            raise NotAStrategy("a state without a potential")
        return number(entry[0])

    for state, cache in waiting:
        if state not in nexts:
            nexts[state] = []
            for page, share in draws(problem, state, chain).items():
                after, growth = request(problem, optimum, state.offset, page)
                places = remembered(state.places, page, after.levels, problem.slots) if memory else ()
                nexts[state].append((page, share, Drawn(after, places), growth))
        expected = Fraction(0)
        for page, share, drawn, growth in nexts[state]:
            bit = 1 << page
            miss = int(not cache & bit)
            held = [1 << p for p in range(problem.pages) if cache >> p & 1]
            caches = [cache ^ victim | bit for victim in held] if miss else [cache]
            expected += share * (miss - ratio * growth + min(potential(drawn, new) for new in caches))
            for new in caches:
                if (drawn, new) not in seen:
                    seen.add((drawn, new))
                    waiting.append((drawn, new))
        if potential(state, cache) > expected:
            return False
    grows = {state for state, moves in nexts.items() if any(growth for *_, growth in moves)}
    while (
        more := {state for state, moves in nexts.items() if any(y in grows for _, _, y, _ in moves)} - grows
    ):
        grows |= more
    return len(grows) == len(nexts)
