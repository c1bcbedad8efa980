"""Files that invite a reader to guess. What may mean two things is refused, with the way out; what is left aside is said."""

from __future__ import annotations

import codecs
import gzip
import io
import pickle
import re
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from backports import zstd

from paging.errors import InvalidArgument, InvalidTrace
from paging.traces.formats import read_trace, write_trace
from paging.traces.trace import Trace
from tests.paging.test_untrusted import PACK
from tests.paging.traces.engine_files import npy
from tests.paging.traces.test_formats import JSONL, ROUTE, TEXT, npz, same

HEADER = "turn,phase,step,layer,slot,expert,weight,residency,expert_bytes"
RNG = np.random.default_rng(0)
LONG = np.sort(RNG.permuted(np.tile(np.arange(9), (200, 5, 1)), axis=2)[:, :, :3], axis=2)
"""200 tokens, 5 layers, 3 of 9 experts: what an array of a recorded trace looks like."""


def torch() -> bytes:
    """A .pt file as far as it can be told from a .npz."""
    import zipfile

    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("archive/data.pkl", b"x")
    return stream.getvalue()


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame({"token": [0], "layer": [0]}).write_parquet(stream)
    return stream.getvalue()


def lines(*records: str) -> bytes:
    return "".join(record + "\n" for record in records).encode()


def two(second: str) -> bytes:
    """A record, and another."""
    return lines('{"token": 0, "layer": 0, "experts": [1, 2]}', second)


