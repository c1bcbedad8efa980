"""Trace files: what is written is read again, and what is broken is refused with file and line."""

from __future__ import annotations

import gzip
import io
import re
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from layered_paging.testing.strategies import traces
from paging.errors import InvalidArgument, InvalidTrace, LayeredPagingError, UnknownName
from paging.traces import route_csv
from paging.traces.formats import FORMATS, read_trace, write_trace
from paging.traces.regroup import Tokens, regroup
from paging.traces.text import write_text
from paging.traces.trace import Trace
from tests.paging.traces.engine_files import ENGINES, npy

TEXT = """\
# layered-paging trace v1
# layers=2 experts=8 width=2
# expert_bytes=10,20
phase,layer,expert_0,expert_1
prefill,0,3,5
prefill,1,0,7
decode,0,3,1
decode,1,2,7
"""
ROUTE = """\
# route_trace v1
# model=m.gguf arch=a n_layer=2 n_expert=4 n_expert_used=2
# layer=0 expert_bytes=7 dense_bytes=1
# layer=1 expert_bytes=9 dense_bytes=1
turn,phase,step,layer,slot,expert,weight,residency,expert_bytes
0,0,0,0,0,3,0.5,0,7
0,0,0,0,1,1,0.5,0,7
0,0,1,0,0,2,0.5,0,7
0,0,1,0,1,0,0.5,0,7
0,0,1,1,0,1,0.5,0,7
0,0,1,1,1,3,0.5,0,7
0,1,2,0,0,0,0.5,0,7
0,1,2,0,1,1,0.5,0,7
0,1,2,1,0,2,0.5,0,7
0,1,2,1,1,3,0.5,0,7
"""
JSONL = """\
{"n_layers": 2, "n_experts": 8}
{"token": 0, "layer": 0, "experts": [3, 5], "phase": "prefill"}
{"token": 1, "layer": 0, "experts": [3, 1], "weights": [0.5, 0.5]}
{"token": 0, "layer": 1, "experts": [0, 7], "phase": "prefill"}
{"token": 1, "layer": 1, "experts": [2, 7]}
"""


def same(one: Trace, two: Trace) -> bool:
    per_layer = [[getattr(t, name) for name in ("expert_bytes", "sizes")] for t in (one, two)]
    return (
        (one.layers, one.experts) == (two.layers, two.experts)
        and np.array_equal(one.routing, two.routing)
        and np.array_equal(one.decode, two.decode)
        and np.array_equal(one.asked, two.asked)
        and all(np.array_equal(a, b) for a, b in zip(*per_layer, strict=True))
    )


def test_the_documented_example(tmp_path: Path) -> None:
    path = tmp_path / "a.trace"
    path.write_text(TEXT)
    trace = read_trace(path)
    assert (trace.layers, trace.experts, trace.width, trace.tokens) == (2, 8, 2, 2)
    assert trace.routing.tolist() == [[[3, 5], [0, 7]], [[3, 1], [2, 7]]]
    assert trace.decode.tolist() == [False, True]
    assert trace.page_bytes() is not None
    assert trace.page_bytes().tolist() == [10] * 8 + [20] * 8  # type: ignore[union-attr]
    assert trace.requests("decode").stream.tolist() == [3, 1, 10, 15]
    assert trace.requests("prefill", "atomic").batches.tolist() == [[3, 5], [8, 15]]
    assert len(trace.requests("all")) == 8
    assert write_text(trace).decode() == TEXT


def test_route_csv_regroups(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROUTE)
    trace = read_trace(path)
    assert trace.routing.tolist() == [[[3, 1], [-1, -1]], [[2, 0], [1, 3]], [[0, 1], [2, 3]]]
    assert trace.asked.tolist() == [[True, False], [True, True], [True, True]]
    assert trace.decode.tolist() == [False, False, True]
    assert trace.dropped_tokens() == 0
    assert trace.requests("prefill").stream.tolist() == [3, 1, 2, 0, 5, 7]
    assert trace.requests("prefill").rounds.tolist() == [0, 1, 1]
    assert trace.expert_bytes is not None
    assert trace.expert_bytes.tolist() == [7, 9]


def test_a_prompt_recorded_layer_by_layer(tmp_path: Path) -> None:
    head, rows = ROUTE.split("0,0,0,0,0,3", 1)
    lines = ("0,0,0,0,0,3" + rows).splitlines()
    by_layer = sorted(lines[:6], key=lambda line: int(line.split(",")[3]))
    path = tmp_path / "a.csv"
    path.write_text(head + "\n".join(by_layer + lines[6:]) + "\n")
    again = tmp_path / "b.csv"
    again.write_text(ROUTE)
    assert same(read_trace(path), read_trace(again))


