"""Checks certificates for competitive ratios of layered paging:  python -I proofs/verify.py FILE...

Standard library only, exact integers and fractions, nothing of the project that writes the certificates. Exit status 0 if
every file proves its claim, 1 if one does not. The format is documented in proofs/certificates.md.

The game. l layers of n experts, a cache of k slots; requests visit the layers in turn. ALG pays 1 for a page that is not in
its cache and must load it; if the cache is full it evicts. What the best offline algorithm pays is known online from the sets
(L_1..L_k) of the offset function (Koutsoupias & Papadimitriou): on a request p in no set OPT grows by 1 and they become ({p},
L_1 | L_2, L_3, ..., L_k); for p in L_i they become ({p}, L_1, ..., L_{i-1}, (L_i - p) | L_{i+1}, L_{i+2}, ..., L_k), and for
i = k ({p}, L_1, ..., L_{k-1}). Here every page has a *label* (level, token): the level i of its set, k+1 outside; token 0 if
it is not in ALG's cache, else a positive number in which a policy's state may be kept. A *state* is the list of all labels,
layer by layer from the layer whose turn it is, sorted in each layer: experts of a layer are alike, and so are the layers.

The argument. Give a move of ALG the weight q * miss - p * growth of OPT. If potentials V fulfil V(x) >= weight + V(y) for all
moves x -> y that a strategy of ALG leaves to the adversary, then q * ALG - p * OPT <= V(start) - min V for ever: the ratio is
at most p/q. If V(x) <= weight + V(y) for all moves that a strategy of the adversary leaves to ALG, then q * ALG - p * OPT is
bounded from below; if also every endless play costs ALG without end, the ratio is at least p/q: that holds if a *rank* falls
with every hit.

The start. Games of both sides begin with a full cache of known pages, and OPT with the same. That changes no ratio: a cache
that begins full and then does what another one does from empty always contains that other one; and OPT from a full cache pays
at most what it pays from empty, and at most k less. Policies begin with an empty cache (OPT's empty slots have their own
levels).

To be trusted: this file, Python's interpreter and json module, the update rule above, and these arguments.
"""

import gzip
import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from typing import Any

FORMAT = "layered-paging certificate"
VERSION = 1

Label = tuple[int, int]
Answer = tuple[list[int], list[int]]  # victims, tokens
Certificate = dict[str, Any]


class Rejected(Exception):
    """The certificate does not prove its claim."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise Rejected(why)


def integer(value: Any, least: int, what: str) -> int:
    good = isinstance(value, int) and not isinstance(value, bool) and value >= least
    need(good, f"{what}: expected an integer >= {least}")
    return int(value)


class Board:
    """The labels of a state, and what a request does to them."""

    def __init__(
        self, layers: int, experts: int, slots: int, labels: list[Label], empty: Iterable[int] = ()
    ) -> None:
        self.layers, self.experts, self.slots = layers, experts, slots
        self.labels = list(labels)  # (level, token) by position
        self.empty = sorted(empty)  # levels of slots that OPT has never used

    def key(self) -> str:
        """Sort the labels of each layer; the state as text."""
        n = self.experts
        rows = [sorted(self.labels[i : i + n]) for i in range(0, len(self.labels), n)]
        self.labels = [label for row in rows for label in row]
        text = "|".join(" ".join(f"{level}.{token}" for level, token in row) for row in rows)
        return text + (
            "#" + " ".join(map(str, sorted(self.empty))) if any(e <= self.slots for e in self.empty) else ""
        )

    def copy(self) -> "Board":
        """An independent board."""
        return Board(self.layers, self.experts, self.slots, self.labels, self.empty)

    def requests(self) -> list[int]:
        """The positions that may be asked for, one per different label."""
        row = self.labels[: self.experts]
        return [i for i in range(self.experts) if row.index(row[i]) == i]

    def cached(self) -> list[int]:
        """The positions of the cached pages."""
        return [i for i, (_, token) in enumerate(self.labels) if token]

    def grow(self, position: int) -> int:
        """The update rule; returns the growth of OPT."""
        at = self.labels[position][0]
        outside = at > self.slots

        def after(level: int) -> int:
            return level + 1 if (level == 1 if outside else level <= at) else level

        self.labels = [(after(level), token) for level, token in self.labels]
        self.empty = [after(level) for level in self.empty]
        self.labels[position] = (1, self.labels[position][1])
        return int(outside)

    def evict(self, position: int, victims: list[int]) -> None:
        """The victims leave for the page at ``position``: exactly as many as the rules ask for, or more."""
        cached = self.cached()
        need(position not in cached, "an eviction on a hit")
        need(
            all(v in cached for v in victims) and len(set(victims)) == len(victims),
            "a victim is not in the cache",
        )
        need(bool(victims) == (len(cached) == self.slots), "a victim if and only if the cache is full")
        for v in victims:
            self.labels[v] = (self.labels[v][0], 0)

    def put(self, tokens: list[int]) -> None:
        """New tokens, position by position."""
        self.labels = [(level, token) for (level, _), token in zip(self.labels, tokens)]

    def turn(self) -> None:
        """The next layer's turn."""
        n = self.experts
        self.labels = self.labels[n:] + self.labels[:n]


