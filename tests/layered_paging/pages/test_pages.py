"""The pages without a browser: what is in them, that nothing else is, and that the figures are those of the command line."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from layered_paging.__main__ import main
from layered_paging.pages.chart import MOST_SIZES, every_size
from layered_paging.pages.escaping import embedded, escaped, visible
from layered_paging.pages.explanation import explanation_page
from layered_paging.pages.made import Made
from layered_paging.text.explanation import page as text_page
from paging.curve import Curve, curve
from paging.explain.explanation import Explanation, explain
from paging.explain.timeline import MOST_CELLS, MOST_COLUMNS, Timeline
from paging.model import Instance
from paging.offline.belady import belady
from paging.policies.lru import LRU
from paging.replay import replay
from paging.traces.formats import read_trace, write_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from tests.layered_paging.pages.hostile import NAME, hostile_files
from tests.layered_paging.pages.reading import Read, needs_nothing_else
from tests.layered_paging.test_cli import complaint, document

ROOT = Path(__file__).parents[3]


def small(width: int = 2, tokens: int = 60, sized: bool = True) -> Trace:
    trace = synthetic(3, 6, tokens, width=width, zipf=0.8, rng=np.random.default_rng(4))
    return trace.sized([3 << 20]) if sized else trace


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    write_trace(small(), tmp_path / "a.trace")
    return tmp_path / "a.trace"


def made(found: Explanation) -> Read:
    return Read(explanation_page(found, Made(("explain",), "a.trace", "0" * 64, (3, 6, 2))))


def test_explanation_has_the_figures_of_the_command(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "r.html"
    words = ["explain", trace, "-k", 7, "--policy", "fifo", "--warmup", 3, "--bandwidth", 2]
    found = document(capsys, *words, "--html", path)
    assert main([*map(str, words)]) == 0
    said = capsys.readouterr().out.splitlines()
    page = Read(path.read_text())
    assert page.inside["h1"] == [found["verdict"]] == [said[0]]
    html = path.read_text()
    for line in said:  # every sentence but those that became tables
        if line.startswith(
            ("Evictions", "LRU needs", "A cache begins", "An even share", "Loaded", "At 2 GB/s")
        ):
            assert f"<li>{escaped(line)}</li>" in html
    assert f"<p>{said[2]}</p>" in html
    kinds = [" ".join(line.split()) for line in said[5:8]]
    assert [" ".join(row) for row in page.rows[1:4]] == kinds
    assert page.rows[4] == ["all misses", f"{found['misses']:,}", re.search(r"\((.*?%)", said[4])[1]]  # type: ignore[index]
    assert page.data["layers"] == found["layers"]
    assert page.data["chart"]["point"]["rate"] == f"{found['hit_rates']['fifo']:.2%}"
    table = {row[0]: row[3] for row in page.rows if row[1:2] == ["7"] and len(row) == 5}
    assert table == {name: f"{rate:.2%}" for name, rate in found["hit_rates"].items()}
    command = "layered-paging explain " + " ".join(map(str, words[1:])) + f" --json --html {path}"
    assert sorted(page.inside["code"][0].split()) == sorted(command.split())
    assert page.inside["code"][1] == hashlib.sha256(trace.read_bytes()).hexdigest()


def test_measurement_has_the_figures_of_the_command(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "m.html"
    words = ["measure", trace, "-k", 12, 5, "--html", path, "--all"]
    found = document(capsys, *words)
    assert main([*map(str, words)]) == 0
    said = capsys.readouterr().out.splitlines()
    page = Read(path.read_text())
    printed = [re.split(r"\s{2,}", line.strip()) for line in said[4:] if line]
    assert [[row[1], row[0], *row[2:]] for row in page.rows[1:]] == printed
    assert f"<p>{said[0]}</p>" in path.read_text()
    chart = page.data["chart"]
    assert chart["sizes"] == [5, 12]
    drawn = {
        (line["name"], k): m for line in chart["lines"] for k, m in zip([5, 12], line["misses"], strict=True)
    }
    assert drawn == {(row["policy"], row["cache"]): row["misses"] for row in found["rows"]}
    assert chart["gib"] == [f"{k * 3 / 1024:.2f} GiB" for k in (5, 12)]
    assert len([line for line in chart["lines"] if line["shown"]]) < len(chart["lines"])


def test_times_where_they_are_known(capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path) -> None:
    """With one size for all experts the cursor reads at k what the command prints; with several it says "about"."""
    path = tmp_path / "r.html"
    words = ["explain", str(trace), "-k", "7", "--bandwidth", "2", "--html", str(path)]
    assert main(words) == 0
    said = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("At 2 GB/s"))
    chart = Read(path.read_text()).data["chart"]
    at = chart["sizes"].index(7)
    times = {line["name"]: line["times"][at] for line in chart["lines"]}
    assert said.endswith(f"lru {times['LRU']}, OPT {times['OPT']}")
    assert main([*words, "--expert-bytes", "1MB,2MB,3MB"]) == 0
    line = Read(path.read_text()).data["chart"]["lines"][1]
    misses = line["misses"][at]
    assert line["times"][at] == f"about {misses * 2e6 / 60 / 2e9 * 1000:,.2f} ms per token"
    assert main(words[:4] + words[6:]) == 0
    assert Read(path.read_text()).data["chart"]["lines"][0]["times"] is None


def test_the_cursor_reads_the_times_of_headroom(
    capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path
) -> None:
    path = tmp_path / "r.html"
    machine = ["--bandwidth", "2.5", "--latency", "40", "--compute", "75"]
    assert main(["explain", str(trace), "-k", "7", *machine, "--html", str(path)]) == 0
    page = Read(path.read_text())
    chart = page.data["chart"]
    for cache in (4, 7, 15):
        found = document(capsys, "headroom", trace, "-k", cache, *machine)
        lru, best = found["rows"][0]["ms_per_token"], found["best"]["ms_per_token"]
        at = chart["sizes"].index(cache)
        times = {line["name"]: line["times"][at] for line in chart["lines"]}
        assert times == {"LRU": f"{lru:,.2f} ms per token", "OPT": f"{best:,.2f} ms per token"}
    assert "2.5 GB/s, 40 µs more for each load, 75 µs to compute a layer" in path.read_text()


@pytest.mark.parametrize("warm", [[], ["--warmup", "5"], ["--semantics", "atomic"]])
def test_a_measurement_reads_the_times_of_headroom(
    capsys: pytest.CaptureFixture[str], trace: Path, tmp_path: Path, warm: list[str]
) -> None:
    """Every policy that headroom compares, and the best schedule, at each size."""
    path = tmp_path / "m.html"
    words = [str(trace), "-k", "15", "7", *warm, "--bandwidth", "2.5", "--latency", "40", "--compute", "75"]
    assert main(["measure", *words, "--html", str(path)]) == 0
    chart = Read(path.read_text()).data["chart"]
    lines = {line["name"]: line["times"] for line in chart["lines"]}
    for found in document(capsys, "headroom", *words)["caches"]:
        at = chart["sizes"].index(found["cache"])
        times = {row["policy"]: row["ms_per_token"] for row in found["rows"]}
        times["opt"] = found["best"]["ms_per_token"]
        assert len(times) > 5
        for name, ms in times.items():
            assert lines[name][at] == f"{ms:,.2f} ms per token", name
    assert path.read_text().count("2.5 GB/s, 40 µs more for each load, 75 µs to compute a layer") == 1


def test_a_measurement_with_experts_of_several_sizes_says_about(trace: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.html"
    words = ["measure", str(trace), "--policy", "lru", "--html", str(path), "--expert-bytes", "1MB,2MB,3MB"]
    assert main([*words, "-k", "7", "--bandwidth", "2"]) == 0
    lru = Read(path.read_text()).data["chart"]["lines"][1]
    assert lru["times"] == [f"about {lru['misses'][0] * 2e6 / 60 / 2e9 * 1000:,.2f} ms per token"]
    assert "GiB and times: experts of the mean size" in path.read_text()
    assert main([*words, "--capacity", "9MB", "--bandwidth", "2"]) == 0
    assert ">Times: experts of the mean size" in path.read_text()
    assert main([*words, "-k", "7"]) == 0
    assert Read(path.read_text()).data["chart"]["lines"][1]["times"] is None


def test_times_that_nobody_could_read_are_refused(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words, html = ["measure", trace, "-k", 7], ["--html", tmp_path / "m.html"]
    assert "--bandwidth: expected --html" in complaint(capsys, *words, "--bandwidth", 2)
    assert "expected --bandwidth with them" in complaint(capsys, *words, *html, "--latency", 2)
    write_trace(small(sized=False), trace)
    assert "needs the sizes of experts" in complaint(capsys, *words, *html, "--bandwidth", 2)


def test_a_measurement_in_bytes(trace: Path, tmp_path: Path) -> None:
    path = tmp_path / "m.html"
    words = ["measure", trace, "--capacity", "1GiB,30MiB", "--policy", "lru", "--html", path]
    assert main([*map(str, words)]) == 0
    chart = Read(path.read_text()).data["chart"]
    assert (chart["unit"], chart["gib"]) == ("bytes", ["0.03 GiB", "1.00 GiB"])


def test_every_size_is_the_curve() -> None:
    requests = small().requests()
    whole = curve(requests)
    lines = every_size(whole, 7)
    assert list(lines.sizes) == list(range(1, max(7, whole.settles) + 1))
    for index, size in enumerate(lines.sizes):
        assert (lines.misses["LRU"][index], lines.misses["OPT"][index]) == whole.at(size)
    assert every_size(whole, 500).sizes[-1] == 18  # no more slots than pages


def test_of_many_sizes_some_are_kept_and_the_asked_one_is() -> None:
    count = 3 * MOST_SIZES
    falling = np.arange(count, 0, -1)
    lines = every_size(Curve(count, np.arange(1, count + 1), falling, falling), 12_347)
    assert len(lines.sizes) <= MOST_SIZES + 1
    assert {1, 12_347, count} <= set(lines.sizes)
    assert all(lines.misses["LRU"][i] == count + 1 - size for i, size in enumerate(lines.sizes))


@pytest.mark.parametrize("cells", [MOST_CELLS, 20])
@pytest.mark.parametrize("warmup", [0, 7])
def test_timeline(monkeypatch: pytest.MonkeyPatch, cells: int, warmup: int) -> None:
    """Each request once more, one by one; with one and with several tokens in a column, and tokens that lack layers."""
    monkeypatch.setattr(sys.modules[Timeline.__module__], "MOST_CELLS", cells)
    whole = small()
    asked = np.random.default_rng(1).random((60, 3)) < 0.8
    asked[warmup] = True
    trace = Trace.from_array(whole.routing, experts=6, asked=asked)
    found = explain(trace, 7, warmup=warmup)
    line = found.timeline
    step = line.step
    assert step == (1 if cells == MOST_CELLS else -(-(60 - warmup) // (20 // 3)))
    requests = trace.requests(warmup=warmup)
    hits, best = replay(LRU(), Instance(3, 6, 7), requests).hits, belady(Instance(3, 6, 7), requests)
    expected = np.zeros((4, 3, -(-line.tokens // step)), np.int64)
    seen: set[int] = set()
    time = 0
    for token in range(60):
        for layer in range(3):
            for slot in range(2 if asked[token, layer] else 0):
                number = layer * 6 + int(whole.routing[token, layer, slot])
                if time >= requests.warmup:
                    miss, opt, new = not hits[time], not best[time - requests.warmup], number not in seen
                    expected[:, layer, (token - warmup) // step] += [1, new, opt - new, miss - opt]
                seen.add(number)
                time += 1
    names = ("requests", "compulsory", "capacity", "policy")
    for name, numbers in zip(names, expected, strict=True):
        assert np.array_equal(getattr(line, name), numbers), name
    assert [int(n) for n in line.misses.sum(axis=1)] == [layer.loss.misses for layer in found.layers]
    data = made(found).data["timeline"]
    assert data["policy"] == expected[3].ravel().tolist()
    assert (data["tokens"], data["step"], data["layers"]) == (60 - warmup, step, 3)


def test_a_long_trace_is_under_three_megabytes() -> None:
    """As many cells and sizes as there can be, with the numbers of 10**6 requests spread over them; every policy's row."""
    found = explain(small(), 7)
    layers, columns = 8, MOST_COLUMNS
    assert layers * columns == MOST_CELLS
    each = np.full((layers, columns), 10)  # 1.3 million requests, each number with two digits
    sizes = np.arange(1, MOST_SIZES + 1)
    misses = 10**6 - sizes
    page = explanation_page(
        replace(
            found,
            curve=Curve(10**6, sizes, misses, misses),
            timeline=Timeline(columns, 1, each, each, each, -each),
        ),
        Made(("explain",), "a.trace", "0" * 64, (3, 6, 2)),
    )
    assert 2_000_000 < len(page) < 3_000_000


