"""What reads bytes from outside gives a value or the project's own error, whatever the bytes; more in benchmarks/fuzz.py."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import fuzz
from paging.errors import InvalidArgument, LayeredPagingError
from paging.traces.formats import FORMATS, read_trace
from proofs.certify import certify

NAMES = [*(f"trace {name}" for name in FORMATS), "certificate", "campaign file", "store"]


@pytest.mark.parametrize("name", NAMES)
def test_damaged_inputs(name: str) -> None:
    tally = fuzz.fuzz(name, 0, 60 if name == "store" else 300, seed=3)
    assert tally.found == []
    assert 0 < tally.accepted < tally.inputs


def test_every_target_is_tried(tmp_path: Path) -> None:
    assert set(fuzz.targets(tmp_path)) == set(NAMES)


def _raises(path: Path) -> None:
    raise KeyError(len(path.read_bytes()))


def _hangs(path: Path) -> None:
    if path.read_bytes() != b"good":
        try:
            time.sleep(60)
        except Exception:  # a reader that swallows everything
            time.sleep(60)


def _grows(path: Path) -> None:
    if path.read_bytes() != b"good":
        bytearray(b"x" * (60 << 20))


def _speaks(path: Path) -> None:
    if path.read_bytes() != b"good":
        raise InvalidArgument("one\ntwo")


@pytest.mark.parametrize(
    ("use", "said"),
    [
        (lambda path: _raises(path) if path.read_bytes() != b"good" else None, "KeyError"),
        (_hangs, "takes more than 1 s"),
        (_grows, "has grown"),
        (_speaks, "several lines"),
    ],
)
def test_planted_faults_are_found(monkeypatch: pytest.MonkeyPatch, use: fuzz.Use, said: str) -> None:
    monkeypatch.setattr(fuzz, "targets", lambda _: {"x": fuzz.Target((b"good",), use)})
    monkeypatch.setattr(fuzz, "SECONDS", 1)
    monkeypatch.setattr(fuzz, "MEMORY", 30 << 20)
    found = fuzz.fuzz("x", 0, 2, seed=0).found
    assert any(said in one for one in found)


def test_an_input_can_be_made_again(tmp_path: Path) -> None:
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
    one, two = (fuzz.input_of("trace text", 5, 3, tmp_path / folder) for folder in ("a", "b"))
    assert one == two
    assert one != fuzz.input_of("trace text", 6, 3, tmp_path / "c")


@pytest.mark.parametrize("name", ["npy header of 10^12 requests", "gzip of 100 MB of zeros", "gzip of gzip",
                                  "text header of 2^31-1 layers"])  # fmt: skip
def test_bombs(tmp_path: Path, name: str) -> None:
    (tmp_path / "bomb").write_bytes(fuzz.bombs()[name])
    with pytest.raises(LayeredPagingError):
        read_trace(tmp_path / "bomb")
    assert not certify(tmp_path / "bomb").valid


@settings(max_examples=120, deadline=None)
@given(
    magic=st.sampled_from([
        b"# layered-paging trace v1\n# layers=1 experts=2 width=1\nphase,layer,expert_0\n",
        b"# route_trace v1\n# n_layer=1 n_expert=2 n_expert_used=1\n",
        b'{"token": 0, "layer": 0, "experts": [', b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"1\n", b"\x1f\x8b\x08", b"{",
    ]),
    content=st.binary(max_size=60) | st.text(max_size=40).map(str.encode),
    form=st.none() | st.sampled_from([*FORMATS]),
    lenient=st.booleans(),
)  # fmt: skip
def test_any_bytes_after_a_known_beginning(
    tmp_path_factory: pytest.TempPathFactory, magic: bytes, content: bytes, form: str | None, lenient: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(magic + content)
    certify(path)
    try:
        trace = read_trace(path, form, lenient=lenient)
    except LayeredPagingError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert trace.tokens > 0
