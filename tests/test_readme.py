"""README: its first session is short, its table is the registry's, its links lead somewhere. Its examples: test_docs."""

from __future__ import annotations

import re
from pathlib import Path

from bounds.theorems.registry import THEOREMS

README = Path(__file__).parents[1] / "README.md"


def test_the_first_session_is_short() -> None:
    first = README.read_text().split("```python\n")[1].split("```")[0]
    assert 0 < len(first.splitlines()) <= 12


def test_the_table_is_the_registry() -> None:
    rows = re.findall(
        r"^\| \[`([a-z-]+)`\]\(proofs/notes/\1\.md\) \| .* \| ([^|]+) \| (\w+) \|$",
        README.read_text(),
        re.MULTILINE,
    )
    assert rows == [(theorem.id, theorem.tags, "holds") for theorem in THEOREMS.values()]


def test_links() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README.read_text()):
        assert (README.parent / target).exists(), target