def test_a_recording_cut_off_in_its_last_set_loses_one_token(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROUTE.removesuffix("0,1,2,1,1,3,0.5,0,7\n"))
    trace = read_trace(path)
    assert (trace.tokens, trace.dropped_tokens()) == (2, 1)
    assert (trace.dropped_tokens("prefill"), trace.dropped_tokens("decode")) == (0, 1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(trace=traces(unequal=True), ending=st.sampled_from(["", ".txt", ".gz", ".npz", ".npz.gz"]))
def test_round_trips(tmp_path: Path, trace: Trace, ending: str) -> None:
    path = tmp_path / f"trace{ending}"
    write_trace(trace, path)
    once = path.read_bytes()
    found = read_trace(path)
    assert same(found, trace)
    for beside in ("layer_ids", *(("request", "step") if ".npz" in ending else ())):
        assert np.array_equal(getattr(found, beside), getattr(trace, beside))
    write_trace(trace, path)
    assert path.read_bytes() == once
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    path.unlink()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(trace=traces(unequal=True))
def test_npy_keeps_the_routing(tmp_path: Path, trace: Trace) -> None:
    if not trace.asked.all() or trace.sizes is not None:
        said = r"(tokens lack layers|sets differ in size), which \.npy cannot say"
        with pytest.raises(InvalidArgument, match=said):
            write_trace(trace, tmp_path / "t.npy")
        return
    write_trace(trace, tmp_path / "t.npy")
    assert np.array_equal(read_trace(tmp_path / "t.npy", axes="tokens,layers,width").routing, trace.routing)


def test_from_array_with_two_dimensions_has_width_one() -> None:
    trace = Trace.from_array([[0, 1], [2, 3]])
    assert (trace.width, trace.layers, trace.experts) == (1, 2, 4)


def npz(**arrays: object) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def huge() -> bytes:
    """A .npy header that claims 10^12 numbers, and no numbers."""
    stream = io.BytesIO()
    header = {"descr": "<i8", "fortran_order": False, "shape": (10**6, 10**6)}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue()


BAD = {
    "empty": (b"", "the file is empty"),
    "random": (bytes(range(254, 0, -1)) * 9, "unknown format"),
    "no rows": (TEXT.split("prefill", 1)[0].encode(), "no rows follow the header"),
    "no header": (b"# layered-paging trace v1\n# layers=2 experts=8 width=2\n", r":3: expected the header"),
    "version": (TEXT.replace("v1", "v2").encode(), r":1: expected '# layered-paging trace v1'"),
    "no layers": (TEXT.replace("layers=2 ", "").encode(), "expected layers=NUMBER"),
    "0 layers": (TEXT.replace("layers=2", "layers=0").encode(), "layers=0: expected 1 to"),
    "wrong header": (TEXT.replace("expert_1", "expert_2").encode(), r":4: expected the header"),
    "not a number": (TEXT.replace("1,2,7", "1,x,7").encode(), r":8: expert_0: expected an integer.*got 'x'"),
    "negative": (TEXT.replace("1,2,7", "1,-2,7").encode(), r":8: expert_0: expected an integer.*got '-2'"),
    "fraction": (TEXT.replace("1,2,7", "1,2.0,7").encode(), r":8: expert_0: expected an integer"),
    "huge number": (TEXT.replace("1,2,7", f"1,{10**30},7").encode(), r":8: expert_0: expected an integer"),
    "2^31": (TEXT.replace("1,2,7", f"1,{2**31},7").encode(), r":8: expert_0: expected an integer"),
    "beyond the layer": (TEXT.replace("1,2,7", "1,2,8").encode(), r":8: expert 8, expected 0 to 7"),
    "too few values": (TEXT.replace("1,2,7", "1,2").encode(), r":8: expected 4 values, got 3"),
    "too many values": (TEXT.replace("1,2,7", "1,2,7,1").encode(), r":8: expected 4 values, got 5"),
    "empty line": (TEXT.replace("decode,0", "\ndecode,0").encode(), r":7: expected 4 values, got an empty"),
    "layer order": (TEXT.replace("decode,0", "decode,1").encode(), r":7: layer 1, expected layer 0"),
    "half a token": (TEXT.removesuffix("decode,1,2,7\n").encode(), r":7: the last token ends at layer 0"),
    "phase": (TEXT.replace("decode,0", "pause,0").encode(), r":7: phase: expected decode or prefill"),
    "two phases": (TEXT.replace("decode,1", "prefill,1").encode(), r":7: expected one phase for all layers"),
    "repeated": (TEXT.replace("3,1", "3,3").encode(), r":7: an expert is repeated in its set"),
    "bytes": (TEXT.replace("10,20", "10,x").encode(), r":3: expert_bytes: expected integers"),
    "bytes of other layers": (TEXT.replace("10,20", "10").encode(), r"expert_bytes: expected shape \(2,\)"),
    "truncated gzip": (gzip.compress(TEXT.encode())[:-12], "broken gzip file"),
    "flipped gzip": (gzip.compress(TEXT.encode())[:20] + b"\0\0\0\0" * 9, "broken gzip file"),
    "long line": (TEXT.encode() + b"7" * 10**6, r":9: expected 4 values, got 1"),
    "long header": (TEXT.split("phase")[0].encode() + b"p" * 10**6, r":4: expected the header.{,200}$"),
    "claims 10^9 experts": (TEXT.replace("width=2", "width=1000000000").encode(), r":4: expected the header"),
    "route: header": (ROUTE.replace("turn", "tour").encode(), r":5: expected a header with turn,phase,step"),
    "route: header twice": (
        ROUTE.replace("weight", "turn").encode(),
        r":5: expected a header with .* each once",
    ),
    "route: no counts": (ROUTE.replace("n_layer=2", "").encode(), "expected n_layer=NUMBER"),
    "route: expert": (ROUTE.replace("1,1,3,", "1,1,4,").encode(), r":11: expert 4, expected 0 to 3 \(2 such"),
    "route: layer": (ROUTE.replace("2,1,1,3,", "2,2,1,3,").encode(), r":15: layer 2, expected 0 to 1"),
    "route: phase": (ROUTE.replace("0,1,2,1,1", "0,2,2,1,1").encode(), r":15: phase 2, expected 0"),
    "route: order": (
        ROUTE.replace("0,1,2,0,1,1", "0,1,2,1,1,1").replace("0,1,2,1,0,2", "0,1,2,0,0,2").encode(),
        r":14: an earlier layer follows a later one",
    ),
    "route: width": (ROUTE.replace("0,1,2,0,1,1,0.5,0,7\n", "").encode(), r":12: a set of another size"),
    "route: repeated": (ROUTE.replace("2,1,1,3", "2,1,1,2").encode(), r":14: an expert is repeated"),
    "route: not a number": (ROUTE.replace("2,1,1,3", "2,1,1,").encode(), r":15: expert: expected an integer"),
    "route: nothing whole": (ROUTE.split("0,0,0,0,1")[0].encode(), "none of the 1 tokens is without fault"),
    "npy: floats": (npy([[0.5]]), "expected integer expert ids"),
    "npy: shape": (npy([[[[1, 2]]]]), r"expected shape \(tokens, layers, width\)"),
    "npy: negative": (npy([[0, -1], *[[0, 0]] * 200]), "token 0, layer 1: expert -1, expected 0 to 0"),
    "npy: truncated": (npy([[0, 1], [1, 0]])[:-4], "broken NumPy file"),
    "npy: objects": (npy(np.array([{}], object)), "broken NumPy file"),
    "npy: claims 10^12": (huge(), "broken NumPy file|does not fit"),
    "npz: names": (npz(other=[[1]]), "expected an array named 'routing'"),
    "npz: decode": (npz(routing=[[1]], decode=[1.5]), "decode: expected bool, got float64"),
    "npz: experts": (npz(routing=[[1]], experts=[1, 2]), "experts: expected one integer"),
    "npz: truncated": (npz(routing=[[1]])[:-30], "broken NumPy"),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_files_are_refused(tmp_path: Path, what: str) -> None:
    content, said = BAD[what]
    path = tmp_path / "bad.trace"
    path.write_bytes(content)
    with pytest.raises(InvalidTrace, match=re.compile(said, re.DOTALL)) as caught:
        read_trace(path)
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "\n" not in str(caught.value)


def test_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidTrace, match="no such file"):
        read_trace(tmp_path / "a")
    with pytest.raises(InvalidTrace, match="this is a folder"):
        read_trace(tmp_path)
    with pytest.raises(InvalidArgument, match=r"the folder .* does not exist"):
        write_trace(Trace.from_array([[0]]), tmp_path / "no" / "a")
    with pytest.raises(InvalidArgument, match="this is a folder"):
        write_trace(Trace.from_array([[0]]), tmp_path)


def test_jsonl(tmp_path: Path) -> None:
    """The documented example of the text format again, layer by layer, with and without metadata, other names."""
    path = tmp_path / "a.jsonl"
    path.write_text(TEXT)
    wanted = read_trace(path)
    lines = JSONL.splitlines(keepends=True)
    renamed = JSONL.replace('"layer"', '"layer_idx"').replace('"token"', '"token_position"')
    for content in (
        JSONL,
        "".join(sorted(lines[1:])),
        renamed.replace('"experts": [', '"selected_experts": ['),
    ):
        path.write_text(content)
        found = read_trace(path)
        assert found.routing.tolist() == wanted.routing.tolist()
        assert found.decode.tolist() == wanted.decode.tolist()
        assert (found.layers, found.experts) == (2, 8)
    path.write_text(JSONL.replace('"token"', '"pos"'))
    assert read_trace(path, fields={"token": "pos"}).routing.tolist() == wanted.routing.tolist()
    with pytest.raises(InvalidTrace, match="unknown field 'tokens'"):
        read_trace(path, fields={"tokens": "pos"})
    (tmp_path / "b").write_text(TEXT)
    with pytest.raises(InvalidTrace, match="names of fields are for jsonl, this file is text"):
        read_trace(tmp_path / "b", fields={"token": "pos"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"layer": 1, "experts": [2, 7]',
            '"layer": 0, "experts": [2, 7]',
            ":5: a second record of the same token and layer",
        ),
        ('"experts": [2, 7]', '"experts": [2, 2]', ":5: an expert is repeated in its set"),
        ('"experts": [2, 7]', '"experts": [2, 9]', ":5: expert 9, expected 0 to 7"),
        ('"token": 1, "layer": 0', '"token": 1, "layer": 5', ":3: layer 5, expected 0 to 1"),
    ],
)
def test_faulty_tokens_are_blamed_or_dropped(tmp_path: Path, old: str, new: str, said: str) -> None:
    """By file, line and count; leniently, only the token with the fault is lost. A token more ends the file well."""
    path = tmp_path / "a.jsonl"
    more = '{"token": 2, "layer": 0, "experts": [4, 6]}\n{"token": 2, "layer": 1, "experts": [6, 4]}\n'
    path.write_text(JSONL.replace(old, new) + more)
    with pytest.raises(InvalidTrace, match=re.escape(f"a.jsonl{said}")):
        read_trace(path)
    found = read_trace(path, lenient=True)
    assert found.routing.tolist() == [[[3, 5], [0, 7]], [[4, 6], [6, 4]]]
    assert (found.dropped_tokens("prefill"), found.dropped_tokens("decode")) == (0, 1)


