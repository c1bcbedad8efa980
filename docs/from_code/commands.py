"""The reference of the command line: what ``--help`` says, command by command."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from unittest.mock import patch

import typer
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from layered_paging.__main__ import main
from layered_paging.cli.app import app

PROGRAM = "layered-paging"
WIDTH = "88"


def commands(group: typer.Typer) -> Iterator[tuple[str, ...]]:
    """The words of every command below a group, in the order in which they are listed."""
    for command in group.registered_commands:
        if command.name is not None:
            yield (command.name,)
    for part in group.registered_groups:
        if part.name is not None and part.typer_instance is not None:
            yield (part.name,)
            yield from ((part.name, *words) for words in commands(part.typer_instance))


def help_of(words: tuple[str, ...]) -> str:
    """What a command prints with --help."""
    said = StringIO()
    wide = patch.dict(os.environ, {"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH})
    with wide, patch.object(sys, "argv", [PROGRAM]), redirect_stdout(said):
        status = main([*words, "--help"])
    assert status == 0, words
    return said.getvalue()


class CommandHelp(SphinxDirective):
    """``.. command-help::``: a section for each command."""

    def run(self) -> list[nodes.Node]:
        """Sections with a literal block each."""
        found: list[nodes.Node] = []
        for words in commands(app):
            name = " ".join(words)
            section = nodes.section(ids=[nodes.make_id(f"layered-paging {name}")])
            section += nodes.title(name, name)
            section += nodes.literal_block("", help_of(words), language="text")
            found.append(section)
        return found
