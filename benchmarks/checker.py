"""How many wrong theorems the checker catches: each theorem of the registry, made wrong in one place.

What is true is decided without the checker: by the atlas (proofs/atlas.json), whose values have certificates; by 0 where all
pages fit into the cache; and a constant below 0 is broken by the empty sequence. A mutant that some instance of the grid
refutes in this way must be refuted by ``verify`` there.
"""

from __future__ import annotations

import dataclasses
import json
import math
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import sympy

from adversaries.base import Precondition
from bounds.checker.values import MOST_RANDOMIZED_PAGES
from bounds.checker.verify import LARGE, grid, verify
from bounds.theorems.registry import THEOREMS
from bounds.theorems.scopes import DETERMINISTIC, EVERY, Scope
from bounds.theorems.symbols import k, l, n
from bounds.theorems.theorem import Theorem
from paging.exact import Value
from paging.model import Instance
from paging.policies.registry import POLICIES

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
CELLS = ("lru", "fifo", "llru", "guided-far", "guided-lru")
MOST_PAGES = 6
"""Where nothing is known to refute a mutant it is tried on the grid up to so many pages."""

WIDER = {
    "fixed-partition": ("k >= l", lambda one: one.cache >= one.layers),
    "deterministic-lower": ("l <= k <= n*l", lambda one: one.layers <= one.cache <= one.pages),
    "lru-lower": ("k < n*l", lambda one: one.cache < one.pages),
    "lru-cycle-lower": ("k <= n*l", lambda one: one.cache <= one.pages),
    "one-slot-partition-upper": ("l <= k <= l+1", lambda one: 0 <= one.cache - one.layers <= 1),
    "randomized-lower": ("k = n*l-1", lambda one: one.cache == one.pages - 1),
    "randomized-uniform-lower": ("n*l-2 <= k <= n*l-1", lambda one: 1 <= one.pages - one.cache <= 2),
    "randomized-one-layer-lower": (
        "k >= l and n >= k-l+1",
        lambda one: one.cache >= one.layers and one.experts >= one.cache - one.layers + 1,
    ),
    "one-token-lower": ("k = l", lambda one: one.cache == one.layers),
    "lru-value-lower": ("l <= k <= n*l", lambda one: one.layers <= one.cache <= one.pages),
    "fifo-lower": ("l <= k <= n*l", lambda one: one.layers <= one.cache <= one.pages),
    "lru-value-upper": ("k >= l", lambda one: one.cache >= one.layers),
    "one-token-upper": ("l <= k <= l+1", lambda one: 0 <= one.cache - one.layers <= 1),
    "llru-lower": (
        "4l-2 <= k < n*l and l >= 2",
        lambda one: one.layers >= 2 and 4 * one.layers - 2 <= one.cache < one.pages,
    ),
    "randomized-spread-lower": ("l <= k <= n*l", lambda one: one.layers <= one.cache <= one.pages),
    "randomized-even-lower": ("2l-1 <= k < n*l", lambda one: 2 * one.layers - 1 <= one.cache < one.pages),
    "two-layers-lower": (
        "l = 2 and 3 <= k <= 2n",
        lambda one: one.layers == 2 and 3 <= one.cache <= one.pages,
    ),
    "one-page-missing-upper": ("k = n*l-1", lambda one: one.cache == one.pages - 1),
}
"""Preconditions one step wider. No value is known that would refute guided-far-upper, keep-upper or guided-keep-upper there."""

ADDED = {
    "lru-lower": "guided-far",
    "lru-cycle-lower": "guided-far",
    "lru-upper": "llru",
    "augmented-upper": "llru",
    "lru-value-lower": "guided-far",
    "lru-value-upper": "fifo",
    "fifo-lower": "guided-far",
    "one-token-upper": "fifo",
    "llru-lower": "lru",
    "llru-upper": "mru",
    "guided-upper": "mru",
    "guided-far-upper": "guided-lru",
    "keep-upper": "fifo",
    "guided-keep-upper": "lru",
}
"""A policy outside the scope."""


@dataclasses.dataclass(frozen=True)
class Mutant:
    """``where``: the first instance at which the atlas refutes it (None: it does not)."""

    theorem: Theorem
    change: str
    where: Instance | None = None


def mutants() -> Iterator[Mutant]:
    """All of them."""
    for theorem in THEOREMS.values():
        formula = theorem.formula
        changes: dict[str, sympy.Expr] = {
            "r + 1": formula + 1,
            "r - 1": formula - 1,
            "r + 1/k": formula + 1 / k,
            "r - 1/k": formula - 1 / k,
        }
        for old, new in ((l, n), (n, l), (k, n), (k, l), (k, k + 1), (k, k - 1), (l, l + 1), (l, l - 1)):
            if formula.has(old):
                changes[f"{old} -> {new} in r"] = formula.subs(old, new)
        for change, wrong in changes.items():
            if sympy.simplify(wrong - formula) != 0 and wrong != formula:
                yield Mutant(dataclasses.replace(theorem, formula=wrong), change)
        yield Mutant(dataclasses.replace(theorem, constant=theorem.constant - 1), "c - 1")
        opposite: Literal["lower", "upper"] = "upper" if theorem.direction == "lower" else "lower"
        if theorem.formula != sympy.oo:
            yield Mutant(dataclasses.replace(theorem, direction=opposite), f"{opposite} bound")
        if theorem.id in WIDER:
            needs = Precondition(*WIDER[theorem.id])
            yield Mutant(dataclasses.replace(theorem, needs=needs), f"needs only {needs.text}")
        if added := ADDED.get(theorem.id):
            yield Mutant(dataclasses.replace(theorem, scope=_with(theorem.scope, added)), f"also {added}")


