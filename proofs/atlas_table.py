"""The atlas as a page: atlas.md is written from the rows of atlas.json, never by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from paging.exact import Value, readable
from proofs.atlas_cells import COLUMNS, GAME_LIMITS, PAGES, POLICY_COLUMNS, POLICY_LIMITS

Row = dict[str, Any]


def value(text: str) -> Value:
    """An exact value as JSON has it."""
    return math.inf if text == "inf" else Fraction(text)


def best(row: Row) -> str | None:
    """The ratio of the best deterministic policy, where it is known."""
    cell = row["cells"]["deterministic"]
    found: str | None = cell["upper"]
    return found if cell["lower"] == found else None


def optimal(row: Row) -> list[str]:
    """The policies that reach the ratio of the best deterministic one."""
    cells = {name: row["cells"][name] for name in POLICY_COLUMNS if name in row["cells"]}
    return [name for name, cell in cells.items() if best(row) is not None and cell["upper"] == best(row)]


def tight(row: Row) -> str:
    """Which proven bounds the best deterministic ratio reaches."""
    if best(row) is None:
        return "unknown"
    sides = [side for side in ("lower", "upper") if row["bounds"][f"deterministic_{side}"] == best(row)]
    return ", ".join(sides) or "neither"


def meets(row: Row) -> bool:
    """Whether both bounds of the best randomized ratio are equal."""
    cell = row["cells"]["randomized"]
    return bool(cell["lower"] == cell["upper"])


def headline(rows: Sequence[Row]) -> list[str]:
    """What the table says at a glance, counted where the cells that it is about are there."""
    solved = [row for row in rows if best(row) is not None]
    total = len(solved)
    layered = [row for row in solved if row["layers"] > 1]
    randomized = [row for row in rows if "randomized" in row["cells"]]
    gaps = [
        value(row["cells"]["randomized"]["upper"]) - value(row["cells"]["randomized"]["lower"])
        for row in randomized
        if not meets(row)
    ]
    far, keep = (sum(name in optimal(row) for row in solved) for name in ("guided-far", "guided-keep"))
    lru = sum("lru" in optimal(row) for row in layered)
    guided = sum(row["cells"]["guided"]["upper"] == best(row) for row in solved)
    return [
        f"guided-far has the ratio of the best deterministic policy on {far} of {total} instances, guided-keep on {keep}; "
        f"LRU on {lru} of the {len(layered)} with more than one layer.",
        f"Some policy that evicts safe pages only is as good as any: on {guided} of {total} instances.",
        f"The lower bound k-l+1 is tight on {sum('lower' in tight(row) for row in solved)} of {total} instances, the upper "
        f"bound on {sum('upper' in tight(row) for row in solved)}.",
        f"For randomized policies both sides meet on {sum(map(meets, randomized))} of {len(randomized)} instances"
        + (f"; the largest gap elsewhere is {float(max(gaps)):.4f}." if gaps else "."),
    ]


def page(rows: Sequence[Row]) -> str:
    """The whole page in Markdown."""
    names = {
        "guided": "best guided",
        "deterministic": "best deterministic",
        "randomized": "best randomized",
    }
    columns = [
        "l",
        "n",
        "k",
        *(names.get(c, c) for c in COLUMNS),
        "proven: deterministic",
        "proven: randomized",
    ]
    columns += ["tight", "optimal policies"]
    lines = [
        "# Atlas of exact competitive ratios",
        "",
        "Written by `layered-paging atlas`; not edited by hand. Every number is exact. The SHA-256 of its certificates stands",
        "in the second table; `atlas/` holds those of the small instances, `layered-paging certify` checks them.",
        "All instances with l >= 1, n >= 2, l <= k < n·l and n·l <= "
        f"{max(row['layers'] * row['experts'] for row in rows)}; "
        + " and ".join(f"{names.get(column, column)} where n·l <= {pages}" for column, pages in PAGES.items())
        + ".",
        f"*refused*: more than {POLICY_LIMITS.computed:,} states of a policy, or {GAME_LIMITS.computed:,} of the game, by an",
        "estimate from above; or ages that do not fit into a state. Where the game of all policies is too large, the best",
        "deterministic ratio is enclosed by k-l+1 and by the best guided policy, one that evicts safe pages only.",
        "",
        *(f"* {line}" for line in headline(rows)),
        "",
        "An interval means: the certified lower and upper bound of the best randomized policy against oblivious adversaries.",
        "*proven*: the interval that the theorems give. *tight*: which of its deterministic ends is the truth.",
        "",
        *_table(columns, [_ratios(row) for row in rows]),
        "",
        "## Certificates",
        "",
        "The first 16 digits of the SHA-256 of the unpacked certificate, from below / from above; `atlas.json` has them whole.",
        f"A dash: none was made, as a policy has more than {POLICY_LIMITS.certified:,} states, or the game more than "
        f"{GAME_LIMITS.certified:,}.",
        "",
        *_table(["l", "n", "k", *COLUMNS], [_sums(row) for row in rows]),
    ]
    return "\n".join(lines) + "\n"


def _ratios(row: Row) -> list[str]:
    cells, bounds = row["cells"], row["bounds"]
    texts = []
    for column in COLUMNS:
        cell = cells.get(column)
        if cell is None:
            texts.append("")
        elif cell["refused"]:
            texts.append("refused")
        elif cell["lower"] == cell["upper"]:
            texts.append(cell["upper"])
        else:
            texts.append(f"{float(value(cell['lower'])):.5f} .. {readable(value(cell['upper']))}")
    proven = [
        f"{bounds[f'{kind}_lower']} .. {bounds[f'{kind}_upper']}" for kind in ("deterministic", "randomized")
    ]
    return [*_numbers(row), *texts, *proven, tight(row), ", ".join(optimal(row)) or "none of these"]


def _sums(row: Row) -> list[str]:
    def short(column: str, side: str) -> str:
        found = row["cells"][column]["certificates"].get(side)
        return found[:16] if found else "-"

    return [
        *_numbers(row),
        *(f"{short(c, 'lower')} / {short(c, 'upper')}" if c in row["cells"] else "" for c in COLUMNS),
    ]


def _numbers(row: Row) -> list[str]:
    return [str(row[name]) for name in ("layers", "experts", "cache")]


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return [
        "| " + " | ".join(columns) + " |",
        "| " + " | ".join("---" for _ in columns) + " |",
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