Step = tuple[int, int, Board]


def full_start(layers: int, experts: int, slots: int) -> Board:
    """Page x_i, requested i requests ago, is alone in L_i and in the cache."""
    labels = [(slots + 1, 0)] * (layers * experts)
    for i in range(1, slots + 1):
        labels[-i % layers * experts + (i - 1) // layers] = (i, 1)
    return Board(layers, experts, slots, labels)


def empty_start(layers: int, experts: int, slots: int) -> Board:
    """Nothing was requested, nothing is cached."""
    return Board(layers, experts, slots, [(slots + 1, 0)] * (layers * experts), range(1, slots + 1))


# Policies that this file knows: (cached positions with tokens, requested position) -> victims, tokens. Token 1 is the newest.


def ranked(board: Board, position: int, moves_up: bool) -> Answer:
    """Evict the largest token; the requested page gets token 1 if it moves up or was loaded, the younger ones one more."""
    tokens = [token for _, token in board.labels]
    full = len(board.cached()) == board.slots
    old = tokens[position]
    victims = [] if old or not full else [max(board.cached(), key=lambda i: tokens[i])]
    for v in victims:
        tokens[v] = 0
    if old and not moves_up:
        return victims, tokens
    tokens = [t + 1 if t and (not old or t < old) else t for t in tokens]
    tokens[position] = 1
    return victims, tokens


KNOWN: dict[str, Callable[[Board, int], Answer]] = {
    "lru": lambda board, position: ranked(board, position, True),
    "fifo": lambda board, position: ranked(board, position, False),
}


def positions(value: Any, board: Board, what: str) -> list[int]:
    """A list of positions of the board."""
    need(isinstance(value, list), f"{what}: expected a list")
    for i in value:
        need(integer(i, 0, what) < len(board.labels), f"{what}: no such position")
    return list(value)


def serve(board: Board, position: int, victims: list[int], tokens: list[int] | None = None) -> Step:
    """One request with ALG's answer; returns miss, growth and the board after it."""
    miss = int(not board.labels[position][1])
    after = board.copy()
    if miss:
        after.evict(position, victims)
        after.labels[position] = (after.labels[position][0], 1)
    else:
        need(not victims, "an eviction on a hit")
    growth = after.grow(position)
    if tokens is not None:
        need(
            len(tokens) == len(after.labels)
            and all((integer(t, 0, "token") > 0) == (old > 0) for t, (_, old) in zip(tokens, after.labels)),
            "tokens: expected a positive number for each cached page, 0 for the others",
        )
        after.put(tokens)
    after.turn()
    return miss, growth, after


def policy_answer(c: Certificate, board: Board, key: str, position: int) -> Answer:
    """What the certificate's policy does: by the rule this file knows, or by the certificate's table."""
    if c["policy"] in KNOWN:
        return KNOWN[c["policy"]](board, position)
    entry = c["moves"].get(key, {}).get(str(position))
    need(isinstance(entry, list) and len(entry) == 2, f"no move for position {position} of state {key}")
    need(isinstance(entry[1], list), "tokens: expected a list")
    return positions(entry[0], board, "victims"), entry[1]


def potential(c: Certificate, key: str) -> int:
    """The potential of a state."""
    entry = c["states"].get(key)
    need(entry is not None, f"state {key} is missing")
    value = entry[0] if isinstance(entry, list) and entry else entry
    need(isinstance(value, int) and not isinstance(value, bool), f"state {key}: expected a potential")
    return int(value)


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


def upper(c: Certificate, start: Board, answer: Callable[[Board, str, int], Step], p: int, q: int) -> int:
    """V(x) >= weight + V(y) for every request and the answer to it."""

    def successors(key: str, board: Board) -> Iterator[Board]:
        for i in board.requests():
            miss, growth, after = answer(board, key, i)
            need(
                potential(c, key) >= q * miss - p * growth + potential(c, after.key()),
                f"state {key}, position {i}: the potential is too small",
            )
            yield after

    return walk(start, successors)


def deterministic_upper(c: Certificate, l: int, n: int, k: int, p: int, q: int) -> int:
    def answer(board: Board, key: str, i: int) -> Step:
        if board.labels[i][1]:
            return serve(board, i, [])
        need(
            len(c["states"].get(key, ())) == 2 and isinstance(c["states"][key][1], dict),
            f"state {key}: no moves",
        )
        victim = c["states"][key][1].get(str(i))
        need(victim is not None, f"state {key}: no victim for position {i}")
        return serve(board, i, positions([victim], board, "victim"))

    return upper(c, full_start(l, n, k), answer, p, q)


def policy_upper(c: Certificate, l: int, n: int, k: int, p: int, q: int) -> int:
    def answer(board: Board, key: str, i: int) -> Step:
        return serve(board, i, *policy_answer(c, board, key, i))

    return upper(c, empty_start(l, n, k), answer, p, q)


def deterministic_lower(c: Certificate, l: int, n: int, k: int, p: int, q: int) -> int:
    def entry(key: str) -> tuple[int, int, int]:
        value = c["states"].get(key)
        need(
            isinstance(value, list) and len(value) == 3, f"state {key}: expected potential, rank and position"
        )
        return potential(c, key), integer(value[1], 0, "rank"), integer(value[2], 0, "position")

    def successors(key: str, board: Board) -> Iterator[Board]:
        value, rank, i = entry(key)
        need(i < n, f"state {key}: position {i} is not in the layer whose turn it is")
        hit = board.labels[i][1]
        for victims in [[]] if hit else [[v] for v in board.cached()]:
            miss, growth, after = serve(board, i, victims)
            other, lower, _ = entry(after.key())
            need(
                value <= q * miss - p * growth + other,
                f"state {key}, victims {victims}: the potential is too large",
            )
            need(miss or lower < rank, f"state {key}: a hit after which the rank does not fall")
            yield after

    return walk(full_start(l, n, k), successors)


def policy_lower(c: Certificate, l: int, n: int, k: int, p: int, q: int) -> int:
    """Play the prefix, then the cycle: the state recurs, and the cycle has the ratio."""
    board = empty_start(l, n, k)
    cost = [0, 0]
    visited = 0
    begin = ""
    for part in ("prefix", "cycle"):
        cost, begin = [0, 0], board.key()
        for i in positions(c[part], board, part):
            need(i < n, f"{part}: position {i} is not in the layer whose turn it is")
            key = board.key()
            miss, growth, board = serve(board, i, *policy_answer(c, board, key, i))
            board.key()
            cost = [cost[0] + miss, cost[1] + growth]
            visited += 1
    need(c["cycle"] and board.key() == begin, "the state does not recur after the cycle")
    need(cost[0] > 0 and q * cost[0] >= p * cost[1], f"the cycle costs {cost[0]} against {cost[1]}")
    need(q > 0 or cost[1] == 0, "an infinite ratio needs a cycle without growth of OPT")
    return visited


KINDS = {
    "deterministic-upper": deterministic_upper,
    "deterministic-lower": deterministic_lower,
    "policy-upper": policy_upper,
    "policy-lower": policy_lower,
}
PARTS = {"deterministic-upper": ("states",), "deterministic-lower": ("states",), "policy-upper": ("states",),
         "policy-lower": ()}  # fmt: skip


def verify(c: Any) -> str:
    """Raise Rejected unless the certificate, a dict, proves its claim; return what it proves, for people."""
    known = isinstance(c, dict) and c.get("format") == FORMAT and c.get("version") == VERSION
    need(known, f"expected a {FORMAT}, version {VERSION}")
    kind = c.get("kind")
    need(isinstance(kind, str) and kind in KINDS, f"unknown kind {kind!r}")
    l, n, k = (integer(c.get(name), 1, name) for name in ("layers", "experts", "cache"))
    need(k < l * n and l * n <= 64, "expected k < n*l <= 64")
    need(isinstance(c.get("ratio"), str), "ratio: expected a string")
    if c["ratio"] == "inf":
        need(kind == "policy-lower", "only a lower bound can be infinite")
        p, q = 1, 0
    else:
        try:
            ratio = Fraction(c["ratio"])
        except (ValueError, ZeroDivisionError):
            raise Rejected("ratio: expected a fraction") from None
        need(ratio > 0 and str(ratio) == c["ratio"], "ratio: expected a positive fraction in lowest terms")
        p, q = ratio.numerator, ratio.denominator
    for part in PARTS[kind]:
        need(isinstance(c.get(part), dict), f"{part}: expected an object")
    identity = ""
    if kind.startswith("policy"):
        need(isinstance(c.get("policy"), str), "policy: expected a name")
        if c["policy"] not in KNOWN:
            moves = c.get("moves")
            good = isinstance(moves, dict) and all(isinstance(m, dict) for m in moves.values())
            need(good, "moves: expected an object of objects")
            identity = f" (transducer named {c['policy']}, identity not verified)"
        else:
            identity = f" ({c['policy']})"
        for part in ("prefix", "cycle") if kind == "policy-lower" else ():
            need(isinstance(c.get(part), list), f"{part}: expected a list")
    states = KINDS[kind](c, l, n, k, p, q)
    sign = "<=" if kind.endswith("upper") else ">="
    return f"{kind} at (l={l}, n={n}, k={k}){identity}: ratio {sign} {c['ratio']}, {states} states"


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON objects without repeated names."""
    result = dict(pairs)
    need(len(result) == len(pairs), "a name occurs twice in an object")
    return result


def load(path: str) -> Any:
    """The JSON document in a file, packed or not."""
    with open(path, "rb") as stream:
        content = stream.read()
    if content[:2] == b"\x1f\x8b":
        content = gzip.decompress(content)
    return json.loads(content.decode("utf-8"), object_pairs_hook=unique)


def main(paths: list[str]) -> int:
    """Check files; the exit status."""
    failed = not paths
    for path in paths:
        try:
            print(f"{path}: proved: {verify(load(path))}")
        except Rejected as error:
            failed = True
            print(f"{path}: REJECTED: {error}")
        except (OSError, ValueError, EOFError, RecursionError, zlib.error) as error:
            failed = True
            print(f"{path}: REJECTED: cannot be read: {error}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
