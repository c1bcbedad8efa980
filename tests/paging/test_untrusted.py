"""What is opened, and what is unpacked."""

from __future__ import annotations

import gzip
import lzma
import os
import socket
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from backports import zstd

from layered_paging.campaign.kinds.registry import KINDS
from layered_paging.campaign.kinds.replay import _checksum
from layered_paging.campaign.plan import read_plan
from layered_paging.campaign.reading import read_store
from layered_paging.policy_spec import as_policy
from paging import untrusted
from paging.errors import InvalidArgument, InvalidTrace, LayeredPagingError
from paging.traces.formats import FORMATS, read_trace
from paging.untrusted import read_regular, unpacked
from proofs.certify import certify

READERS: dict[str, Callable[[Path], object]] = {
    **{f"trace {name}": lambda path, name=name: read_trace(path, name) for name in FORMATS},  # type: ignore[misc]
    "trace": read_trace,
    "trace of a campaign": _checksum,
    "campaign file": lambda path: read_plan(path, KINDS),
    "store": read_store,
    "certificate": certify,
    "policy": lambda path: as_policy(f"{path}:Policy"),
}
PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "xz": lzma.compress, "zst": zstd.compress}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", ["fifo", "link to a fifo", "socket", "device", "folder", "zero byte"])
def test_only_regular_files_are_opened(tmp_path: Path, reader: str, kind: str) -> None:
    """A FIFO that is opened waits for its writer, for ever."""
    path = tmp_path / "a.py"
    if kind == "folder":
        path.mkdir()
    elif kind == "device":
        path.symlink_to("/dev/zero")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
    elif kind == "zero byte":
        path = tmp_path / "a\0.py"
    else:
        os.mkfifo(tmp_path / "fifo" if kind == "link to a fifo" else path)
        if kind == "link to a fifo":
            path.symlink_to(tmp_path / "fifo")
    with pytest.raises((LayeredPagingError, ValueError) if kind == "zero byte" else LayeredPagingError):
        READERS[reader](path)


def test_what_it_is_instead_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    with pytest.raises(InvalidTrace, match="expected a trace in a regular file, this is a FIFO"):
        read_trace(tmp_path / "a")
    with pytest.raises(InvalidTrace, match="this is a device"):
        read_trace("/dev/zero")


def test_a_size_that_the_system_does_not_know() -> None:
    """Of files of /proc it says 0."""
    assert read_regular("/proc/self/status", "a status").startswith(b"Name:")


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a").open("wb") as file:
        file.truncate(untrusted.physical_memory() + 1)  # a hole
    with pytest.raises(InvalidTrace, match=r"larger than [\d,]+ bytes, expected a trace"):
        read_trace(tmp_path / "a")
    with pytest.raises(InvalidArgument, match=r"larger than 1,000,000 bytes, expected a campaign file"):
        read_plan(tmp_path / "a", KINDS)


@pytest.mark.parametrize("name", PACK)
def test_packed_in_several_parts(name: str) -> None:
    pack = PACK[name]
    assert unpacked(pack(b"one") + pack(b"two"), "a") == b"onetwo"
    assert unpacked(b"one", "a") == b"one"


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("damage", ["cut", "flipped", "noise behind"])
def test_what_is_broken_is_refused(name: str, damage: str) -> None:
    content = PACK[name](b"".join(b"%d\n" % (i * i) for i in range(1000)))
    middle = len(content) // 2
    broken = {
        "cut": content[:-9],
        "flipped": content[:middle] + bytes([content[middle] ^ 255]) + content[middle + 1 :],
        "noise behind": content + b"noise",
    }[damage]
    with pytest.raises(InvalidArgument, match=f"^a: broken {name} file"):
        unpacked(broken, "a")


@pytest.mark.parametrize("name", PACK)
def test_bombs_are_refused_at_once(name: str) -> None:
    """200 MB of zeros, of which no more is unpacked than a small file may hold."""
    zeros = bytes(200 << 20)
    fast: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "xz": lambda text: lzma.compress(text, preset=0),
        "zst": zstd.compress,
    }
    content = fast[name](zeros)
    begin = time.process_time()
    with pytest.raises(InvalidArgument, match=r"^a: unpacks to more than 64 MiB; unpack it yourself"):
        unpacked(content, "a")
    assert time.process_time() - begin < 5


def test_very_many_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream in every 32 bytes: what each of them is given must not be the whole rest of the file."""
    given: list[int] = []
    make = lzma.LZMADecompressor

    class Counting:
        def __init__(self, form: int, memlimit: int) -> None:
            self.inner = make(form, memlimit)

        def decompress(self, content: bytes, most: int) -> bytes:
            given.append(len(content))
            return self.inner.decompress(content, most)

        def __getattr__(self, name: str) -> object:
            return getattr(self.inner, name)

    monkeypatch.setattr(lzma, "LZMADecompressor", Counting)
    content = lzma.compress(b"") * 4000 + lzma.compress(b"last")
    assert unpacked(content, "a") == b"last"
    assert len(given) >= 4001
    assert max(given) <= untrusted.PIECE < len(content)


def test_large_files_may_grow_less(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(untrusted, "ALWAYS_UNPACKED", 100)
    content = b"".join(b"%d\n" % (i * i) for i in range(1000))
    assert unpacked(gzip.compress(content), "a") == content
    with pytest.raises(InvalidArgument, match="unpacks to more than 0 MiB"):
        unpacked(gzip.compress(bytes(10**5)), "a")


def test_an_xz_dictionary_that_takes_all_memory() -> None:
    """3 GiB, if it were believed."""
    filters = [{"id": lzma.FILTER_LZMA2, "dict_size": 1 << 20}]
    content = lzma.compress(b"0\n" * 50, filters=filters)
    at = content.index(bytes([0x21, 1]))  # LZMA2, one byte of properties: the size
    block = bytearray(content[12 : 12 + (content[12] + 1) * 4])
    block[at - 12 + 2] = 39
    block[-4:] = zlib.crc32(bytes(block[:-4])).to_bytes(4, "little")
    with pytest.raises(InvalidArgument, match="broken xz file: Memory usage limit exceeded"):
        unpacked(content[:12] + bytes(block) + content[12 + len(block) :], "a")
