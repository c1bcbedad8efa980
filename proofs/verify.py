"""Checks certificates for competitive ratios of layered paging:  python -I proofs/verify.py FILE...

Standard library only, exact integers and fractions, nothing of the project that writes the certificates. Exit status 0 if
every file proves its claim, 1 if one does not. proofs/certificates.md documents the format; proofs/soundness.md proves, for
each kind, that what is accepted holds. Every check here (``need``) is named by the step there that uses it.

The game. l layers of n experts, a cache of k slots; requests visit the layers in turn. ALG pays 1 for a page that is not in
its cache and must load it; if the cache is full it evicts. What the best offline algorithm pays is known online from the sets
(L_1..L_k) of the offset function (Koutsoupias & Papadimitriou): on a request p in no set OPT grows by 1 and they become
({p}, L_1 | L_2, L_3, ..., L_k); for p in L_i they become ({p}, L_1, ..., L_{i-1}, (L_i - p) | L_{i+1}, L_{i+2}, ..., L_k),
and for i = k ({p}, L_1, ..., L_{k-1}). Here every page has a *label* (level, token): the level i of its set, k+1 outside; an
odd token if it is in ALG's cache, an even one otherwise; the rest of the token is memory. A *state* is the list of all labels,
layer by layer from the one whose turn it is, sorted in each layer: experts of a layer are alike, and so are the layers.
OPT may have fewer slots, h < k, which a certificate then states: the sets are (L_1..L_h), their levels 1..h, and h+1 outside.

The argument. Give a move of ALG the weight miss - r * growth of OPT. If potentials V fulfil V(x) >= weight + V(y) for all
moves x -> y that a strategy of ALG leaves to the adversary, then ALG - r * OPT <= V(start) - min V for ever: the ratio is
at most r. If V(x) <= weight + V(y) for all moves that a strategy of the adversary leaves to ALG, ALG - r * OPT is bounded
from below; if from every state the play comes to a miss, whatever ALG does, then ALG pays without end: the ratio is at least r.

Randomized ALG, from above: a distribution over full caches for each state of the offset function, equal for caches that
look alike, and for each request a plan that moves the distribution before to the one after, through caches with the requested
page (marked: 2 is added to its token); V(x) >= expected loads - r * growth + V(y). From below (Yao): a chain draws requests
from the offset function and its memory, the order of the last M pages requested (token // 2; 0: forgotten), and from every
state can come to growth of OPT; V(x) <= expected miss - r * growth + V(y) whatever ALG evicts.

To be trusted: this file, Python's interpreter and standard library, the update rule above, and proofs/soundness.md.
"""

import gzip
import json
import os
import re
import stat
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb, lcm, prod
from typing import Any, NamedTuple

FORMAT, VERSION = "layered-paging certificate", 1
COMMON = {"format", "version", "kind", "layers", "experts", "cache", "ratio"}
FEWER = "opt_cache"
"""Optional in every kind: the slots of OPT, where they are fewer than those of ALG."""

FIELDS = {
    "policy-upper": {"policy", "states"},
    "policy-lower": {"policy", "prefix", "cycle"},
    "deterministic-upper": {"states"},
    "deterministic-lower": {"states"},
    "randomized-upper": {"states"},
    "randomized-lower": {"states", "chain", "memory"},
}
"""Of every kind; a policy that this file does not know also has ``moves`` and may have ``start``."""

KNOWN = {"lru": True, "fifo": False}
"""Policies that this file knows; whether a hit makes a page the newest. Token 1 is the newest, then 3, 5, ..."""

DIGITS, BITS = 1000, 2048
"""Of a number as text; of the common denominator of all numbers of a certificate."""

LARGEST_FILE, UNPACKED, UNPACKED_PER_BYTE = 1 << 30, 1 << 21, 20
WORK, WORK_PER_BYTE = 1_500_000, 4
"""Bytes of a file, bytes that it may unpack to; labels that may be looked at, for each byte of the document."""

Label = tuple[int, int]


class Rejected(Exception):
    """The certificate does not prove its claim."""


