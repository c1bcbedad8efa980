"""The kinds of tasks of a campaign: what the docstrings of their modules say, with the keys of a section."""

from __future__ import annotations

import inspect
import sys

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from layered_paging.campaign.kinds.registry import KINDS


class TaskKinds(SphinxDirective):
    """``.. task-kinds::``: a paragraph and an example for each kind."""

    def run(self) -> list[nodes.Node]:
        """In the order of the registry."""
        found: list[nodes.Node] = []
        for kind in KINDS.values():
            told = inspect.getdoc(sys.modules[kind.run.__module__]) or ""
            summary, _, keys = told.partition("\n\n")
            found += self.parse_text_to_nodes(summary)
            found.append(nodes.literal_block("", keys, language="toml"))
        return found
