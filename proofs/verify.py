"""Checks certificates for competitive ratios of layered paging:  python -I proofs/verify.py FILE...

Standard library only, exact integers and fractions, nothing of the project that writes the certificates. Exit status 0 if
every file proves its claim, 1 if one does not. The format is documented in proofs/certificates.md.

The game. l layers of n experts, a cache of k slots; requests visit the layers in turn. ALG pays 1 for a page that is not in
its cache and must load it; if the cache is full it evicts. What the best offline algorithm pays is known online from the sets
(L_1..L_k) of the offset function (Koutsoupias & Papadimitriou): on a request p in no set OPT grows by 1 and they become
({p}, L_1 | L_2, L_3, ..., L_k); for p in L_i they become ({p}, L_1, ..., L_{i-1}, (L_i - p) | L_{i+1}, L_{i+2}, ..., L_k),
and for i = k ({p}, L_1, ..., L_{k-1}). Here every page has a *label* (level, token): the level i of its set, k+1 outside; an
odd token if it is in ALG's cache, an even one otherwise; the rest of the token is memory. A *state* is the list of all labels,
layer by layer from the one whose turn it is, sorted in each layer: experts of a layer are alike, and so are the layers.

The argument. Give a move of ALG the weight miss - r * growth of OPT. If potentials V fulfil V(x) >= weight + V(y) for all
moves x -> y that a strategy of ALG leaves to the adversary, then ALG - r * OPT <= V(start) - min V for ever: the ratio is
at most r. If V(x) <= weight + V(y) for all moves that a strategy of the adversary leaves to ALG, ALG - r * OPT is bounded
from below; if from every state the play comes to a miss, whatever ALG does, then ALG pays without end: the ratio is at least r.

Randomized ALG, from above: a distribution over full caches for each state of the offset function, equal for caches that
look alike, and for each request a plan that moves the distribution before to the one after, through caches with the requested
page (marked: 2 is added to its token); V(x) >= expected loads - r * growth + V(y). From below (Yao): a chain draws requests
from the offset function and its memory, the order of the last M pages requested (token // 2; 0: forgotten), and from every
state can come to growth of OPT; V(x) <= expected miss - r * growth + V(y) whatever ALG evicts.

The start. Games of both sides begin with a full cache of known pages, and OPT with the same. That changes no ratio: a cache
that begins full and then does what another one does from empty always contains that other one; and OPT from a full cache pays
at most what it pays from empty, and at most k less. Policies begin empty (OPT's empty slots have their own levels).

To be trusted: this file, Python's interpreter and standard library, the update rule above, and these arguments.
"""

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb, prod
from pathlib import Path
from typing import Any

FORMAT, VERSION = "layered-paging certificate", 1

Label = tuple[int, int]
Tokens = list[int] | None
Certificate = dict[str, Any]


class Rejected(Exception):
    """The certificate does not prove its claim."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise Rejected(why[:300])  # what is quoted may be endless


def fraction(text: str) -> Fraction:
    need(re.fullmatch(r"-?\d+(/\d+)?", text), f"{text!r}: expected a fraction as text")
    return Fraction(text)


@dataclass
class Board:
    """The labels of a state, and what a request does to them."""

    layers: int
    experts: int
    slots: int
    labels: list[Label]  # (level, token) by position
    empty: list[int]  # levels of slots that OPT has never used

    def key(self) -> str:
        """Sort the labels of each layer; the state as text."""
        n = self.experts
        rows = [sorted(self.labels[i : i + n]) for i in range(0, len(self.labels), n)]
        self.labels = [label for row in rows for label in row]
        text = "|".join(" ".join(f"{level}.{token}" for level, token in row) for row in rows)
        unused = " ".join(map(str, sorted(self.empty))) if any(e <= self.slots for e in self.empty) else ""
        return f"{text}#{unused}" if unused else text

    def copy(self, mask: int = -1) -> "Board":
        """An independent board; of the tokens only the bits of the mask."""
        return replace(self, labels=[(level, token & mask) for level, token in self.labels])

    def cached(self) -> list[int]:
        """The positions of the cached pages."""
        return [i for i, (_, token) in enumerate(self.labels) if token & 1]

    def grow(self, position: int, memory: int | None = None) -> int:
        """The update rule (also of the memory), and the next layer's turn; returns the growth of OPT."""
        at, token = self.labels[position]

        def risen(level: int) -> int:
            return level + 1 if (level == 1 if at > self.slots else level <= at) else level

        def older(level: int, other: int) -> int:
            place = (other >> 1) + (other > 1 and (token < 2 or other >> 1 < token >> 1))
            return other & 1 | (2 * place if place <= (memory or 0) and level <= self.slots else 0)

        self.empty = [risen(level) for level in self.empty]
        labels = [(risen(level), other) for level, other in self.labels]
        if memory is not None:
            labels = [(level, older(level, other)) for level, other in labels]
            token = token & 1 | 2 * (memory > 0)
        labels[position] = (1, token)
        self.labels = labels[self.experts :] + labels[: self.experts]
        return int(at > self.slots)

    def swap(self, position: int, victims: list[int]) -> int:
        """The page at ``position`` is needed; victims leave if it is missing and the cache is full. Returns the miss."""
        cached = self.cached()
        if position in cached:
            need(not victims, "an eviction on a hit")
            return 0
        need(len(victims) == len(set(victims) & set(cached)), "a victim is not in the cache")
        need(victims or len(cached) < self.slots, "the cache is full: expected a victim")
        for v in (position, *victims):
            self.labels[v] = (self.labels[v][0], self.labels[v][1] ^ 1)
        return 1

    def put(self, tokens: list[int]) -> None:
        """New tokens, position by position."""
        fits = len(tokens) == len(self.labels) and all(
            t >= 0 and t & 1 == old & 1 for t, (_, old) in zip(tokens, self.labels)
        )
        need(fits, "tokens: expected an odd number for each cached page, an even one for the others")
        self.labels = [(level, token) for (level, _), token in zip(self.labels, tokens)]