def test_a_page_needs_nothing_else(trace: Path, tmp_path: Path) -> None:
    for words in (["explain", "-k", "7"], ["measure", "-k", "5", "12"]):
        path = tmp_path / "p.html"
        assert main([words[0], str(trace), *words[1:], "--html", str(path)]) == 0
        needs_nothing_else(Read(path.read_text()))


def test_hostile_names_are_text(tmp_path: Path) -> None:
    trace, policy = hostile_files(tmp_path, small())
    for words in (["explain", str(trace), "-k", "7"], ["measure", str(trace), "-k", "5", "12"]):
        path = tmp_path / "p.html"
        assert main([*words, "--policy", policy, "--html", str(path)]) == 0
        page = Read(path.read_text())
        assert len(page.inside["script"]) == 2
        assert not [tag for tag, _ in page.elements if tag == "img"]
        assert visible(str(trace)) in page.inside["title"][0]
        assert visible(policy) in {row[0] for row in page.rows}
        drawn = page.data["chart"]["point"] if words[0] == "explain" else page.data["chart"]["lines"][-1]
        assert drawn["name"] == visible(policy)


def test_escaping() -> None:
    assert visible("a\n\x00\u202eé\udc80<") == "a\\n\\x00\\u202eé\\udc80<"
    assert escaped(NAME).isprintable()
    assert not set("<>\"'") & set(escaped(NAME))
    text = embedded({NAME: ["<!--", "<script", "]]>"]})
    assert not set("<>&") & set(text)
    assert text.isascii()
    assert json.loads(text) == {NAME: ["<!--", "<script", "]]>"]}
    with pytest.raises(ValueError, match="JSON"):
        embedded(float("nan"))