REFUSED: dict[str, tuple[bytes, str]] = {
    "columns": (b"0,0,5\n0,1,7\n1,0,5\n", r":1: 3 columns of numbers without a header.*--format pages.*--format route-csv"),
    "columns later": (b"0\n1\n2,3\n", ":3: 2 columns of numbers"),
    "trailing commas": (b"3,\n1,\n", ":1: 2 columns of numbers"),
    "thousands": (b"1,234\n2,345\n", ":1: 2 columns of numbers"),
    "semicolons": (b"1;2\n3;4\n", r":1: expected page numbers .* got '1;2'"),
    "tabs": (b"1\t2\n3\t4\n", r":1: expected page numbers .* got '1\\t2'"),
    "blanks": (b"1 2\n3 4\n", r":1: expected page numbers .* got '1 2'"),
    "floats": (b"1\n2.0\n", ":2: expected page numbers .* got '2.0'"),
    "exponents": (b"1\n2e3\n", ":2: expected page numbers .* got '2e3'"),
    "digits": ("1\n٣\n".encode(), r":2: expected page numbers .* got '\\u0663'"),
    "nothing between": (b"1\n\n2\n", ":2: expected page numbers .* got ''"),
    "not a number": (b"1\nnan\n", ":2: expected page numbers .* got 'nan'"),
    "old line ends": (b"3\r1\r2\n", "expected page numbers"),
    "header": (b"token,layer,expert\n0,0,1\n", "unknown format"),
    "UTF-16": ("1\n2\n".encode("utf-16"), "text in UTF-16, expected UTF-8"),
    "twice packed": (gzip.compress(gzip.compress(b"1\n")), "packed twice"),
    "bzip2": (b"BZh91AY", "packed with bzip2: expected gzip, xz, zst"),
    "pickle": (pickle.dumps([1]), r"a pickle, which is not opened as it can run code: numpy\.save"),
    "torch": (torch(), r"a PyTorch file, which is not opened .* numpy\.save\(FILE, torch\.load\(FILE\)\.numpy\(\)\)"),
    "parquet": (parquet(), r"a Parquet table: polars\.read_parquet\(FILE\) reads it; write \.npz"),
    "HDF5": (b"\x89HDF\r\n\x1a\n", "an HDF5 file"),
    "layers first": (npy(LONG.transpose(1, 0, 2)), r"shape \(5, 200, 3\): it cannot be \(tokens, layers, width\); say --axes layers,tokens,width"),
    "layers last": (npy(LONG.transpose(0, 2, 1)), r"shape \(200, 3, 5\): .* say --axes tokens,width,layers"),
    "few tokens": (npy(LONG[:100]), r"shape \(100, 5, 3\): several orders of axes fit; say --axes tokens,layers,width or --axes layers,tokens,width"),
    "two axes, layers first": (npy(LONG[:, :, 0].T), r"shape \(5, 200\): it cannot be \(tokens, layers\); say --axes layers,tokens"),
    "tokens and width": (npy(LONG[:, 0]), r"shape \(200, 3\): several orders of axes fit; say --axes tokens,layers or --axes tokens,width"),
    "four axes": (npy(np.zeros((2, 2, 2, 2), int)), "expected shape"),
    "no axis": (npy(3), r"expected shape \(tokens, layers, width\)"),
    "integers as floats": (npy(LONG.astype(float)), "expected integer expert ids, got float64"),
    "nan": (npy(np.full((200, 2), np.nan)), "expected integer expert ids, got float64"),
    "flags": (npy(LONG > 2), "expected integer expert ids, got bool"),
    "spans of time": (npy(LONG.astype("m8[s]")), r"expected integer expert ids, got timedelta64\[s\]"),
    "text": (npy(LONG.astype(str)), "expected integer expert ids, got <U"),
    "records": (npy(np.zeros(3, [("a", int)])), "expected integer expert ids"),
    "padding": (npy(np.where(LONG == 0, -1, LONG)), r"token \d+, layer \d+: expert -1, expected 0 to 8"),
    "beyond 2^63": (npy(np.full((200, 2), 2**64 - 1, np.uint64)), "experts: expected 1 to"),
    "npz without routing": (npz(a=LONG, b=LONG), "expected an array named 'routing', got 'a', 'b'"),
    "npz, layers first": (npz(routing=LONG[:100].transpose(1, 0, 2), decode=np.ones(100, bool)), "say --axes layers,tokens,width"),
    "npz, axes": (npz(routing=LONG, axes=np.array("tokens,layers,depth")), "axes: expected tokens, layers and width in their order"),
    "route: no step": (ROUTE.replace(",step,", ",when,").encode(), ":5: expected a header with turn,phase,step,layer,slot,expert"),
    "route: slot and expert swapped": (ROUTE.replace("slot,expert", "expert,slot").encode(), "slots of a set out of order"),
    "route: layer and slot swapped": (ROUTE.replace("layer,slot", "slot,layer").encode(), "an earlier layer follows a later one|another size"),
    "route: dropped": (ROUTE.replace(HEADER, HEADER + ",dropped").replace(",7\n", ",7,x\n").encode(), ":6: dropped: expected an integer"),
    "route: dropped 2": (ROUTE.replace(HEADER, HEADER + ",dropped").replace(",7\n", ",7,2\n").encode(), ":6: dropped 2, expected 0 or 1"),
    "route: two prompts": ((ROUTE + ROUTE.split(HEADER + "\n")[1]).encode(), "an earlier layer follows a later one of the same token"),
    "unknown phase": (two('{"token": 1, "layer": 0, "experts": [1, 2], "phase": "warmup"}'), r":2: phase: expected one of prefill, prompt, 0, decode, 1, got 'warmup'"),
    "phase in capitals": (two('{"token": 1, "layer": 0, "experts": [1, 2], "phase": "Prefill"}'), ":2: phase: expected one of"),
    "phase a flag": (two('{"token": 1, "layer": 0, "experts": [1, 2], "phase": true}'), ":2: phase: expected one of"),
    "phase twice": (two('{"token": 1, "layer": 0, "experts": [1, 2], "phase": "prefill", "phase": "decode"}'), ":2: 'phase' stands twice in one record"),
    "token twice": (two('{"token": 1, "layer": 0, "experts": [1, 2], "token": 7}'), ":2: 'token' stands twice in one record"),
    "a float token": (two('{"token": 1.0, "layer": 0, "experts": [1, 2]}'), ":2: token: expected an integer, got '1.0'"),
    "a float expert": (two('{"token": 1, "layer": 0, "experts": [1.0, 2]}'), ":2: experts: expected a list of integers"),
    "a flag": (two('{"token": 1, "layer": 0, "experts": [true, 2]}'), ":2: experts: expected a list of integers"),
    "a text": (two('{"token": "1", "layer": 0, "experts": [1, 2]}'), ":2: token: expected an integer"),
    "NaN": (two('{"token": NaN, "layer": 0, "experts": [1, 2]}'), ":2: token: expected an integer, got 'nan'"),
    "negative": (two('{"token": 1, "layer": 0, "experts": [-1, 2]}'), ":2: expert -1, expected 0 to"),
    "the same again": (two('{"token": 0, "layer": 0, "experts": [3, 4]}'), ":2: a second record of the same token and layer"),
    "the same again, with nothing": (two('{"token": 0, "layer": 0, "experts": []}'), ":2: no experts, and another record of the same token and layer"),
    "nothing twice": (lines(*['{"token": 1, "layer": 0, "experts": []}'] * 2, '{"token": 2, "layer": 0, "experts": [1]}'), ":1: no experts, and another record"),
    "falling tokens": (lines('{"token": 1, "layer": 0, "experts": [1]}', '{"token": 0, "layer": 0, "experts": [2]}'), r":2: a later token of the same layer stands before this one: expected rising token numbers"),
    "interleaved": (
        lines(*(f'{{"token": {token}, "layer": 0, "experts": [1]}}' for token in (0, 10, 1, 11))),
        "expected rising token numbers; of several sequences, write each into a file of its own",
    ),
    "sequences": (
        lines('{"seq_id": 4, "token": 0, "layer": 0, "experts": [1]}', '{"seq_id": 5, "token": 1, "layer": 0, "experts": [2]}'),
        "several sequences, as seq_id is '4' and '5': write each into a file of its own",
    ),
    "sparse": (
        lines(*(f'{{"token": {i}, "layer": {i}, "experts": [0]}}' for i in range(300))),
        "300 tokens ask in 300 layers for 300 sets in all",
    ),
    "half a dash": (TEXT.replace("1,2,7", "1,-,7").encode(), r":8: expert_0: expected an integer.* got '-'"),
    "no layer": (TEXT.replace("1,2,7", "-,-").encode(), r":8: expected 4 values, got 3"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_may_mean_two_things_is_refused(tmp_path: Path, what: str) -> None:
    content, said = REFUSED[what]
    path = tmp_path / "a"
    path.write_bytes(content)
    with pytest.raises(InvalidTrace, match=re.compile(said, re.DOTALL)) as caught:
        read_trace(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(caught.value).replace("…", "").isascii()


@pytest.mark.parametrize(
    "axes", ["tokens,layers,width", "layers,tokens,width", "width,layers,tokens", "layers,width,tokens"]
)
def test_axes_are_told(tmp_path: Path, axes: str) -> None:
    order = [("tokens", "layers", "width").index(axis) for axis in axes.split(",")]
    (tmp_path / "a.npy").write_bytes(npy(LONG[:100].transpose(order)))
    assert read_trace(tmp_path / "a.npy", axes=axes).routing.tolist() == LONG[:100].tolist()
    (tmp_path / "a.npz").write_bytes(npz(routing=LONG[:100].transpose(order)))
    assert read_trace(tmp_path / "a.npz", axes=axes).routing.tolist() == LONG[:100].tolist()


@pytest.mark.parametrize(
    ("axes", "error", "said"),
    [
        ("layers,tokens", InvalidTrace, r"--axes layers,tokens: the array has shape \(200, 5, 3\)"),
        ("layer,token,width", InvalidArgument, "--axes: expected tokens, layers and width in their order"),
        ("layers,layers,width", InvalidArgument, "--axes: expected"),
    ],
)
def test_axes_that_do_not_fit(tmp_path: Path, axes: str, error: type[Exception], said: str) -> None:
    (tmp_path / "a.npy").write_bytes(npy(LONG))
    with pytest.raises(error, match=said):
        read_trace(tmp_path / "a.npy", axes=axes)
    (tmp_path / "a").write_text(TEXT)
    with pytest.raises(InvalidTrace, match="--axes is for npy and npz, this file is text"):
        read_trace(tmp_path / "a", axes="tokens,layers")


@pytest.mark.parametrize("array", [LONG, LONG.astype(">i4"), LONG.astype(np.uint8), np.asfortranarray(LONG)])
def test_a_shape_that_is_plausible_only_one_way(
    tmp_path: Path, array: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> None:
    (tmp_path / "a.npy").write_bytes(npy(array))
    assert read_trace(tmp_path / "a.npy").routing.tolist() == LONG.tolist()


def test_what_stands_beside_an_array_tells_its_axes(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(routing=LONG[:100], decode=np.ones(100, bool)))
    assert read_trace(tmp_path / "a.npz").routing.tolist() == LONG[:100].tolist()


def test_a_written_archive_tells_its_axes(tmp_path: Path) -> None:
    trace = Trace.from_array(LONG[:2])
    write_trace(trace, tmp_path / "a.npz")
    assert same(read_trace(tmp_path / "a.npz"), trace)


def test_arrays_that_are_not_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.npz").write_bytes(npz(routing=LONG, weights=LONG))
    assert read_trace(tmp_path / "a.npz").warnings() == ["arrays 'weights' are not read"]


@pytest.mark.parametrize(
    ("word", "decode"),
    [("prefill", False), ("prompt", False), (0, False), ("decode", True), (1, True), (None, True)],
)
def test_phases(tmp_path: Path, word: object, decode: bool) -> None:
    """``prompt`` counted as decoding."""
    import json

    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"token": 0, "layer": 0, "experts": [1], "phase": word}) + "\n")
    assert read_trace(path).decode.tolist() == [decode]


def test_a_new_column_is_read_by_name(tmp_path: Path) -> None:
    """``dropped``, which the engine's table has gained: its rows are requests, as the router asked for them."""
    path = tmp_path / "a.csv"
    path.write_text(ROUTE)
    plain = read_trace(path)
    header, rows = ROUTE.split(HEADER + "\n")
    more = "".join(f"{row},{int(i in (4, 9))},x\n" for i, row in enumerate(rows.splitlines()))
    path.write_text(f"{header}{HEADER},dropped,mood\n{more}")
    found = read_trace(path)
    assert same(found, plain)
    said = "1 routings that the engine dropped are requests here, as the router asked for them"
    assert found.warnings("decode") == ["columns 'mood' are not read", said]
    assert found.warnings("prefill")[:2] == ["columns 'mood' are not read", said]


def test_columns_in_another_order(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(ROUTE)
    plain = read_trace(path)
    header, rows = ROUTE.split(HEADER + "\n")
    turned = "".join(",".join(reversed(row.split(","))) + "\n" for row in rows.splitlines())
    path.write_text(header + ",".join(reversed(HEADER.split(","))) + "\n" + turned)
    assert same(read_trace(path), plain)


def test_tokens_may_lack_layers(tmp_path: Path) -> None:
    """A prompt of 85 tokens as engines compute it, the last layer for one token only: 84 were dropped."""
    path = tmp_path / "a.jsonl"
    records = [
        f'{{"token": {token}, "layer": {layer}, "experts": [{token % 5}], "phase": "prompt"}}'
        for layer in range(3)
        for token in range(85)
        if layer < 2 or token == 84
    ]
    path.write_bytes(
        lines(*records, *(f'{{"token": 85, "layer": {layer}, "experts": [0]}}' for layer in range(3)))
    )
    trace = read_trace(path)
    assert (trace.tokens, trace.dropped_tokens()) == (86, 0)
    assert len(trace.requests("prefill")) == 2 * 84 + 3
    assert trace.requests("prefill").stream[:4].tolist() == [0, 5, 1, 6]
    assert trace.warnings("decode") == []
    assert trace.warnings("prefill") == ["84 of 85 tokens lack layers, which are then not requested"]
    assert trace.requests("decode").lacking is None
    for name in ("b.trace", "b.npz"):
        write_trace(trace, tmp_path / name)
        assert same(read_trace(tmp_path / name), trace)
    assert b"\nprefill,2,-\n" in (tmp_path / "b.trace").read_bytes()


def test_layers_that_nobody_asks_of_are_left_out(tmp_path: Path) -> None:
    """Layers counted from 1, or dense ones: they would take a share of a divided cache, and a turn of every round."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        JSONL.replace('"layer": 1', '"layer": 2')
        .replace('"layer": 0', '"layer": 1')
        .replace('"n_layers": 2', '"n_layers": 3')
    )
    found = read_trace(path)
    path.write_text(JSONL)
    assert same(found, read_trace(path))
    assert found.warnings()[-1] == (
        "1 of 3 layers have no rows and are left out: layers 0 to 1 are those that the file numbers 1, 2"
    )


def test_empty_sets_ask_for_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(
        JSONL + '{"token": 2, "layer": 0, "experts": []}\n{"token": 2, "layer": 1, "experts": [1, 2]}\n'
    )
    assert read_trace(path).asked.tolist() == [[True, True], [True, True], [False, True]]


@pytest.mark.parametrize("content", [TEXT, ROUTE, JSONL, "3\n1\n2\n"])
@pytest.mark.parametrize("wrap", ["BOM", "CRLF", "xz", "zst", "gzip", "all"])
def test_wrappings(tmp_path: Path, content: str, wrap: str) -> None:
    path = tmp_path / "a"
    path.write_text(content)
    plain = read_trace(path)
    raw = content.replace("\n", "\r\n").encode() if wrap in ("CRLF", "all") else content.encode()
    raw = codecs.BOM_UTF8 + raw if wrap in ("BOM", "all") else raw
    pack = PACK.get("zst" if wrap == "all" else wrap)
    path.write_bytes(pack(raw) if pack else raw)
    assert same(read_trace(path), plain)


def test_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text(TEXT)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(zstd.compress(TEXT.encode()))))
    assert same(read_trace("-"), read_trace(tmp_path / "a"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"?")))
    with pytest.raises(InvalidTrace, match=r"^standard input: unknown format"):
        read_trace("-")