def shown(text: object, most: int = 300) -> str:
    """Text from a file as one line of plain ASCII, cut."""
    start = str(text)[: most + 1]
    plain = "".join(c if " " <= c <= "~" and c != "\\" else ascii(c)[1:-1] for c in start)
    return plain if len(plain) <= most else plain[: most - 3] + "..."


def need(condition: object, check: str, *why: object) -> None:
    """A check, with its name in proofs/soundness.md."""
    if not condition:
        raise Rejected(shown(f"{' '.join(str(word)[:200] for word in why)} [{check}]"))


class Spelling(dict[Label, str]):
    """Labels as text, each spelled once."""

    def __missing__(self, label: Label) -> str:
        self[label] = f"{label[0]}.{label[1]}"
        return self[label]


class State(NamedTuple):
    """The labels by position, and the levels of slots that OPT has never used."""

    labels: tuple[Label, ...]
    empty: tuple[int, ...] = ()

    def tokens(self, mask: int) -> tuple[Label, ...]:
        """The labels; of their tokens only the bits of the mask."""
        return tuple([(level, token & mask) for level, token in self.labels])

    def cached(self) -> list[int]:
        """The positions of the cached pages."""
        return [i for i, (_, token) in enumerate(self.labels) if token & 1]


@dataclass
class Case:
    """A certificate under examination: its document, the instance with the slots of ALG and of OPT, the claim, and how much
    work is left."""

    c: dict[str, Any]
    layers: int
    experts: int
    slots: int
    optimum: int
    ratio: Fraction
    memory: int | None = None
    work: int = 0
    common: int = 1
    spelling: Spelling = field(default_factory=Spelling)

    def order(self, labels: Iterable[Label], empty: Iterable[int] = ()) -> State:
        """The state with the labels of each layer sorted."""
        row, n = list(labels), self.experts
        for i in range(0, len(row), n):
            row[i : i + n] = sorted(row[i : i + n])
        unused = tuple(sorted(empty))
        return State(tuple(row), unused if unused and unused[0] <= self.optimum else ())

    def text(self, state: State) -> str:
        """The one text of a state."""
        parts = list(map(self.spelling.__getitem__, state.labels))
        rows = "|".join([" ".join(parts[i : i + self.experts]) for i in range(0, len(parts), self.experts)])
        return f"{rows}#{' '.join(map(str, state.empty))}" if state.empty else rows

    def start(self, full: bool, tokens: Any = None) -> State:
        """Nothing was requested or cached; or x_i, requested i requests ago, is cached, and alone in L_i if i <= h."""
        outside = self.optimum + 1
        labels = [(outside, 0)] * (self.layers * self.experts)
        for i in range(1, self.slots + 1) if full else ():
            labels[-i % self.layers * self.experts + (i - 1) // self.layers] = (min(i, outside), 1)
        if tokens is not None:
            labels = self.put(labels, tokens)
        return self.order(labels, () if full else range(1, outside))

    def put(self, labels: list[Label], tokens: Any) -> list[Label]:
        """New tokens, position by position."""
        good = isinstance(tokens, list) and {int} == {*map(type, tokens)} and min(tokens) >= 0
        good = good and [t & 1 for t in tokens] == [old & 1 for _, old in labels]
        need(good, "M5", "tokens: expected an odd number for each cached page, an even one for the others")
        return [(level, token) for (level, _), token in zip(labels, tokens)]

    def firsts(self, state: State) -> list[int]:
        """Positions of the layer whose turn it is, the first one of each label."""
        return [i for i in range(self.experts) if i == 0 or state.labels[i] != state.labels[i - 1]]

    def serve(self, state: State, position: int, victims: Any, tokens: Any = None) -> tuple[int, int, State]:
        """One request with ALG's answer; returns miss, growth and the state after it."""
        labels, cached = list(state.labels), state.cached()
        need(
            type(position) is int and 0 <= position < self.experts,
            "M1",
            "position",
            position,
            "is not in the layer",
        )
        need(
            isinstance(victims, list) and all(type(v) is int for v in victims),
            "M2",
            "victims: expected positions",
        )
        need(
            len(victims) == len(set(victims) & set(cached)),
            "M2",
            "a victim is not in the cache, or named twice",
        )
        miss = not labels[position][1] & 1
        need(miss or not victims, "M3", "an eviction on a hit")
        need(not miss or victims or len(cached) < self.slots, "M4", "the cache is full: expected a victim")
        for v in (position, *victims) if miss else ():
            labels[v] = (labels[v][0], labels[v][1] ^ 1)
        return int(miss), *self.grow(
            labels if tokens is None else self.put(labels, tokens), state.empty, position
        )

    def grow(self, labels: list[Label], empty: Iterable[int], position: int) -> tuple[int, State]:
        """The update rule (also of the adversary's memory), and the next layer's turn; returns the growth of OPT."""
        self.work -= len(labels)
        need(self.work >= 0, "R4", "too much work for a certificate of this size")
        at, token = labels[position]
        inside = 1 if at > self.optimum else at
        risen = [level + 1 if level <= inside else level for level in range(self.optimum + 2)]

        def older(level: int, other: int) -> int:
            place = (other >> 1) + (other > 1 and (token < 2 or other >> 1 < token >> 1))
            return other & 1 | (2 * place if place <= (self.memory or 0) and level <= self.optimum else 0)

        if self.memory is None:
            new = [(risen[level], other) for level, other in labels]
        else:
            new = [(risen[level], older(risen[level], other)) for level, other in labels]
            token = token & 1 | 2 * (self.memory > 0)
        new[position] = (1, token)
        turned = new[self.experts :] + new[: self.experts]
        return int(at > self.optimum), self.order(turned, [risen[level] for level in empty])

    def fraction(self, text: Any) -> Fraction:
        """A number as text, of which it has one only."""
        need(
            type(text) is str and len(text) <= DIGITS,
            "F5",
            "expected a fraction as text, got",
            repr(text)[:60],
        )
        found = re.fullmatch("(-?[0-9]+)(?:/([1-9][0-9]*))?", text)
        need(found, "F5", repr(text)[:60], "is no fraction")
        value = Fraction(int(found[1]), int(found[2] or 1)) if found else Fraction()
        need(str(value) == text, "F5", text[:60], "is not the shortest text of this number")
        if self.common % value.denominator:
            self.common = lcm(self.common, value.denominator)
            need(self.common.bit_length() <= BITS, "R3", "the numbers have too large a common denominator")
        return value

    def states(self, key: str, length: int) -> list[Any]:
        """The entry of a state: first its potential."""
        row = get(self.c["states"], key)
        need(isinstance(row, list) and len(row) == length, "F6", "state", key, "expected a list of", length)
        return row  # type: ignore[no-any-return]

    def potential(self, key: str, length: int) -> Fraction:
        """V, from the entry of a state."""
        return self.fraction(self.states(key, length)[0])


def get(table: Any, key: str) -> Any:
    """An entry of an object of the document."""
    need(isinstance(table, dict), "F6", "expected an object with the entry", key)
    need(key in table, "F7", key, "is missing")
    return table[key]


def only(table: dict[str, Any], keys: Iterable[str], what: str) -> None:
    """The object has no other names."""
    more = [*set(table).difference(keys)]
    need(not more, "F7", what, "nothing speaks of", repr(min(more, default=""))[:80])


def walk(case: Case, start: State, successors: Callable[[str, State], Iterable[State]]) -> dict[str, None]:
    """All states from the start on; ``successors(key, state)`` checks a state and gives those after it."""
    key = case.text(start)
    seen, waiting = {key: None}, [(key, start)]
    while waiting:
        key, state = waiting.pop()
        for after in successors(key, state):
            other = case.text(after)
            if other not in seen:
                seen[other] = None
                waiting.append((other, after))
    only(case.c["states"], seen, "states:")
    return seen


def known_answer(case: Case, state: State, position: int, renews: bool) -> tuple[list[int], list[int]]:
    """Evict the oldest page; tokens afterwards."""
    tokens = [token for _, token in state.labels]
    old, cached = tokens[position], state.cached()
    victims = [] if old or len(cached) < case.slots else [max(cached, key=lambda i: tokens[i])]
    if renews or not old:
        tokens = [t + 2 if t and (not old or t < old) else t for t in tokens]
        tokens[position] = 1
    return victims, [0 if i in victims else t for i, t in enumerate(tokens)]


def answers(case: Case, key: str, state: State, position: int) -> tuple[Any, Any]:
    """Victims and tokens by a rule that this file knows, or the certificate's table; of deterministic ALG a victim."""
    c = case.c
    if c["kind"] == "deterministic-upper":
        hit = state.labels[position][1] & 1
        return [] if hit else [get(case.states(key, 2)[1], str(position))], None
    if c["policy"] in KNOWN:
        return known_answer(case, state, position, KNOWN[c["policy"]])
    answer = get(get(c["moves"], key), str(position))
    good = isinstance(answer, list) and len(answer) == 2 and answer[1] is not None
    need(good, "F6", "state", key, "expected [victims, tokens]")
    return answer[0], answer[1]


def upper(case: Case, start: State, length: int) -> int:
    """V(x) >= weight + V(y) for every request and the answer to it."""

    def successors(key: str, state: State) -> Iterator[State]:
        bound = case.potential(key, length)
        firsts = case.firsts(state)
        if length == 2:
            misses = [str(i) for i in firsts if not state.labels[i][1] & 1]
            need(isinstance(case.states(key, 2)[1], dict), "F6", "state", key, "expected victims")
            only(case.states(key, 2)[1], misses, "victims:")
        elif "moves" in case.c:
            only(get(case.c["moves"], key), map(str, firsts), "moves:")
        for i in firsts:
            miss, growth, after = case.serve(state, i, *answers(case, key, state, i))
            ahead = miss - case.ratio * growth + case.potential(case.text(after), length)
            need(bound >= ahead, "U1", "state", key, "the potential is too small for position", i)
            yield after

    seen = walk(case, start, successors)
    only(case.c.get("moves", {}), seen, "moves:")
    return len(seen)


def draws(case: Case, key: str, state: State, hidden: str) -> list[tuple[Fraction, int]]:
    """Probability and position of each request of the adversary, which is deterministic or a chain."""
    if case.memory is None:
        return [(Fraction(1), case.states(key, 2)[1])]
    row = [case.spelling[label] for label in state.tokens(~1)[: case.experts]]
    entry = get(case.c["chain"], hidden)
    need(isinstance(entry, dict) and entry, "F6", "chain at", hidden, "expected weights")
    weights = {label: case.fraction(weight) for label, weight in entry.items()}
    need(min(weights.values()) > 0, "C1", "chain at", hidden, "bad weights: expected positive ones")
    need(set(weights) <= set(row), "C2", "chain at", hidden, "no such label")
    total = sum(weights.values())
    shares = [weights.get(label, Fraction(0)) / total / row.count(label) for label in row]
    return [(share, i) for i, share in enumerate(shares) if share]


def lower(case: Case, start: State) -> int:
    """V(x) <= expected weight + V(y) whatever the answer; from every state there is a way to a miss (a chain: to growth)."""
    chain = case.memory is not None
    length, mask = (1, ~1) if chain else (2, -1)
    ahead: dict[str, set[str | None]] = {}  # None: it is there

    def hide(state: State) -> str:
        return case.text(case.order(state.tokens(mask)) if chain else state)

    def successors(key: str, state: State) -> Iterator[State]:
        gain, hidden = Fraction(0), hide(state)
        for probability, i in draws(case, key, state, hidden):
            values = []
            for victims in [[]] if state.labels[i][1] & 1 else [[v] for v in state.cached()]:
                miss, growth, after = case.serve(state, i, victims)
                values.append(miss - case.ratio * growth + case.potential(case.text(after), length))
                there = growth if chain else miss
                ahead.setdefault(hidden, set()).add(None if there else hide(after))
                yield after
            gain += probability * min(values)
        need(gain >= case.potential(key, length), "L1", "state", key, "the potential is too large")

    seen = walk(case, start, successors)
    only(case.c.get("chain", {}), ahead, "chain:")
    before: dict[str | None, list[str]] = {}
    for state, after in ahead.items():
        for other in after:
            before.setdefault(other, []).append(state)
    done, waiting = set[str | None](), list[str | None]([None])
    while waiting:
        more = set(before.get(waiting.pop(), ())) - done
        done |= more
        waiting += more
    need(set(ahead) <= done, "L2", "the adversary may let everybody hit for ever")
    return len(seen)


def policy_lower(case: Case, state: State, infinite: bool) -> int:
    """Play the prefix, then the cycle: the state recurs, and the cycle has the ratio."""
    moves, used = case.c.get("moves"), dict[str, set[str]]()
    misses = growths = 0
    begin = ""
    for part in ("prefix", "cycle"):
        misses, growths, begin = 0, 0, case.text(state)
        need(isinstance(case.c[part], list), "F6", part, "expected a list of positions")
        for i in case.c[part]:
            key = case.text(state) if moves is not None else ""
            need(
                type(i) is int and i in case.firsts(state),
                "P1",
                "position",
                i,
                "is not in the layer, or not the first of its label",
            )
            used.setdefault(key, set()).add(str(i))
            miss, growth, state = case.serve(state, i, *answers(case, key, state, i))
            misses, growths = misses + miss, growths + growth
    for key, row in (moves or {}).items():
        only(row, used.get(key, ()), f"moves of {key}:")
    need(case.text(state) == begin, "P2", "the state does not recur after the cycle")
    good = misses > 0 and (growths == 0 if infinite else misses >= case.ratio * growths)
    need(good, "P3", f"the cycle costs {misses} against {growths}")
    return len(case.c["prefix"]) + len(case.c["cycle"])


Looks = tuple[Counter[tuple[int, int, int]], Counter[tuple[int, int, int]]]


def looks(case: Case, state: State) -> Looks:
    """How many pages of a layer look alike but for the cache, and how many of them are cached."""
    groups = [(i // case.experts, level, token & ~1) for i, (level, token) in enumerate(state.labels)]
    return Counter(groups), Counter(groups[i] for i in state.cached())


def alike(case: Case, state: State) -> int:
    """How many caches look like this one."""
    pages, cached = looks(case, state)
    return prod(comb(pages[group], cached[group]) for group in pages)


def cache_of(case: Case, text: Any, state: State, marked: int | None = None) -> State:
    """A full cache on the levels of ``state``, as text; with ``marked`` one page of this level of the first layer is."""
    need(
        type(text) is str and re.fullmatch("[0-9.| ]+", text), "D1", repr(text)[:60], "is no text of a cache"
    )
    case.work -= len(state.labels)
    pairs = [item.split(".") for row in text.split("|") for item in row.split(" ")]
    labels = [(int(level), int(token)) for level, token in pairs]
    fits = [level for level, _ in labels] == [level for level, _ in state.labels]
    cache = case.order(labels)
    need(fits and case.text(cache) == text, "D1", text, "is not a cache of state", case.text(state))
    need(len(cache.cached()) == case.slots, "D1", text, "is not a full cache")
    need(
        all(0 <= token < (2 if marked is None else 4) for _, token in labels),
        "D1",
        text,
        "has a token of no meaning",
    )
    marks = [i for i, (_, token) in enumerate(labels) if token & 2]
    good = len(marks) == 1 and marks[0] < case.experts and labels[marks[0]][0] == marked
    need(good or marked is None, "D2", text, "expected a mark on the requested page")
    return cache


def randomized_upper(case: Case, start: State) -> int:
    """V(x) >= expected loads of the plan - r * growth + V(y), and the plans lead from distribution to distribution."""

    known: dict[str, dict[str, Fraction]] = {}

    def caches(key: str, state: State) -> dict[str, Fraction]:
        if key in known:
            return known[key]
        table = case.states(key, 3)[1]
        need(isinstance(table, dict), "F6", "state", key, "expected caches")
        result = {text: case.fraction(mass) for text, mass in table.items()}
        for text in result:
            cache_of(case, text, state)
        good = min(result.values(), default=0) > 0 and sum(result.values()) == 1
        need(good, "D3", key, "not a distribution")
        return known.setdefault(key, result)

    def supply(state: State, masses: dict[str, Fraction], level: int) -> dict[str, Fraction]:
        """The caches with the requested page, any of this level, marked."""
        result: dict[str, Fraction] = {}
        for text, mass in masses.items():
            labels = list(cache_of(case, text, state).labels)
            peers = [j for j in range(case.experts) if labels[j][0] == level]
            for j in peers:
                marked = case.text(case.order([*labels[:j], (level, labels[j][1] | 2), *labels[j + 1 :]]))
                result[marked] = result.get(marked, Fraction(0)) + mass / len(peers)
        return result

    def successors(key: str, state: State) -> Iterator[State]:
        bound, masses, plans = case.potential(key, 3), caches(key, state), case.states(key, 3)[2]
        for i in case.firsts(state):
            what, level, cost = f"plan {i} of {key}:", state.labels[i][0], Fraction(0)
            left, arrived = supply(state, masses, level), dict[str, Fraction]()
            plan = get(plans, str(i))
            need(
                isinstance(plan, list) and all(type(e) is list and len(e) == 3 for e in plan),
                "F6",
                what,
                "no triples",
            )
            need(
                len({(str(e[0]), str(e[1])) for e in plan}) == len(plan), "F7", what, "two caches occur twice"
            )
            for begin, end, part in plan:
                mass = case.fraction(part)
                before, now = cache_of(case, begin, state, level), cache_of(case, end, state, level)
                need(0 < mass <= left.get(begin, 0), "D4", what, begin, "has not that mass")
                need(
                    (level, 3) in now.labels[: case.experts],
                    "D5",
                    end,
                    "expected the requested page in the cache",
                )
                left[begin] -= mass
                arrived[end] = arrived.get(end, Fraction(0)) + mass
                had, has = looks(case, before)[1], looks(case, now)[1]
                cost += mass * sum(max(0, count - had[group]) for group, count in has.items())
            need(not any(left.values()), "D4", what, "some caches go nowhere")
            growth, after = case.grow(list(state.labels), (), i)
            goal = caches(case.text(after), after)
            for text, mass in arrived.items():
                cache = cache_of(case, text, state, level)
                new = case.grow(list(cache.labels), (), cache.labels.index((level, 3)))[1]
                new = case.order(new.tokens(1))
                share = goal.get(case.text(new), 0) * Fraction(alike(case, cache), alike(case, new))
                need(mass == share, "D6", what, text, "gets", mass, "not", share)
            ahead = cost - case.ratio * growth + case.potential(case.text(after), 3)
            need(bound >= ahead, "U1", "state", key, "the potential is too small for position", i)
            yield after
        only(plans, map(str, case.firsts(state)), f"plans of {key}:")

    return len(walk(case, case.order(start.tokens(0)), successors))


def verify(c: Any) -> str:
    """Raise Rejected unless the certificate, a dict, proves its claim; return what it proves, for people."""
    try:
        need(isinstance(c, dict), "F1", "expected an object")
        version = c["version"]
        need(
            c["format"] == FORMAT and type(version) is int and version == VERSION,
            "F1",
            f"expected a {FORMAT}, version 1",
        )
        return claim(c)
    except KeyError as error:
        raise Rejected(shown(f"{error} is missing [F2]")) from error
    except (TypeError, ValueError, IndexError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Rejected(shown(f"malformed: {error} [F6]")) from error


def claim(c: dict[str, Any]) -> str:
    """What a well-formed certificate proves."""
    kind, (l, n, k) = c["kind"], (c["layers"], c["experts"], c["cache"])
    need(type(kind) is str and kind in FIELDS, "F2", "unknown kind", repr(kind)[:80])
    policy = c["policy"] if kind.startswith("policy") else None
    need(policy is None or type(policy) is str, "F2", "policy: expected its name")
    fields, more = COMMON | FIELDS[kind], {FEWER}
    if policy is not None and policy not in KNOWN:
        fields, more = fields | {"moves"}, {FEWER, "start"}
    need(fields <= set(c), "F2", ", ".join(sorted(map(repr, fields - set(c)))), "is missing")
    need(set(c) <= fields | more, "F2", "unknown fields", repr(sorted(set(c) - fields - more))[:200])
    need(all(type(number) is int for number in (l, n, k)), "F3", "layers, experts, cache: expected integers")
    need(0 < k < l * n <= 4096 and l > 0, "F3", "expected 0 < k < n*l <= 4096")
    h = c.get(FEWER, k)
    need(
        type(h) is int and (FEWER not in c or 0 < h < k),
        "F9",
        f"{FEWER}: expected an integer from 1 to k - 1",
    )
    infinite = (kind, c["ratio"]) == ("policy-lower", "inf")
    case = Case(c, l, n, k, h, Fraction(1), work=WORK + WORK_PER_BYTE * len(json.dumps(c)))
    case.ratio = case.ratio if infinite else case.fraction(c["ratio"])
    need(case.ratio > 0, "F4", "ratio: expected a positive fraction")
    if kind == "randomized-lower":
        memory = c["memory"]
        need(
            type(memory) is int and 0 <= memory <= k,
            "F8",
            "memory: expected an integer from 0 to the cache size",
        )
        case.memory = memory
    need(c.get("start", ()) is not None, "M5", "start: expected tokens")
    start = case.start(policy is None, c.get("start"))
    states = {
        "policy-upper": lambda: upper(case, start, 1),
        "policy-lower": lambda: policy_lower(case, start, infinite),
        "deterministic-upper": lambda: upper(case, start, 2),
        "deterministic-lower": lambda: lower(case, start),
        "randomized-upper": lambda: randomized_upper(case, start),
        "randomized-lower": lambda: lower(case, start),
    }[kind]()
    bound = f"ratio {'<=' if kind.endswith('upper') else '>='} {'inf' if infinite else case.ratio}"
    doubt = " (identity not verified)"
    whose = {
        "policy": f" of {policy}"
        if policy in KNOWN
        else f" of a transducer that calls itself {shown(repr(policy), 80)}{doubt}",
        "deterministic": " of every policy" if kind.endswith("lower") else " of some policy",
        "randomized": " of every policy" if kind.endswith("lower") else " of some policy",
    }[kind.split("-")[0]]
    against = f" against OPT with h={h} slots" if FEWER in c else ""
    return f"{kind} at (l={l}, n={n}, k={k}): {bound}{whose}{against}, {states} states"


def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """JSON objects without repeated names."""
    result = dict(pairs)
    need(len(result) == len(pairs), "J1", "a name occurs twice in an object")
    return result


def integer(text: str) -> int:
    """The only numbers of JSON that occur."""
    need(re.fullmatch("0|-?[1-9][0-9]{0,8}", text), "J2", shown(text, 60), "is no integer of a certificate")
    return int(text)


def unpack(path: str) -> bytes:
    """The content of a file, packed or not."""
    with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
        need(stat.S_ISREG(os.fstat(file.fileno()).st_mode), "R1", "expected a regular file")
        content = file.read(LARGEST_FILE + 1)
        if content[:2] == b"\x1f\x8b":
            file.seek(0)
            most = UNPACKED + UNPACKED_PER_BYTE * len(content)
            with gzip.open(file) as packed:
                content = packed.read(most + 1)
            need(len(content) <= most, "R2", f"unpacks to more than {most} bytes")
    need(len(content) <= LARGEST_FILE, "R2", f"expected at most {LARGEST_FILE} bytes")
    return content


def load(path: str) -> Any:
    """The JSON document in a file."""
    hooks: dict[str, Any] = {"parse_int": integer, "parse_float": integer, "parse_constant": integer}
    return json.loads(unpack(path).decode("utf-8"), object_pairs_hook=unique, **hooks)


def main(paths: list[str]) -> int:
    """Check files; the exit status."""
    failed = not paths
    for path in paths:
        name = path if re.fullmatch("[A-Za-z0-9_./+-]+", path) else shown(repr(path))
        try:
            print(f"{name}: proved: {verify(load(path))}", flush=True)
        except (Rejected, OSError, ValueError, EOFError, RecursionError, zlib.error) as error:
            failed = True
            print(f"{name}: REJECTED: {shown(error)}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