def test_sets_of_records_may_differ_in_size(tmp_path: Path) -> None:
    """As dynamic top-k and batches as unions have it; the largest comes first, last, or in between."""
    sets = [[3], [0, 7, 2], [1, 5], [6]]
    for start in range(4):
        turned = sets[start:] + sets[:start]
        path = tmp_path / "a.jsonl"
        path.write_text(
            "".join(
                f'{{"token": {i // 2}, "layer": {i % 2}, "experts": {one}}}\n' for i, one in enumerate(turned)
            )
        )
        requests = read_trace(path).requests()
        assert requests.stream.tolist() == [8 * (i % 2) + e for i, one in enumerate(turned) for e in one]
        assert requests.width == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{}\n", ":2: expected a JSON object"),
        ('{"a": 1}\n{"b": 2}\n', ":2: expected fields for layer, token and experts"),
        (JSONL + "[1]\n", ":6: expected a JSON object"),
        (
            JSONL + '{"token": 3, "layer": "x", "experts": [1, 2]}\n',
            ":6: layer: expected an integer, got \"'x'\"",
        ),
        (JSONL + '{"token": 3, "layer": 0}\n', ":6: experts: expected a list of integers, got 'None'"),
        (
            JSONL + '{"token": 3, "layer": 0, "experts": [1, null]}\n',
            ":6: experts: expected a list of integers",
        ),
        (JSONL + '{"token": -3, "layer": 0, "experts": [1, 2]}\n', ":6: token -3, expected 0 to"),
    ],
)
def test_bad_jsonl(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content)
    with pytest.raises(InvalidTrace, match=re.escape(said)):
        read_trace(path)