def _with(scope: Scope, added: str) -> Scope:
    kind = type(POLICIES[added]())
    return Scope(f"{scope.text}, {added}", lambda policy: scope.covers(policy) or type(policy) is kind)


def atlas() -> dict[Instance, dict[str, tuple[Value, Value]]]:
    """Ends of the values by instance and cell."""
    rows = json.loads((ROOT / "proofs" / "atlas.json").read_text())["rows"]
    return {
        Instance(row["layers"], row["experts"], row["cache"]): {
            name: (_value(cell["lower"]), _value(cell["upper"]))
            for name, cell in row["cells"].items()
            if cell["lower"] is not None and cell["upper"] is not None
        }
        for row in rows
    }


def _value(text: str) -> Value:
    return math.inf if text == "inf" else Fraction(text)


def refuted(theorem: Theorem, instance: Instance, known: dict[str, tuple[Value, Value]]) -> bool:
    """Whether a value of the atlas contradicts the claim at an instance."""
    try:
        bound = theorem.bound(instance)
    except (TypeError, ValueError, ZeroDivisionError):
        return False
    names = [name for name in CELLS if theorem.scope.covers(POLICIES[name]())]
    if theorem.direction == "upper" and (theorem.expected or theorem.scope in (EVERY, DETERMINISTIC)):
        names = ["randomized"]  # no policy at all is better
    elif theorem.scope is EVERY:
        names = ["randomized"]
    elif theorem.scope is DETERMINISTIC:
        names = ["deterministic"]
    zero = (Fraction(0), Fraction(0))
    ends = [zero] if instance.trivial else [known[name] for name in names if name in known]
    if theorem.direction == "lower":
        return any(high < bound for _, high in ends)
    return theorem.additive(instance) < 0 or any(low > bound for low, _ in ends)


def caught(theorem: Theorem, instances: list[Instance]) -> Instance | None:
    """The first instance at which the checker says that the theorem is violated."""
    for instance in instances:
        if any(check.ok is False for check in verify([instance], [theorem])):
            return instance
    return None


def main() -> None:
    """Write benchmarks/results/checker.md."""
    known = atlas()
    small = sorted((one for one in grid() if one not in LARGE), key=lambda one: (one.pages, one.cache))
    begun, rows, refutable, found = time.perf_counter(), [], 0, 0
    beyond, total = 0, 0
    for mutant in mutants():
        theorem = mutant.theorem
        there = [one for one in small if theorem.precondition.holds(one)]
        false = [one for one in there if refuted(theorem, one, known.get(one, {}))]
        try:
            where = caught(theorem, (false or [one for one in there if one.pages <= MOST_PAGES])[:6])
            said = "-" if where is None else str(where)
        except Exception as error:
            where, said = None, f"no theorem: {type(error).__name__}"
            false = []
        total += 1
        refutable += bool(false)
        found += bool(false) and where is not None
        beyond += not false and where is not None
        rows.append((theorem.id, mutant.change, str(false[0]) if false else "-", said))
        print(*rows[-1], sep=" | ", flush=True)
    write(rows, total, refutable, found, beyond, time.perf_counter() - begun)


def write(
    rows: list[tuple[Any, ...]], total: int, refutable: int, found: int, beyond: int, took: float
) -> None:
    """The table."""
    lines = [
        "# Wrong theorems that the checker catches",
        "",
        "Command: `.venv/bin/python -m benchmarks.checker` (part of `make bench`). Each theorem of the registry is made wrong",
        "in one place. *False at*: the first instance of the grid at which the atlas refutes it, decided without the checker;",
        "*caught at*: the first at which `verify` says so.",
        "",
        f"{total} wrong theorems; {refutable} of them are refuted by the atlas on the grid, and {found} of these are caught",
        f"({100 * found / refutable:.1f} %). Further {beyond} are caught beyond those of the atlas. {took:.0f} s.",
        "",
        "Survivors that the atlas refutes:",
        "",
        *(f"* {row[0]}, {row[1]} (false at {row[2]})" for row in rows if row[2] != "-" and row[3] == "-"),
        "",
        "Those of Marker and guided-random: their exact expected costs are not computed. An upper bound is tried by a",
        "confidence interval, and for a lower bound on them alone there is no adversary. two-layers-lower: the interval of the",
        f"best randomized policy is computed up to {MOST_RANDOMIZED_PAGES} pages, where the wrong formula is never larger.",
        "A mutant with - twice is true, or false only where the atlas has no value (partitions, h < k, windows).",
        "*No theorem*: the formula has no value somewhere.",
        "",
        "| theorem | change | false at | caught at |",
        "| --- | --- | --- | --- |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]
    (RESULTS / "checker.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
