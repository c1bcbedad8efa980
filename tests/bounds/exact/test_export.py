"""Exported graphs say what was computed, to a program that knows nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from bounds.exact.deterministic import best_deterministic
from bounds.exact.export import check_graph_file, write_graph
from bounds.exact.ratio import exact_ratio
from layered_paging.__main__ import main
from paging.errors import InvalidArgument
from paging.model import Instance
from paging.policies.fifo import FIFO

SMALL = Instance(2, 2, 3)

GRAPHS: dict[str, tuple[Callable[[], nx.MultiDiGraph[int]], int]] = {
    "lru": (exact_ratio(SMALL, "lru").graph, 3),
    "guided-far": (exact_ratio(Instance(2, 3, 4), "guided-far").graph, 3),
    "own": (exact_ratio(Instance(1, 3, 2), FIFO).graph, 2),
    "best": (best_deterministic(SMALL).graph, 2),
    "best-2-3-4": (best_deterministic(Instance(2, 3, 4)).graph, 3),
}


"""With their ratios, by theorems: k for LRU and FIFO, k - l + 1 for guided-far and the best policy."""


@pytest.mark.parametrize("name", GRAPHS)
def test_the_marked_cycle_has_the_ratio_and_none_has_more(name: str) -> None:
    made, ratio = GRAPHS[name]
    graph = made()
    worst = [(x, y, edge) for x, y, edge in graph.edges(data=True) if edge["worst"]]
    assert sum(e["a"] for _, _, e in worst) == ratio * sum(e["o"] for _, _, e in worst)
    cycle = nx.MultiDiGraph([(x, y) for x, y, _ in worst])
    assert nx.is_strongly_connected(cycle)
    assert {d for _, d in cycle.in_degree} == {1} == {d for _, d in cycle.out_degree}
    for claimed, beaten in ((ratio, False), (ratio - Fraction(1, 1000), True)):
        p, q = Fraction(claimed).as_integer_ratio()
        weighted: nx.DiGraph[Any] = nx.DiGraph()
        for x, y, edge in graph.edges(data=True):
            weight = p * edge["o"] - q * edge["a"]
            if not weighted.has_edge(x, y) or weighted[x][y]["weight"] > weight:
                weighted.add_edge(x, y, weight=weight)
        assert nx.negative_edge_cycle(weighted) == beaten


@pytest.mark.parametrize("name", ["a.graphml", "a.dot"])
def test_files(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    assert main(["ratio", "lru", "-l", "2", "-n", "2", "-k", "3", "--graph", str(path)]) == 0
    graph = exact_ratio(SMALL, "lru").graph()
    if path.suffix == ".graphml":
        read = nx.read_graphml(path, node_type=int, force_multigraph=True)
        assert dict(read.nodes(data="state")) == dict(graph.nodes(data="state"))
        assert sorted(read.edges(data="worst")) == sorted(graph.edges(data="worst"))
        assert sorted(read.edges(data="a")) == sorted(graph.edges(data="a"))
    else:
        text = path.read_text()
        assert text.count(" -> ") == graph.number_of_edges()
        assert text.count("color=red") == sum(worst for _, _, worst in graph.edges(data="worst"))
        assert text.count("[label=") == len(graph) + graph.number_of_edges()


def test_a_name_that_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "graph.txt"
    assert main(["ratio", "lru", "-l", "2", "-n", "2", "-k", "3", "--graph", str(path)]) == 2
    assert capsys.readouterr().err.endswith("graph.txt: expected a name in .graphml or .dot\n")
    for function in (check_graph_file, lambda at: write_graph(exact_ratio(SMALL, "lru").graph(), at)):
        with pytest.raises(InvalidArgument, match="expected a name in"):
            function(path)
    assert not path.exists()
