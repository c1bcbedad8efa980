"""Ways to change a certificate: numbers, names, order, shares, and claims together with what would have to prove them."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

Document = dict[str, Any]
Place = tuple[Any, Any]
FRACTION = re.compile("-?[0-9]+(/[1-9][0-9]*)?")

SPELLINGS = (
    "0{}",
    "+{}",
    "{}/1",
    " {}",
    "{}.0",
    "{}e0",
    "-{}",
    "{}/0",
    "{} ",
    "{}_0",
    "٣",
    "NaN",
    "Infinity",
    "inf",
)
STEPS = tuple(Fraction(a, b) for b in (1, 2, 3, 6, 100) for a in (-1, 1))


def places(c: Any) -> list[Place]:
    """Every (container, key)."""
    result: list[Place] = []
    waiting = [c] if isinstance(c, (dict, list)) else []
    while waiting:
        here = waiting.pop()
        for key in here if isinstance(here, dict) else range(len(here)):
            result.append((here, key))
            if isinstance(here[key], (dict, list)):
                waiting.append(here[key])
    return result


def scalar(rng: random.Random, value: Any) -> Any:
    """Another number, or another way to write it."""
    kind = type(value)
    if kind is int:
        return rng.choice(
            [
                value + 1,
                value - 1,
                value + 2,
                value - 2,
                value + 4,
                -value,
                bool(value),
                float(value),
                str(value),
                None,
            ]
        )
    if kind is str and FRACTION.fullmatch(value):
        if rng.random() < 0.25:
            return rng.choice(SPELLINGS).format(value)
        return str(
            rng.choice(
                [Fraction(value) + rng.choice(STEPS), Fraction(value) * 2, -Fraction(value), Fraction(0)]
            )
        )
    return rng.choice([None, value, str(value) + " ", 0, "0", [], {}, [value], True])


def number(rng: random.Random, c: Document) -> None:
    here, key = rng.choice(places(c))
    here[key] = scalar(rng, here[key])


def inner_number(rng: random.Random, c: Document) -> None:
    """A number of the argument, not of the heading."""
    found = [(here, key) for here, key in places(c) if here is not c and isinstance(here[key], (int, str))]
    if found:
        here, key = rng.choice(found)
        here[key] = scalar(rng, here[key])


def drop(rng: random.Random, c: Document) -> None:
    here, key = rng.choice(places(c))
    del here[key]


def exchange(rng: random.Random, c: Document) -> None:
    """Two values, wherever they are."""
    found = places(c)
    (one, key), (other, name) = rng.choice(found), rng.choice(found)
    if inside(one[key], other) or inside(other[name], one):
        return  # a document is a tree
    one[key], other[name] = other[name], one[key]


def inside(tree: Any, container: Any) -> bool:
    """Whether a container is part of a tree."""
    return tree is container or any(here[key] is container for here, key in places(tree))


def siblings(rng: random.Random, c: Document) -> None:
    """Two entries of one container change places, or one takes the other's value."""
    found = [here for here, _ in places(c) if len(here) > 1]
    if not found:
        return
    here = rng.choice(found)
    keys = list(here) if isinstance(here, dict) else range(len(here))
    one, other = rng.sample(keys, 2)
    if rng.random() < 0.5:
        here[one], here[other] = here[other], here[one]
    else:
        here[one] = json.loads(json.dumps(here[other]))


def repeat(rng: random.Random, c: Document) -> None:
    found = [here for here, _ in places(c) if isinstance(here, list)]
    if found:
        here = rng.choice(found)
        here.insert(rng.randrange(len(here) + 1), json.loads(json.dumps(rng.choice(here))))


def rename(rng: random.Random, c: Document) -> None:
    """Another name for an entry, often a state that is written otherwise."""
    found = [(here, key) for here, key in places(c) if isinstance(here, dict) and here is not c]
    if found:
        here, key = rng.choice(found)
        here[alias(rng, key)] = here.pop(key)


def split(rng: random.Random, c: Document) -> None:
    """A further name beside the first, which shares its mass or repeats its value."""
    found = [(here, key) for here, key in places(c) if isinstance(here, dict) and here is not c]
    if found:
        here, key = rng.choice(found)
        value = here[key]
        if isinstance(value, str) and FRACTION.fullmatch(value):
            part = Fraction(value) * rng.choice([Fraction(1, 2), Fraction(1, 3), Fraction(2), Fraction(-1)])
            here[key] = str(Fraction(value) - part)
            value = str(part)
        here[alias(rng, key)] = value


def alias(rng: random.Random, key: str) -> str:
    """A text like that of a state, changed."""
    labels = re.findall(r"[0-9]+\.[0-9]+", key)
    if not labels:
        return rng.choice(["0" + key, key + " ", "+" + key, key + "x", str(rng.randrange(6)), "-1"])
    label = rng.choice(labels)
    level, token = map(int, label.split("."))
    return rng.choice(
        [
            key.replace(label, f"{level}.{token + 2 * rng.randrange(1, 4)}", 1),
            key.replace(label, f"{level}.{token ^ 1}", 1),
            key.replace(label, f"{level}.{token - 2}", 1),
            key.replace(label, f"0{label}", 1),
            key.replace(label, f"{label}.0", 1),
            key.replace(label, f"{level + 1}.{token}", 1),
            key.replace(" ", "  ", 1),
            key.replace(" ", "|", 1),
            key.replace("|", " ", 1),
            " ".join(reversed(key.split(" "))),
            "|".join(reversed(key.split("|"))),
            key + "#1",
            key.split("#")[0],
        ]
    )