def first(layers: int, experts: int, slots: int, full: bool) -> Board:
    """Nothing was requested or cached; or page x_i, requested i requests ago, is alone in L_i and in the cache."""
    labels = [(slots + 1, 0)] * (layers * experts)
    for i in range(1, slots + 1) if full else ():
        labels[-i % layers * experts + (i - 1) // layers] = (i, 1)
    return Board(layers, experts, slots, labels, [] if full else [*range(1, slots + 1)])


KNOWN = {"lru": True, "fifo": False}
"""Policies that this file knows; whether a hit makes a page the newest. Token 1 is the newest, then 3, 5, ..."""


def known_answer(board: Board, position: int, renews: bool) -> tuple[list[int], list[int]]:
    """Evict the oldest page; tokens afterwards."""
    tokens = [token for _, token in board.labels]
    old, cached = tokens[position], board.cached()
    victims = [] if old or len(cached) < board.slots else [max(cached, key=lambda i: tokens[i])]
    if renews or not old:
        tokens = [t + 2 if t and (not old or t < old) else t for t in tokens]
        tokens[position] = 1
    return victims, [0 if i in victims else t for i, t in enumerate(tokens)]


def serve(
    board: Board, position: int, victims: list[int], tokens: Tokens = None, memory: int | None = None
) -> tuple[int, int, Board]:
    """One request with ALG's answer; returns miss, growth and the board after it."""
    need(0 <= position < board.experts, f"position {position} is not in the layer whose turn it is")
    after = board.copy()
    miss = after.swap(position, victims)
    if tokens is not None:
        after.put(tokens)
    return miss, after.grow(position, memory), after


def answer(c: Certificate, board: Board, key: str, position: int) -> tuple[list[int], Tokens]:
    """Victims and tokens by a rule that this file knows, or the certificate's table; of deterministic ALG a victim."""
    if c["kind"] == "deterministic-upper":
        return [] if board.labels[position][1] & 1 else [c["states"][key][1][str(position)]], None
    if c["policy"] in KNOWN:
        return known_answer(board, position, KNOWN[c["policy"]])
    victims, tokens = c["moves"][key][str(position)]
    return victims, tokens


def potential(c: Certificate, key: str) -> Fraction:
    """States have a list each: first the potential, then the strategy."""
    return fraction(c["states"][key][0])


def walk(start: Board, successors: Callable[[str, Board], Iterable[Board]]) -> int:
    """All states from the start on; ``successors(key, board)`` checks a state and gives the boards after it."""
    key = start.key()
    seen, waiting = {key}, [(key, start)]
    while waiting:
        key, board = waiting.pop()
        for after in successors(key, board):
            other = after.key()
            if other not in seen:
                seen.add(other)
                waiting.append((other, after))
    return len(seen)


def upper(c: Certificate, start: Board, r: Fraction) -> int:
    """V(x) >= weight + V(y) for every request and the answer to it."""

    def successors(key: str, board: Board) -> Iterator[Board]:
        for i in {board.labels.index(label) for label in board.labels[: board.experts]}:
            miss, growth, after = serve(board, i, *answer(c, board, key, i))
            ahead = miss - r * growth + potential(c, after.key())
            need(potential(c, key) >= ahead, f"state {key}: the potential is too small for position {i}")
            yield after

    return walk(start, successors)


def draws(c: Certificate, board: Board, key: str) -> list[tuple[Fraction, int]]:
    """Probability and position of each request of the adversary, which is deterministic or a chain."""
    if c["kind"] == "deterministic-lower":
        return [(Fraction(1), c["states"][key][1])]
    state = board.copy(~1).key()
    weights = {label: fraction(weight) for label, weight in c["chain"][state].items()}
    row = [f"{level}.{token & ~1}" for level, token in board.labels[: board.experts]]
    total = sum(weights.values())
    need(min(weights.values()) >= 0 and total > 0, f"chain at {state}: bad weights")
    need(set(weights) <= set(row), f"chain at {state}: no such label")
    shares = [weights.get(label, Fraction(0)) / total / row.count(label) for label in row]
    return [(share, i) for i, share in enumerate(shares) if share]


def lower(c: Certificate, start: Board, r: Fraction, memory: int | None) -> int:
    """V(x) <= expected weight + V(y) whatever the answer; from every state there is a way to a miss (a chain: to growth)."""
    ahead: dict[str, set[str | None]] = {}  # None: it is there
    mask = -1 if memory is None else ~1

    def successors(key: str, board: Board) -> Iterator[Board]:
        gain = Fraction(0)
        for probability, i in draws(c, board, key):
            values = []
            for victims in [[]] if board.labels[i][1] & 1 else [[v] for v in board.cached()]:
                miss, growth, after = serve(board, i, victims, memory=memory)
                values.append(miss - r * growth + potential(c, after.key()))
                there = miss if memory is None else growth
                ahead.setdefault(board.copy(mask).key(), set()).add(None if there else after.copy(mask).key())
                yield after
            gain += probability * min(values)
        need(gain >= potential(c, key), f"state {key}: the potential is too large")

    count = walk(start, successors)
    done: set[str | None] = {None}
    while more := {state for state, after in ahead.items() if after & done} - done:
        done |= more
    need(set(ahead) <= done, "the adversary may let everybody hit for ever")
    return count


def policy_lower(c: Certificate, board: Board, r: Fraction | None) -> int:
    """Play the prefix, then the cycle: the state recurs, and the cycle has the ratio."""
    for part in ("prefix", "cycle"):
        misses, growths, begin = 0, 0, board.key()
        for i in c[part]:
            miss, growth, board = serve(board, i, *answer(c, board, board.key(), i))
            misses, growths = misses + miss, growths + growth
    need(c["cycle"] and board.key() == begin, "the state does not recur after the cycle")
    good = misses > 0 and (growths == 0 if r is None else misses >= r * growths)
    need(good, f"the cycle costs {misses} against {growths}")
    return len(c["prefix"]) + len(c["cycle"])


def looks(board: Board) -> tuple[Counter[Label | tuple[int, int, int]], Counter[Any]]:
    """How many pages of a layer look alike but for the cache, and how many of them are cached."""
    groups = [(i // board.experts, level, token & ~1) for i, (level, token) in enumerate(board.labels)]
    return Counter(groups), Counter(groups[i] for i in board.cached())


def alike(board: Board) -> int:
    """How many caches look like this one."""
    pages, cached = looks(board)
    return prod(comb(pages[group], cached[group]) for group in pages)


def parse(text: str, board: Board) -> Board:
    """A full cache on the levels of ``board``, as text."""
    labels = [tuple(map(int, item.split("."))) for row in text.split("|") for item in row.split(" ")]
    result = replace(board, labels=[(level, token) for level, token in labels])
    fits = len(labels) == len(board.labels) and result.key() == text and result.copy(0).key() == board.key()
    need(fits and len(result.cached()) == board.slots, f"{text}: not a cache of state {board.key()}")
    return result


def randomized_upper(c: Certificate, start: Board, r: Fraction) -> int:
    def caches(key: str) -> dict[str, Fraction]:
        result = {text: fraction(mass) for text, mass in c["states"][key][1].items()}
        need(min(result.values(), default=0) >= 0 and sum(result.values()) == 1, f"{key}: not a distribution")
        return result

    def supply(board: Board, key: str, level: int) -> dict[str, Fraction]:
        """The caches with the requested page, any of this level, marked."""
        result: dict[str, Fraction] = {}
        for text, mass in caches(key).items():
            cache = parse(text, board)
            peers = [j for j in range(board.experts) if cache.labels[j][0] == level]
            for j in peers:
                marked = cache.copy()
                marked.labels[j] = (level, cache.labels[j][1] | 2)
                result[marked.key()] = result.get(marked.key(), Fraction(0)) + mass / len(peers)
        return result

    def successors(key: str, board: Board) -> Iterator[Board]:
        for i in {board.labels.index(label) for label in board.labels[: board.experts]}:
            what, level = f"plan {i} of {key}", board.labels[i][0]
            left, arrived, cost = supply(board, key, level), dict[str, Fraction](), Fraction(0)
            for begin, end, part in c["states"][key][2][str(i)]:
                mass = fraction(part)
                need(0 < mass <= left.get(begin, 0), f"{what}: {begin} has not that mass")
                left[begin] -= mass
                arrived[end] = arrived.get(end, Fraction(0)) + mass
                before, now = looks(parse(begin, board))[1], looks(parse(end, board))[1]
                cost += mass * sum(max(0, count - before[group]) for group, count in now.items())
            need(not any(left.values()), f"{what}: some caches go nowhere")
            after = board.copy()
            growth = after.grow(i)
            goal = caches(after.key())
            for text, mass in arrived.items():
                cache = parse(text, board)
                marks = [j for j, (_, token) in enumerate(cache.labels) if token & 2]
                good = [j for j in range(board.experts) if cache.labels[j] == (level, 3)]
                need(len(marks) == 1 and marks == good, f"{text}: expected the requested page in the cache")
                looked = alike(cache)
                cache.grow(marks[0])
                cache = cache.copy(1)
                share = goal.get(cache.key(), 0) * Fraction(looked, alike(cache))
                need(mass == share, f"{what}: {text} gets {mass}, not {share}")
            ahead = cost - r * growth + potential(c, after.key())
            need(potential(c, key) >= ahead, f"state {key}: the potential is too small for position {i}")
            yield after

    return walk(start.copy(0), successors)


def verify(c: Any) -> str:
    """Raise Rejected unless the certificate, a dict, proves its claim; return what it proves, for people."""
    try:
        need((c["format"], c["version"]) == (FORMAT, VERSION), f"expected a {FORMAT}, version {VERSION}")
        return f"{c['kind']} at (l={c['layers']}, n={c['experts']}, k={c['cache']}): {claim(c)}"
    except KeyError as error:
        raise Rejected(f"{error} is missing") from error
    except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError) as error:
        raise Rejected(f"malformed: {error}") from error


def claim(c: Certificate) -> str:
    """What a well-formed certificate proves."""
    l, n, k = c["layers"], c["experts"], c["cache"]
    need(all(type(number) is int for number in (l, n, k)), "layers, experts, cache: expected integers")
    need(0 < k < l * n <= 4096 and l > 0, "expected 0 < k < n*l <= 4096")
    full, empty = first(l, n, k, True), first(l, n, k, False)
    empty.put([0] * l * n if c.get("policy") in KNOWN else c.get("start", [0] * l * n))
    infinite = (c["kind"], c["ratio"]) == ("policy-lower", "inf")
    r = Fraction(0) if infinite else fraction(c["ratio"])
    need(infinite or r > 0, "ratio: expected a positive fraction")
    kinds: dict[str, Callable[[], int]] = {
        "policy-lower": lambda: policy_lower(c, empty, None if infinite else r),
        "policy-upper": lambda: upper(c, empty, r),
        "deterministic-upper": lambda: upper(c, full, r),
        "deterministic-lower": lambda: lower(c, full, r, None),
        "randomized-upper": lambda: randomized_upper(c, full, r),
        "randomized-lower": lambda: lower(c, full, r, int(c["memory"])),
    }
    need(c["kind"] in kinds, f"unknown kind {c['kind']!r}")
    states, whose = kinds[c["kind"]](), ""
    if c["kind"].startswith("policy"):
        trust = "" if c["policy"] in KNOWN else " (a transducer of that name, identity not verified)"
        whose = f" of {c['policy']}{trust}"
    return f"ratio {'<=' if c['kind'].endswith('upper') else '>='} {c['ratio']}{whose}, {states} states"


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON objects without repeated names."""
    result = dict(pairs)
    need(len(result) == len(pairs), "a name occurs twice in an object")
    return result


def load(path: str) -> Any:
    """The JSON document in a file, packed or not."""
    content = Path(path).read_bytes()
    packed = content[:2] == b"\x1f\x8b"
    return json.loads(gzip.decompress(content) if packed else content, object_pairs_hook=unique)


def main(paths: list[str]) -> int:
    """Check files; the exit status."""
    failed = not paths
    for path in paths:
        try:
            print(f"{path}: proved: {verify(load(path))}")
        except (Rejected, OSError, ValueError, EOFError, RecursionError, zlib.error) as error:
            failed = True
            print(f"{path}: REJECTED: {error}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
