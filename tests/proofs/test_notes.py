"""Every theorem has its page, with the same parts in the same order, and what it refers to exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proofs.symbolic import CHECKS

ROOT = Path(__file__).parents[2]
NOTES = ROOT / "proofs" / "notes"
TAGS = {
    "fixed-partition": "paper*",
    "deterministic-lower": "paper*",
    "one-token-lower": "derived",
    "lru-lower": "paper*",
    "lru-cycle-lower": "derived",
    "lru-value-lower": "derived",
    "fifo-lower": "derived",
    "lru-upper": "classical",
    "lru-value-upper": "derived",
    "augmented-upper": "classical",
    "one-slot-partition-upper": "derived",
    "one-token-upper": "derived",
    "llru-lower": "derived",
    "llru-upper": "derived",
    "guided-upper": "derived",
    "guided-far-upper": "derived",
    "keep-upper": "derived",
    "guided-keep-upper": "derived",
    "randomized-lower": "paper*",
    "randomized-uniform-lower": "derived",
    "randomized-one-layer-lower": "classical",
    "randomized-spread-lower": "derived",
    "randomized-even-lower": "derived",
    "two-layers-lower": "derived",
    "marker-upper": "classical",
    "randomized-upper": "classical",
    "one-page-missing-upper": "derived",
}
"""The tags of the statement list (theory, section 3)."""

PARTS = (
    "# ",
    "**Id:** ",
    "**Tag:** ",
    "**Statement.** ",
    "**Needs:** ",
    "**Constant:** ",
    "## Proof",
    "## A small case",
)


def faults(text: str, theorem: str, tag: str) -> list[str]:
    """What is wrong with a page."""
    lines = text.splitlines()
    found = []
    at = -1
    for part in PARTS:
        places = [i for i, line in enumerate(lines) if line.startswith(part)]
        if len(places) != 1 or places[0] <= at:
            found.append(part)
        at = places[0] if places else at
    if f"**Id:** `{theorem}`" not in lines:
        found.append("id")
    if not any(line.startswith(f"**Tag:** `{tag}`") for line in lines):
        found.append("tag")
    if "∎" not in text:
        found.append("end of proof")
    if not text.split("\n\n")[-1].startswith("Checked:"):
        found.append("Checked")
    return found


def test_one_page_per_theorem() -> None:
    assert {path.stem for path in NOTES.glob("*.md")} == set(TAGS)


@pytest.mark.parametrize(("theorem", "tag"), TAGS.items())
def test_page_is_complete(theorem: str, tag: str) -> None:
    text = (NOTES / f"{theorem}.md").read_text(encoding="utf-8")
    assert faults(text, theorem, tag) == []


@pytest.mark.parametrize("theorem", TAGS)
def test_references_exist(theorem: str) -> None:
    text = (NOTES / f"{theorem}.md").read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        assert (NOTES / target).is_file()
    checked = text[text.rindex("Checked:") :]
    for name in re.findall(r"`([^`]+)`", checked):
        assert (ROOT / name).is_file() if "/" in name else name in {check.id for check in CHECKS}


def test_an_incomplete_page_is_found() -> None:
    text = (NOTES / "lru-upper.md").read_text(encoding="utf-8")
    assert faults(text, "lru-lower", "classical") == ["id"]
    assert faults(text, "lru-upper", "derived") == ["tag"]
    assert faults(text.replace("## Proof", "Proof"), "lru-upper", "classical") == ["## Proof"]
    assert faults(text + "\n\nmore\n", "lru-upper", "classical") == ["Checked"]