def everywhere(rng: random.Random, c: Document) -> None:
    """One label, or one state, is written otherwise wherever it occurs; or two states become one."""
    text = json.dumps(c)
    keys = [key for here, key in places(c) if isinstance(here, dict) and "." in key]
    if not keys:
        return
    key = rng.choice(keys)
    if rng.random() < 0.3:
        new = text.replace(f'"{key}"', f'"{rng.choice(keys)}"')
    elif rng.random() < 0.5:
        new = text.replace(f'"{key}"', json.dumps(alias(rng, key)))
    else:
        label = rng.choice(re.findall(r"[0-9]+\.[0-9]+", key) or ["1.1"])
        new = text.replace(label, alias(rng, label))
    try:
        changed = json.loads(new)
    except json.JSONDecodeError:  # a number 2.0 was taken for a label
        return
    c.clear()
    c.update(changed)


def claim(rng: random.Random, c: Document) -> None:
    """Another ratio, and potentials that have moved with it at random or in proportion to themselves."""
    if not FRACTION.fullmatch(str(c.get("ratio"))):
        return
    step = rng.choice(STEPS)
    old = Fraction(str(c["ratio"]))
    c["ratio"] = str(old + step)
    states, how = c.get("states"), rng.randrange(4)
    if not isinstance(states, dict) or how == 0 or not old:
        return
    for entry in states.values():
        if isinstance(entry, list) and entry and isinstance(entry[0], str) and FRACTION.fullmatch(entry[0]):
            v = Fraction(entry[0])
            shift = {
                1: v * step / old,
                2: step * rng.randrange(-2, 3),
                3: abs(step) * (-1 if str(c.get("kind")).endswith("lower") else 1),
            }[how]
            entry[0] = str(v + shift)


def potentials(rng: random.Random, c: Document) -> None:
    """All of them scaled or raised."""
    states = c.get("states")
    factor, more = rng.choice(
        [
            (Fraction(1), rng.choice(STEPS)),
            (rng.choice([Fraction(2), Fraction(1, 2), Fraction(101, 100), Fraction(0)]), Fraction(0)),
        ]
    )
    for entry in states.values() if isinstance(states, dict) else ():
        if isinstance(entry, list) and entry and isinstance(entry[0], str) and FRACTION.fullmatch(entry[0]):
            entry[0] = str(Fraction(entry[0]) * factor + more)


def shift(rng: random.Random, c: Document) -> None:
    """Mass goes from one entry of a distribution, a chain or a plan to another."""
    groups: list[list[Place]] = []
    for here, key in places(c):
        inner = here[key]
        if isinstance(inner, dict) and len(inner) > 1 and all(isinstance(v, str) for v in inner.values()):
            groups.append([(inner, k) for k in inner])
        if (
            isinstance(inner, list)
            and len(inner) > 1
            and all(isinstance(v, list) and len(v) == 3 for v in inner)
        ):
            groups.append([(v, 2) for v in inner])
    if groups:
        (one, key), (other, name) = rng.sample(rng.choice(groups), 2)
        if FRACTION.fullmatch(str(one[key])) and FRACTION.fullmatch(str(other[name])):
            part = Fraction(str(one[key])) * rng.choice(
                [Fraction(1), Fraction(1, 2), Fraction(1, 10), Fraction(-1, 2)]
            )
            one[key], other[name] = (
                str(Fraction(str(one[key])) - part),
                str(Fraction(str(other[name])) + part),
            )


def heading(rng: random.Random, c: Document) -> None:
    """Another instance, kind or policy; a field that does not belong there."""
    key = rng.choice(
        [
            "layers",
            "experts",
            "cache",
            "kind",
            "policy",
            "memory",
            "start",
            "moves",
            "format",
            "version",
            "ratio",
        ]
    )
    if key in ("layers", "experts", "cache", "memory", "version"):
        c[key] = rng.choice([rng.randrange(-1, 7), True, "2", 2.0])
    elif key == "kind":
        c[key] = rng.choice(
            [
                "policy-lower",
                "policy-upper",
                "deterministic-lower",
                "deterministic-upper",
                "randomized-lower",
                "randomized-upper",
            ]
        )
    elif key == "policy":
        c[key] = rng.choice(["lru", "fifo", "LRU", "lru\n", "x", ""])
    elif key == "ratio":
        c[key] = rng.choice(["inf", "1", "101/100", "7", "100", "1/2", "-inf", "0", "-1"])
    elif key == "start":
        c[key] = [rng.choice([0, 0, 2, 4, 1, False]) for _ in range(rng.choice([4, 4, 3, 5, 6]))]
    else:
        c[key] = rng.choice([{}, 1, True, "x", None])


MUTATIONS: tuple[Callable[[random.Random, Document], None], ...] = (
    number, inner_number, inner_number, drop, exchange, siblings, siblings, repeat, rename, split,
    everywhere, claim, claim, claim, potentials, potentials, shift, shift, heading,
)  # fmt: skip


def mutant(rng: random.Random, base: str) -> Document:
    """One to four changes, one after the other."""
    c: Document = json.loads(base)
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
        if c:
            rng.choice(MUTATIONS)(rng, c)
    return c
