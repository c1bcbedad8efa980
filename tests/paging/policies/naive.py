"""The policies from their definitions in words: whole histories, plain lists, nothing shared with the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache as remembered

History = Sequence[int]
Choose = Callable[[History, set[int], int, int, int], int]
"""(requests so far, the missed one last; cached pages; l; n; k) -> the page to evict."""


def last(history: History, page: int) -> int:
    return max((t for t, p in enumerate(history) if p == page), default=-1)


def lru(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    return min(cache, key=lambda p: last(history, p))


def mru(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    return max(cache, key=lambda p: last(history, p))


def lfu(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    return min(cache, key=lambda p: (history.count(p), last(history, p)))


def llru(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    now = len(history) - 1

    def key(page: int) -> tuple[int, int]:
        return (now - last(history, page)) // layers, (page // experts - now % layers - 1) % layers

    return max(cache, key=key)


def update(sets: list[set[int]], page: int) -> list[set[int]]:
    """(L_1..L_k) after a request, as theory states the rule."""
    k = len(sets)
    if k == 1:
        return [{page}]
    at = next((i for i, members in enumerate(sets) if page in members), None)
    if at is None:
        return [{page}, sets[0] | sets[1], *sets[2:]]
    if at < k - 1:
        return [{page}, *sets[:at], (sets[at] - {page}) | sets[at + 1], *sets[at + 2 :]]
    return [{page}, *sets[: k - 1]]


def offset(history: History, slots: int) -> list[set[int]]:
    sets = [{-1 - i} for i in range(slots)]
    for page in history:
        sets = update(sets, page)
    return sets


def safe(history: History, cache: set[int], slots: int) -> set[int]:
    """The pages without which the cache, with the missed page, is still one of the optimal ones."""
    sets = offset(history, slots)

    def optimal(pages: set[int]) -> bool:
        return all(len(pages & set().union(*sets[: i + 1])) >= i + 1 for i in range(slots))

    return {q for q in cache if optimal((cache - {q}) | {history[-1]})}


def guided(rule: Choose) -> Choose:
    def choose(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
        return rule(history, safe(history, cache, slots), layers, experts, slots)

    return choose


def far(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    now = (len(history) - 1) % layers
    return max(cache, key=lambda p: ((p // experts - now - 1) % layers, -last(history, p)))


def keep(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    """``cache``: the safe pages."""
    before = history[-1 - layers] if len(history) > layers else -1
    return before if before in cache else min(cache, key=lambda p: last(history, p))


def lru_2(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    def last_but_one(page: int) -> int:
        return last(history[: last(history, page)], page)

    return min(cache, key=lambda p: (last_but_one(p), last(history, p)))


def lfru(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    return min(
        cache, key=lambda p: (Fraction(history.count(p), len(history) - last(history, p)), last(history, p))
    )


def least_stale(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    """Loaded: the first request since which the page was in the cache, which is played again."""
    token = (len(history) - 1) // layers
    loaded: dict[int, int] = {}
    for time, before in enumerate(_least_stale_before(tuple(history[:-1]), layers, experts, slots)):
        loaded = {page: loaded.get(page, time) for page in before}
    return min(cache, key=lambda p: (last(history, p) // layers == token, loaded[p]))


@remembered
def _least_stale_before(history: tuple[int, ...], layers: int, experts: int, slots: int) -> list[set[int]]:
    return play(least_stale, history, layers, experts, slots)


def frequency_distance(history: History, cache: set[int], layers: int, experts: int, slots: int) -> int:
    now = (len(history) - 1) % layers

    def key(page: int) -> tuple[int, int]:
        ahead = next(d for d in range(layers) if (now + 1 + d) % layers == page // experts)
        return history.count(page) * (layers - ahead), last(history, page)

    return min(cache, key=key)


def heat_by(halved_every: int) -> Choose:
    def heat(history: History, page: int) -> int:
        value = 0
        for time, requested in enumerate(history):
            if time and time % halved_every == 0:
                value //= 2
            value += requested == page
        return value

    return lambda history, cache, *_: min(cache, key=lambda p: (heat(history, p), last(history, p)))


def static_by(profile: int) -> Choose:
    def rank(history: History, page: int) -> tuple[int, int]:
        seen = history[:profile]
        return seen.count(page), last(seen, page) if page in seen else page

    return lambda history, cache, *_: min(cache, key=lambda p: rank(history, p))


NAIVE: dict[str, Choose] = {
    "lru": lru,
    "mru": mru,
    "lfu": lfu,
    "llru": llru,
    "lru-2": lru_2,
    "lfru": lfru,
    "least-stale": least_stale,
    "frequency-distance": frequency_distance,
    "guided-far": guided(far),
    "guided-keep": guided(keep),
    "guided-lru": guided(lru),
    "guided-lfu": guided(lfu),
    "guided-llru": guided(llru),
}


def play(rule: Choose, stream: Sequence[int], layers: int, experts: int, slots: int) -> list[set[int]]:
    """The cache after each request."""
    cache: set[int] = set()
    caches = []
    for time, page in enumerate(stream):
        if page not in cache and len(cache) == slots:
            cache.discard(rule(stream[: time + 1], set(cache), layers, experts, slots))
        cache.add(page)
        caches.append(set(cache))
    return caches


def play_fifo(stream: Sequence[int], slots: int) -> list[set[int]]:
    queue: list[int] = []
    caches = []
    for page in stream:
        if page not in queue:
            queue = [*queue, page][-slots:]
        caches.append(set(queue))
    return caches
