"""Registries as tables: ids, first paragraphs of docstrings, and what a registry knows besides."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, TypeAlias

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from bounds.theorems.theorem import Theorem
from from_code.formulas import typeset
from paging.policies.guided import Guided
from paging.policies.named import MakePolicy
from paging.policies.partitioned import Partitioned

PROPERTIES = ("deterministic", "marking", "conservative", "stack")
NOTE = "/proofs/notes/{}"

Cell: TypeAlias = str | nodes.Node
"""Inline reST, or what needs no more reading."""


@dataclass(frozen=True)
class Columns:
    """What to say of the registry, headings besides the id, and the cells of one entry; None for an entry without a row."""

    about: str
    headings: Sequence[str]
    cells: Callable[[Any], Sequence[Cell] | None]


def first_paragraph(thing: object) -> str:
    """What a docstring, written in reST, begins with."""
    return " ".join((inspect.getdoc(thing) or "").partition("\n\n")[0].split())


def literal(text: str) -> str:
    """Text as it stands, whatever it means in reST."""
    return "".join(rf"\{letter}" if letter in r"\*_`|<>" else letter for letter in text)


def policy(make: MakePolicy) -> Sequence[Cell] | None:
    """What it does, what it declares. The divided ones have no row: there is one for each of the others."""
    made = make()
    if isinstance(made, Partitioned):
        return None
    told = first_paragraph(type(made))
    if isinstance(made, Guided):
        told += " Priority: " + first_paragraph(type(made.priority))
    return told, ", ".join(name for name in PROPERTIES if getattr(made, name))


def theorem(entry: Theorem) -> Sequence[Cell]:
    """The claim, with its formula, its tag and the link to its note."""
    sign = "≤ " if entry.direction == "upper" else "≥ "
    return (
        literal(entry.statement),
        nodes.paragraph("", sign, typeset(entry.formula)),
        literal(entry.precondition.text),
        f"``{entry.tags}``",
        literal(entry.reference),
        f":doc:`proof <{NOTE.format(entry.id)}>`",
    )


def adversary(entry: type[AdaptiveAdversary] | type[ObliviousAdversary]) -> Sequence[Cell]:
    """Which requests it makes, and where it can."""
    kind = "adaptive" if issubclass(entry, AdaptiveAdversary) else "oblivious"
    return literal(first_paragraph(entry)), kind, literal(entry.precondition.text)


TABLES: Mapping[str, Columns] = {
    "POLICIES": Columns(
        "Policies. ``POLICIES[id]()`` builds one. Declared properties are tested; what is not declared is not claimed. "
        "Where there is an ``id-dist``, it divides the cache among the layers: see :class:`layered_paging.Partitioned`.",
        ("evicts", "declares"),
        policy,
    ),
    "THEOREMS": Columns(
        "Theorems; the tags are explained in :doc:`/theory/theorems`.",
        ("claim", "ratio", "needs", "tag", "reference", ""),
        theorem,
    ),
    "ADVERSARIES": Columns(
        "Adversaries. ``ADVERSARIES[id](instance)`` builds one; ``layered-paging generate`` writes their sequences.",
        ("requests", "kind", "needs"),
        adversary,
    ),
    "SEARCHERS": Columns("", ("method",), lambda entry: (first_paragraph(entry),)),
    "ENGINES": Columns(
        "Engines for the offline optimum, for :func:`layered_paging.opt` and ``layered-paging optimum-cost``.",
        ("method",),
        lambda entry: (first_paragraph(entry),),
    ),
}

OTHER = Columns("", ("",), lambda entry: (first_paragraph(entry),))
"""A registry that is new here."""


def about(name: str) -> str:
    """What to say of a registry."""
    return TABLES.get(name, OTHER).about


class RegistryTable(SphinxDirective):
    """``.. registry:: MODULE.NAME``: one row per entry."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """A table."""
        module, _, name = self.arguments[0].rpartition(".")
        columns = TABLES.get(name, OTHER)
        rows = []
        for key, entry in getattr(import_module(module), name).items():
            cells = columns.cells(entry)
            if cells is not None:
                rows.append((f"``{key}``", *cells))
        return [self._table(("id", *columns.headings), rows)]

    def _table(self, headings: Sequence[Cell], rows: Sequence[Sequence[Cell]]) -> nodes.table:
        group = nodes.tgroup(cols=len(headings))
        group += [nodes.colspec(colwidth=1) for _ in headings]
        group += nodes.thead("", self._row(headings))
        group += nodes.tbody("", *(self._row(row) for row in rows))
        return nodes.table("", group, classes=["registry"])

    def _row(self, cells: Sequence[Cell]) -> nodes.row:
        row = nodes.row()
        for cell in cells:
            entry = nodes.entry()
            if isinstance(cell, nodes.Node):
                entry += cell
            else:
                self.state.nested_parse(StringList([cell], source=self.arguments[0]), 0, entry)
            row += entry
        return row
