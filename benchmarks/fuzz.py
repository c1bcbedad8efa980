"""Random and damaged inputs for everything that reads bytes from outside: traces, certificates, campaign files, stores.

An input is made from a seed and a number alone, so that a find can be made again. What is not expected: an exception that is
not the project's, an input that takes more than SECONDS, a process that grows beyond MEMORY.
"""

from __future__ import annotations

import gzip
import io
import lzma
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from zlib import crc32

import numpy as np
from backports import zstd

from layered_paging.campaign.kinds.registry import KINDS
from layered_paging.campaign.plan import read_plan
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.recover import recover
from layered_paging.campaign.run import Workers, run_plan
from layered_paging.campaign.store import files_folder
from layered_paging.campaign.worker import forget_peak, peak
from paging.errors import InvalidArgument, LayeredPagingError
from paging.traces.formats import FORMATS, read_trace, write_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from proofs.certify import certify

ROOT = Path(__file__).parents[1]
SECONDS = 5
MEMORY = 1 << 30
"""Bytes that reading small inputs may add to a process."""

HUGE = (
    b"1000000000000",
    b"2147483647",
    b"-1",
    b"0",
    b"9" * 400,
    b"1e999",
    b"nan",
    b'"',
    b"[" * 2000,
    b"\0",
    b"\xff\xfe",
    b"",
)
"""Pieces that break readers."""

Use = Callable[[Path], object]


@dataclass(frozen=True, slots=True)
class Target:
    """``corpus``: valid inputs; ``use``: reads one."""

    corpus: tuple[bytes, ...]
    use: Use


@dataclass(slots=True)
class Tally:
    """Of so many ``inputs``, how many were ``accepted``; the slowest; what was found, at most a few."""

    inputs: int = 0
    accepted: int = 0
    slowest: float = 0.0
    peak: int = 0
    found: list[str] = field(default_factory=list)


def small_trace() -> Trace:
    """Of more tokens than a model has layers, so that the axes of an array are clear."""
    return synthetic(3, 6, 150, width=2, zipf=0.8, rng=np.random.default_rng(0))


def trace_corpus(folder: Path) -> Mapping[str, tuple[bytes, ...]]:
    """Valid files of every format, one in four packed."""
    trace = small_trace()
    written = {}
    for name, suffix in (("text", ".trace"), ("npy", ".npy"), ("npz", ".npz")):
        write_trace(trace, folder / f"a{suffix}")
        written[name] = (folder / f"a{suffix}").read_bytes()
    from tests.paging.traces.engine_files import ENGINES
    from tests.paging.traces.test_formats import JSONL, ROUTE

    written |= {"route-csv": ROUTE.encode(), "jsonl": JSONL.encode(), "pages": b"1\n2\n0\n1\n2\n3\n"}
    written |= ENGINES
    assert written.keys() == FORMATS.keys()
    packers = (partial(gzip.compress, mtime=0), lzma.compress, zstd.compress)
    return {name: (*[content] * 9, *(pack(content) for pack in packers)) for name, content in written.items()}


def targets(folder: Path) -> dict[str, Target]:
    """Everything that reads bytes from outside."""
    found = {
        f"trace {name}": Target(corpus, partial(_read_trace, form=None if FORMATS[name].magic else name))
        for name, corpus in trace_corpus(folder).items()
    }
    certificates = sorted((ROOT / "proofs" / "atlas").glob("[12]-[23]-*.json.gz"))[::4]
    documents = tuple(gzip.decompress(path.read_bytes()) for path in certificates)
    packed = tuple(path.read_bytes() for path in certificates[:3])
    found["certificate"] = Target((*documents, *packed), _certify)
    examples = sorted((ROOT / "examples" / "campaigns").glob("*.toml"))
    shutil.copy(ROOT / "examples" / "campaigns" / "tiny.trace", folder)
    found["campaign file"] = Target(
        tuple(path.read_bytes() for path in examples), lambda path: read_plan(path, KINDS)
    )
    found["store"] = Target((_store(folder),), _use_store)
    return found


def _store(folder: Path) -> bytes:
    from tests.layered_paging.campaign.faults import KINDS as FAULTS
    from tests.layered_paging.campaign.faults import harmless

    path = folder / "good.db"
    run_plan(path, harmless(6, folder / "log"), FAULTS, Workers(1))
    files_folder(path).rename(folder / "input.files")
    return path.read_bytes()


def _certify(path: Path) -> object:
    found = certify(path)
    if not found.valid:
        raise InvalidArgument(found.said)
    return found


def _read_trace(path: Path, form: str | None) -> object:
    trace = read_trace(path, form)
    return len(trace.requests("all"))


def _use_store(path: Path) -> object:
    new = path.with_name("recovered.db")
    if crc32(path.read_bytes()) % 100 == 0:  # it takes long
        recover(path, new)
        new.unlink()
    return read_store(path)


