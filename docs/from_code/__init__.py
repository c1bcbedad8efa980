"""Directives that write parts of the site from the code, so that nothing is said twice.

``public-names``: the reference of a front door's PUBLIC. ``registry``: a registry as a table. ``command-help``: what the
commands say of themselves. ``task-kinds``: the kinds of tasks of a campaign. The atlas, the games and
the pictures are pages of their own.
"""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx

from from_code.commands import CommandHelp
from from_code.indices import Indices
from from_code.kinds import TaskKinds
from from_code.looked_at import write_pages
from from_code.notes import adapt
from from_code.public import PublicNames, at_the_front_door
from from_code.registries import RegistryTable


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("public-names", PublicNames)
    app.add_directive("registry", RegistryTable)
    app.add_directive("command-help", CommandHelp)
    app.add_directive("task-kinds", TaskKinds)
    app.add_transform(Indices)
    app.connect("missing-reference", at_the_front_door)
    app.connect("source-read", adapt)
    app.connect("build-finished", write_pages)
    return {"parallel_read_safe": True}
