"""``divide`` as a user meets it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from layered_paging.__main__ import main
from paging.division import best_division, division_misses, shared_misses
from paging.traces.formats import read_trace, write_trace
from paging.traces.trace import Trace
from tests.layered_paging.test_cli import complaint, document, trace

__all__ = ["trace"]

TRACES = Path(__file__).parents[3] / "shared" / "traces"


def test_the_numbers_are_those_of_the_parts(
    capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path
) -> None:
    said = document(capsys, "divide", trace, "-k", 6, "--split", 0.25, "-o", tmp_path / "d.json")
    routing = read_trace(trace)
    first, rest = routing.requests(tokens=10), routing.requests(warmup=10)
    assert said["requests"] == {"trained": 30, "judged": 90}
    for policy in ("lru", "opt"):
        found = best_division(first, 6, policy)
        assert said[policy]["slots"] == list(found.slots)
        assert said[policy]["misses"] == {
            "trained": found.misses,
            "judged": division_misses(rest, found.slots, policy),
        }
        assert said[policy]["shared"]["judged"] == shared_misses(rest, 6, policy)
        assert said[policy]["hindsight"]["misses"] == best_division(rest, 6, policy).misses
    written = json.loads((tmp_path / "d.json").read_text())
    assert written["layers"] == said["layers"]
    assert [one["slots"] for one in written["layers"]] == said["lru"]["slots"]
    assert written["unit"] == "slots"


def test_the_first_line_is_the_decision(
    capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path
) -> None:
    capsys.readouterr()
    assert main(["divide", str(trace), "-k", "6", "-o", str(tmp_path / "d.csv"), "--policy", "opt"]) == 0
    out = capsys.readouterr().out
    said = document(capsys, "divide", trace, "-k", 6)["opt"]
    verdict = "pays" if said["misses"]["judged"] < said["shared"]["judged"] else "does not pay"
    assert out.startswith(
        f"Dividing the cache {verdict}: with it OPT misses {said['misses']['judged']} of 60 requests, with one shared cache "
        f"{said['shared']['judged']} ("
    )
    rows = list(csv.DictReader((tmp_path / "d.csv").read_text().splitlines()))
    assert [int(row["slots"]) for row in rows] == said["slots"]


def test_layers_have_the_numbers_of_the_model(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    routing = np.random.default_rng(0).integers(0, 4, (20, 2))
    write_trace(Trace.from_array(routing, experts=4, layer_ids=[1, 5]), tmp_path / "gaps.trace")
    said = document(capsys, "divide", tmp_path / "gaps.trace", "-k", 4)
    assert [one["layer"] for one in said["layers"]] == [1, 5]


def test_bytes(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    words = ["divide", trace, "--capacity", "20MB", "--expert-bytes", "2MB,3MB,4MB"]
    said = document(capsys, *words)
    assert said["unit"] == "bytes"
    slots = said["lru"]["slots"]
    assert 2 * slots[0] + 3 * slots[1] + 4 * slots[2] <= 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "divide: expected -k SLOTS or --capacity BYTES"),
        (("-k", 3, "--split", 1), "split: expected a share that leaves tokens on both sides"),
        (("-k", 3, "--split", "half"), "--split: expected a decimal number"),
        (("-k", 2), "at least 1 slots for each of 3 layers, got k = 2"),
        (("--capacity", "1GB"), "--capacity needs the sizes of its experts; --expert-bytes gives them"),
        (("-k", 3, "-o", "d.txt"), "-o: expected a name that ends in .json or .csv, got d.txt"),
    ],
)
def test_wrong_options(
    capsys: pytest.CaptureFixture[str], trace: Path, words: tuple[object, ...], said: str
) -> None:
    assert said in complaint(capsys, "divide", trace, *words)


@pytest.mark.skipif(not TRACES.is_dir(), reason="the recorded traces are not beside the checkout")
def test_a_recorded_trace_converted_and_divided(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As in docs/howto/worth.md; the shared cache judged by an LRU of a few lines."""
    target, slots = tmp_path / "g.trace", 480
    assert main(["convert", str(TRACES / "gemma-4-26b-a4b.route.csv"), "-o", str(target)]) == 0
    assert main(["divide", str(target), "-k", str(slots)]) == 0
    stream = read_trace(target).requests("decode").stream.tolist()
    cache: dict[int, None] = {}
    misses = []
    for page in stream:
        misses.append(page not in cache)
        cache.pop(page, None)
        cache[page] = None
        if len(cache) > slots:
            del cache[next(iter(cache))]
    assert f"with one shared cache {sum(misses[len(stream) // 2 :]):,} " in capsys.readouterr().out