def mutate(corpus: tuple[bytes, ...], rng: np.random.Generator) -> bytes:
    """Changes of a valid input: bytes flipped, set, removed, repeated, replaced by what breaks readers; or noise."""
    if rng.random() < 0.05:
        return rng.bytes(int(rng.integers(0, 300)))
    content = bytearray(corpus[rng.integers(len(corpus))])
    for _ in range(rng.geometric(0.6)):
        size = len(content)
        at = int(rng.integers(size + 1))
        length = int(rng.integers(1, 1 + min(40, max(size, 1))))
        kind = rng.integers(6)
        if kind == 0 and size:
            content[at % size] ^= 1 << int(rng.integers(8))
        elif kind == 1 and size:
            content[at % size] = int(rng.integers(256))
        elif kind == 2:
            del content[at : at + length]
        elif kind == 3:
            content[at:at] = content[at : at + length] * int(rng.integers(1, 20))
        elif kind == 4:
            content[at : at + length] = HUGE[rng.integers(len(HUGE))]
        else:
            del content[at:]
    return bytes(content)


class TooSlow(BaseException):
    """No reader may catch it."""


@contextmanager
def alarm(seconds: int) -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise TooSlow

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def fuzz(name: str, first: int, inputs: int, seed: int) -> Tally:
    """Inputs ``first``, ``first`` + 1, … of a target, in this process."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        target = targets(folder)[name]
        path = folder / "input"
        for content in target.corpus[:3]:  # compile, load, warm up; they must be accepted
            path.write_bytes(content)
            target.use(path)
        forget_peak()
        base = peak()
        for number in range(first, first + inputs):
            path.write_bytes(mutate(target.corpus, np.random.default_rng([seed, number])))
            begin = time.perf_counter()
            try:
                with alarm(SECONDS):
                    target.use(path)
                tally.accepted += 1
            except LayeredPagingError as error:
                if "\n" in str(error) or len(str(error)) > 2000:
                    tally.found.append(
                        f"{name} {number}: an error of several lines or endless: {str(error)[:80]!r}"
                    )
            except TooSlow:
                tally.found.append(f"{name} {number}: takes more than {SECONDS} s")
            except (Exception, MemoryError) as error:
                tally.found.append(f"{name} {number}: {type(error).__name__}: {str(error)[:120]!r}")
            tally.slowest = max(tally.slowest, time.perf_counter() - begin)
            tally.inputs += 1
            grown = peak() - base
            if grown > MEMORY and tally.peak <= MEMORY:
                tally.found.append(f"{name} {number}: the process has grown by {grown >> 20} MiB")
            tally.peak = max(tally.peak, grown)
    return tally


def fuzz_all(inputs: int, seed: int, workers: int = 2, block: int = 5000) -> dict[str, Tally]:
    """So many inputs for each target, in blocks, each in a fresh state of a process."""
    with tempfile.TemporaryDirectory() as place:
        names = list(targets(Path(place)))
    totals = {name: Tally() for name in names}
    with ProcessPoolExecutor(workers, get_context("spawn")) as executor:
        futures = [
            (name, executor.submit(fuzz, name, first, min(block, inputs - first), seed))
            for name in names
            for first in range(0, inputs, block)
        ]
        for name, future in futures:
            part, total = future.result(), totals[name]
            total.inputs += part.inputs
            total.accepted += part.accepted
            total.slowest = max(total.slowest, part.slowest)
            total.peak = max(total.peak, part.peak)
            total.found += part.found
    return totals


def input_of(name: str, number: int, seed: int, folder: Path) -> bytes:
    """The input of a find again."""
    return mutate(targets(folder)[name].corpus, np.random.default_rng([seed, number]))


def bombs() -> dict[str, bytes]:
    """Small files that claim or unpack to something huge."""
    head = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<i4", "fortran_order": False, "shape": (10**12, 1, 1)}
    )
    zeros = gzip.compress(b"\0" * 10**8, mtime=0)
    return {
        "npy header of 10^12 requests": head.getvalue(),
        "gzip of 100 MB of zeros": zeros,
        "gzip of gzip": gzip.compress(zeros, mtime=0),
        "xz of 100 MB of zeros": lzma.compress(b"\0" * 10**8),
        "zst of 100 MB of zeros": zstd.compress(b"\0" * 10**8),
        "one layer for each token": b"".join(
            b'{"token": %d, "layer": %d, "experts": [0]}\n' % (token, token) for token in range(20000)
        ),
        "text header of 2^31-1 layers": b"# layered-paging trace v1\n# layers=2147483647 experts=2147483647 width=2147483647\n",
        "page 2^31-2": b"2147483646\n",
    }