def test_a_name_that_is_no_text(tmp_path: Path) -> None:
    """A byte that is not UTF-8 in the name of a file: half a character in Python."""
    path = tmp_path / "a\udcff.trace"
    try:
        write_trace(small(), path)
    except OSError:
        pytest.skip("the file system has names in UTF-8 only")
    assert main(["measure", str(path), "-k", "5", "--policy", "lru", "--html", str(tmp_path / "m.html")]) == 0
    assert "a\\udcff.trace" in (tmp_path / "m.html").read_text()


ASSETS = ROOT / "layered_paging" / "pages" / "assets"


def test_the_assets_are_package_data() -> None:
    data = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]
    packed = {path for pattern in data["layered_paging"] for path in (ROOT / "layered_paging").glob(pattern)}
    assert ASSETS / "page.css" in packed
    assert set(ASSETS.iterdir()) <= packed


@pytest.mark.slow
def test_a_wheel_has_the_assets(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".*", "build", "*.egg-info", "tests", "benchmarks", "docs")
    shutil.copytree(ROOT, copy, ignore=ignored)
    words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(tmp_path), str(copy)]
    subprocess.run(words, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"layered_paging/pages/assets/{path.name}" for path in ASSETS.iterdir()} <= names


def test_assets_end_no_element() -> None:
    for path in ASSETS.iterdir():
        assert not re.search("</(script|style)|<!--", path.read_text(), re.IGNORECASE), path
        assert "innerHTML" not in path.read_text(), path


def test_the_checksum_is_that_of_the_unpacked_file(trace: Path, tmp_path: Path) -> None:
    packed = tmp_path / "a.trace.gz"
    packed.write_bytes(gzip.compress(trace.read_bytes()))
    expected = hashlib.sha256(trace.read_bytes()).hexdigest()
    assert read_trace(trace).checksum == read_trace(packed).checksum == expected
    assert read_trace(trace).sized([5]).checksum == expected
    assert small().checksum == ""


def test_wrong_places_are_refused_before_the_work(
    trace: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["explain", trace, "-k", 7], ["measure", trace, "-k", 7]):
        assert "expected a name that ends in .html" in complaint(capsys, *words, "--html", tmp_path / "a.txt")
        assert "does not exist" in complaint(capsys, *words, "--html", tmp_path / "no" / "a.html")


def test_the_text_is_as_before() -> None:
    """The page of text and the page in HTML have one source; its columns are as wide as they were."""
    lines = text_page(explain(small(), 7), None)
    assert [line[:36].strip() for line in lines[5:8]] == [
        "first uses, unavoidable",
        "capacity: OPT misses too",
        "policy: OPT would have hit",
    ]
    assert {len(line) for line in lines[5:8]} == {53}
