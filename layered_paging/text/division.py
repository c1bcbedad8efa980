"""A division of the cache as text, and as a file for an engine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from paging.judged_division import Judged


def sentence(found: Judged, requests: int) -> str:
    """Does a division pay, on requests that it has not seen?"""
    name = {"lru": "LRU", "opt": "OPT"}[found.policy]
    divided, shared = found.divided[1], found.shared[1]
    numbers = f"with it {name} misses {divided:,} of {requests:,} requests, with one shared cache {shared:,}"
    change = f" ({divided / shared - 1:+.1%})" if shared else ""
    verdict = "pays" if divided < shared else "does not pay"
    return f"Dividing the cache {verdict}: {numbers}{change}."


def table(found: Sequence[Judged]) -> tuple[list[str], list[list[str]]]:
    """Columns and rows: misses with each division, in both parts."""
    rows = []
    for one in found:
        rows += [
            [one.policy, "one shared cache", *_numbers(one.shared)],
            [one.policy, "best division", *_numbers(one.divided)],
        ]
        if one.even is not None:
            rows.append([one.policy, "even shares", *_numbers(one.even)])
        rows.append([one.policy, "best in hindsight", "", f"{one.hindsight.misses:,}"])
    return ["policy", "cache", "misses trained on", "judged"], rows


def _numbers(misses: tuple[int, int]) -> list[str]:
    return [f"{count:,}" for count in misses]


def written(document: Mapping[str, Any], suffix: str) -> str:
    """As JSON, or as CSV with the columns layer and slots."""
    if suffix == ".json":
        return json.dumps(document, indent=2) + "\n"
    return "layer,slots\n" + "".join(f"{one['layer']},{one['slots']}\n" for one in document["layers"])