@pytest.mark.parametrize(
    ("content", "form"),
    [
        (b"3\n1\n2\n0\n", None),
        (b"3\r\n1\r\n2\r\n0", None),
        (b"3,1,2,0", "pages"),
        (b"3, 1\r\n2, 0\r\n", "pages"),
        (npy([3, 1, 2, 0]), None),
    ],
)
def test_lists_of_pages_have_one_layer(tmp_path: Path, content: bytes, form: str | None) -> None:
    path = tmp_path / "pages"
    path.write_bytes(content)
    trace = read_trace(path, form)
    assert (trace.layers, trace.experts, trace.width) == (1, 4, 1)
    assert trace.requests().stream.tolist() == [3, 1, 2, 0]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"1\nx\n", ":2: expected page numbers"),
        (b"1\n-2\n", ":2:"),
        (b"0\n1,,2\n", ":2: 3 columns of numbers"),
    ],
)
def test_bad_lists_of_pages(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "pages"
    path.write_bytes(content)
    with pytest.raises(InvalidTrace, match=said):
        read_trace(path)


def test_a_lenient_route_csv(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROUTE.replace("0,0,1,1,1,3,", "0,0,1,1,1,1,"))
    with pytest.raises(InvalidTrace, match=":10: an expert is repeated in its set \\(1 such rows\\)"):
        read_trace(path)
    found = read_trace(path, lenient=True)
    assert (found.tokens, found.dropped_tokens()) == (2, 1)


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(TEXT)
    assert read_trace(path, "text").tokens == 2
    with pytest.raises(InvalidTrace, match="expected '# route_trace v1'"):
        read_trace(path, "route-csv")
    with pytest.raises(UnknownName, match="unknown trace format 'txet': did you mean 'text'"):
        read_trace(path, "txet")


def test_a_failed_write_keeps_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a"
    path.write_text("old")

    def full(*_: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(InvalidArgument, match="cannot be written: No space left on device"):
        write_trace(Trace.from_array([[0]]), path)
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("format_", FORMATS)
@settings(max_examples=150, deadline=None)
@given(noise=st.binary(max_size=120), at=st.integers(0, 600), cut=st.booleans())
def test_noise_never_escapes(format_: str, noise: bytes, at: int, cut: bool) -> None:
    """A good file with noise written over it, or cut off: a trace or an error of ours, nothing else."""
    good = {"text": TEXT.encode(), "route-csv": ROUTE.encode()}
    good |= {"jsonl": JSONL.encode(), "pages": b"3\n1,2\n0\n"}
    good |= {"npy": npy([[[0, 1]], [[1, 0]]]), "npz": npz(routing=[[[0, 1]]])} | dict(ENGINES)
    content = good[format_]
    broken = content[:at] + noise + (b"" if cut else content[at + len(noise) :])
    try:
        trace = FORMATS[format_].read(broken, "noise")
    except LayeredPagingError as error:
        said = str(error)
    else:
        said = trace.name
    assert said.startswith("noise")


@pytest.mark.parametrize(
    "text",
    [
        ROUTE.replace("n_layer=2", "n_layer=2147483647"),
        JSONL.replace('"n_layers": 2', '"n_layers": 2147483647'),
    ],
)
def test_numbers_of_a_header_take_no_memory(tmp_path: Path, text: str) -> None:
    """Found by fuzzing: they were multiplied and allocated. Layers without rows are left out, and that is said."""
    path = tmp_path / "a"
    path.write_text(text)
    trace = read_trace(path)
    assert trace.layers == 2
    assert (
        "2147483645 of 2147483647 layers have no rows and are left out"
        in trace.warnings()[-2 + (text[0] == "{")]
    )


def test_a_width_of_a_header_takes_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text(ROUTE.replace("n_expert_used=2", "n_expert_used=2147483647"))
    with pytest.raises(InvalidTrace, match="none of the 3 tokens is without fault"):
        read_trace(path, lenient=True)


def test_a_packed_file_may_not_unpack_to_anything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from paging.traces import arrays

    (tmp_path / "a.npz").write_bytes(npz(routing=np.zeros((10**6, 1, 1), np.int32)))
    monkeypatch.setattr(arrays, "LARGEST_UNPACKED", 10**6)
    with pytest.raises(InvalidTrace, match="claims an array that does not fit"):
        read_trace(tmp_path / "a.npz")


def test_rows_of_a_route_csv_are_regrouped_without_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text is a third of what a large file takes at most: neither the reader nor its caller holds it that long."""
    path = tmp_path / "large.csv"
    rows = "".join(f"0,1,{token},0,0,0\n" for token in range(20_000))
    path.write_text(
        f"# route_trace v1\n# n_layer=1 n_expert=1 n_expert_used=1\nturn,phase,step,layer,slot,expert\n{rows}"
    )
    held = []

    def watched(*asked: Any) -> Tokens:
        held.append([trace.size for trace in tracemalloc.take_snapshot().traces if trace.size >= len(rows)])
        return regroup(*asked)

    monkeypatch.setattr(route_csv, "regroup", watched)
    tracemalloc.start()
    try:
        read_trace(path)
    finally:
        tracemalloc.stop()
    assert held == [[]]
