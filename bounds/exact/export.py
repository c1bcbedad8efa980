"""The graphs of the exact computations for networkx, and as files for other programs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from paging.errors import InvalidArgument
from paging.files import write_atomically

if TYPE_CHECKING:
    import networkx as nx

Edge = tuple[np.integer, np.integer, np.integer, np.integer]
"""From a state to a state, the position of the page, miss + 2 * growth."""


def exported(texts: Iterable[str], edges: Iterable[Edge], worst: Iterable[int]) -> nx.MultiDiGraph[int]:
    """Nodes: the states, 0 the start, each with its ``state`` as certificates write it. Edges: the requests, by number, with
    ``page`` (its position), ``a`` (a miss of ALG: 0 or 1), ``o`` (growth of OPT), ``worst`` (on the worst cycle).

    Several requests may lead from one state to another. The ratio is the largest sum of a over sum of o of a cycle.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[int] = nx.MultiDiGraph()
    for state, text in enumerate(texts):
        graph.add_node(state, state=text)
    marked = frozenset(worst)
    for number, (source, to, page, cost) in enumerate(edges):
        graph.add_edge(
            int(source),
            int(to),
            number,
            page=int(page),
            a=int(cost) & 1,
            o=int(cost) >> 1,
            worst=number in marked,
        )
    return graph


def check_graph_file(path: Path) -> None:
    """Raise InvalidArgument for a name that does not say how the graph is to be written."""
    if path.suffix not in (".graphml", ".dot"):
        raise InvalidArgument(f"{path}: expected a name in .graphml or .dot")


def write_graph(graph: nx.MultiDiGraph[int], path: Path) -> None:
    """As GraphML, or in the language of Graphviz; by the name. Raises InvalidArgument."""
    import networkx as nx

    check_graph_file(path)
    lines = nx.generate_graphml(graph) if path.suffix == ".graphml" else _dot(graph)
    write_atomically(path, ("\n".join(lines) + "\n").encode())


def _dot(graph: nx.MultiDiGraph[int]) -> Iterable[str]:
    yield "digraph {"
    yield "  node [shape=box, fontname=monospace];"
    for state, text in graph.nodes(data="state"):
        yield f'  {state} [label="{text}"];'
    for source, to, edge in graph.edges(data=True):
        style = ", color=red, penwidth=2" if edge["worst"] else ""
        yield f'  {source} -> {to} [label="{edge["page"]}: {edge["a"]}/{edge["o"]}"{style}];'
    yield "}"
