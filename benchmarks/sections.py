"""Several commands write into one file of results: each replaces its own section."""

from __future__ import annotations


def section(text: str, title: str) -> list[str]:
    """The lines from the heading ``## title`` to the next one; none if there is no such section."""
    lines = text.splitlines()
    if f"## {title}" not in lines:
        return []
    begin = lines.index(f"## {title}")
    ends = [i for i in range(begin + 1, len(lines)) if lines[i].startswith("## ")]
    return lines[begin : ends[0] if ends else len(lines)]


def with_section(text: str, title: str, new: list[str]) -> str:
    """The text with the section ``title``, heading included in ``new``, in the place of the old one or at the end."""
    old, lines = section(text, title), text.splitlines()
    begin = lines.index(f"## {title}") if old else len(lines)
    gap = [""] if begin and lines[begin - 1] else []
    rest = lines[begin + len(old) :]
    return "\n".join([*lines[:begin], *gap, *new, *([""] if rest and new[-1] else []), *rest]) + "\n"
