"""Formulas are plain text, L_1 or H_{k−1} or (1−1/n)^R; on the site indices stand below and exponents above the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from docutils import nodes
from sphinx.transforms import SphinxTransform

FOLDERS = ("proofs/", "theory/")
MARK = re.compile(r"(?<=[\w)\]}′])([_^])(?:\{([^{}]+)\}|(-?\d+|\w)(?!\w))")
STANDS = {"_": nodes.subscript, "^": nodes.superscript}


def pieces(text: str) -> Iterator[nodes.Node]:
    """The text in parts: an index is one letter, a number, or stands in braces."""
    done = 0
    for mark in MARK.finditer(text):
        if mark.start() > done:
            yield nodes.Text(text[done : mark.start()])
        yield STANDS[mark[1]]("", mark[2] or mark[3])
        done = mark.end()
    if done < len(text):
        yield nodes.Text(text[done:])


class Indices(SphinxTransform):
    """In the pages of theory and proofs, outside of code."""

    default_priority = 700

    def apply(self, **_: Any) -> None:
        """Replace texts by their pieces."""
        if not self.env.docname.startswith(FOLDERS):
            return
        for text in list(self.document.findall(nodes.Text)):
            if MARK.search(text) and not _in_code(text):
                text.parent.replace(text, list(pieces(str(text))))


def _in_code(node: nodes.Node) -> bool:
    while (node := node.parent) is not None:
        if isinstance(node, nodes.literal | nodes.literal_block | nodes.raw | nodes.comment):
            return True
    return False
