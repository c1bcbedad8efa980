"""The reference of the public names, from the dictionary PUBLIC of a front door."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any, ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import SphinxDirective

from from_code.registries import about

FRONT_DOORS = ("layered_paging", "layered_paging.testing")
"""Modules with a dictionary PUBLIC."""

KINDS = ("functions", "classes", "errors", "registries")


def kind_of(value: object) -> str:
    """Where a public name stands in the reference."""
    if isinstance(value, Mapping):
        return "registries"
    if not inspect.isclass(value):
        return "functions"
    return "errors" if issubclass(value, BaseException) else "classes"


def public_names(module: str, kind: str) -> list[str]:
    """The public names of one kind, in the order of PUBLIC."""
    door = import_module(module)
    return [name for name in door.PUBLIC if kind_of(getattr(door, name)) == kind]


class PublicNames(SphinxDirective):
    """``.. public-names:: MODULE`` with ``:kind:``, one of KINDS: their docstrings, or their tables."""

    required_arguments = 1
    option_spec: ClassVar[dict[str, Any]] = {
        "kind": lambda argument: directives.choice(argument, KINDS),
    }

    def run(self) -> list[nodes.Node]:
        """Leave the work to autodoc, and to the directive of registries."""
        module, kind = self.arguments[0], self.options["kind"]
        lines = []
        for name in public_names(module, kind):
            if kind == "registries":
                lines += [f".. py:data:: {module}.{name}", "", f"   {about(name)}", ""]
                lines += [f"   .. registry:: {module}.{name}", ""]
            elif kind == "functions":
                lines += [f".. autofunction:: {module}.{name}", ""]
            else:
                lines += [f".. autoclass:: {module}.{name}", "   :members:", ""]
        return self.parse_text_to_nodes("\n".join(lines))


def at_the_front_door(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.reference | None:
    """A reference to ``paging.model.Instance`` leads to ``layered_paging.Instance``, where it is documented."""
    if node.get("refdomain") != "py":
        return None
    module, _, name = node["reftarget"].rpartition(".")
    for door in FRONT_DOORS:
        if import_module(door).PUBLIC.get(name) in (module, module or None):
            return env.domains.python_domain.resolve_xref(
                env, node["refdoc"], app.builder, "obj", f"{door}.{name}", node, content
            )
    return None
