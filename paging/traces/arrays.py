"""NumPy files: .npy with the routing alone, .npz with everything a Trace holds."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument, InvalidTrace
from paging.traces.axes import AXES, Order, oriented, parse_axes
from paging.traces.source import TORCH, quote
from paging.traces.trace import Note, Trace
from paging.untrusted import LARGEST_UNPACKED

NPY = b"\x93NUMPY"
NPZ = b"PK\x03\x04"


NAMES = ("routing", "experts", "decode", "asked", "expert_bytes", "axes")


def read_npy(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """An integer array of shape (tokens, layers, width) or (tokens, layers); the experts per layer are the largest id + 1.

    An array of one dimension is a list of page numbers: one layer, one page per token. ``axes``: see paging.traces.axes.
    """
    loaded = _load(content, where)
    if not isinstance(loaded, np.ndarray):
        raise InvalidTrace(f"{where}: expected one array, got an archive")
    return Trace.from_array(oriented(loaded, axes, where), name=where)


def read_npz(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """``routing`` as in .npy; may be missing: ``experts`` (a number), ``decode`` (per token), ``asked`` (per token and layer),
    ``expert_bytes`` (per layer), ``axes`` (those of routing, as "tokens,layers,width")."""
    arrays = _load(content, where)
    if not isinstance(arrays, dict) or "routing" not in arrays:
        names = ", ".join(map(quote, arrays)) if isinstance(arrays, dict) else "one array"
        raise InvalidTrace(f"{where}: expected an array named 'routing', got {names}")
    experts = arrays.get("experts")
    if experts is not None and (experts.shape != () or not np.issubdtype(experts.dtype, np.integer)):
        raise InvalidTrace(
            f"{where}: experts: expected one integer, got {experts.dtype} of shape {experts.shape}"
        )
    for name, kind in (("decode", np.bool_), ("asked", np.bool_), ("expert_bytes", np.integer)):
        if name in arrays and not np.issubdtype(arrays[name].dtype, kind):
            raise InvalidTrace(f"{where}: {name}: expected {kind.__name__}, got {arrays[name].dtype}")
    if axes is None and "axes" in arrays:
        axes = _axes(arrays["axes"], where)
    lengths = {"tokens": arrays.get("decode"), "layers": arrays.get("expert_bytes")}
    known = {axis: len(array) for axis, array in lengths.items() if array is not None and array.ndim == 1}
    others = [name for name in arrays if name not in NAMES]
    return Trace.from_array(
        oriented(arrays["routing"], axes, where, known),
        experts=None if experts is None else int(experts),
        decode=arrays.get("decode"),
        asked=arrays.get("asked"),
        expert_bytes=arrays.get("expert_bytes"),
        notes=(Note(f"arrays {', '.join(map(quote, others))} are not read"),) if others else (),
        name=where,
    )


def write_npy(trace: Trace) -> bytes:
    """The routing alone. Raises InvalidArgument for a trace whose tokens lack layers, which such a file cannot say."""
    if not trace.asked.all():
        raise InvalidArgument(
            f"{trace.name or 'trace'}: tokens lack layers, which .npy cannot say; expected .npz or the text format"
        )
    stream = io.BytesIO()
    np.save(stream, trace.routing)
    return stream.getvalue()


def write_npz(trace: Trace) -> bytes:
    """Everything but what was dropped and noted."""
    arrays: dict[str, NDArray[Any]] = {
        "routing": trace.routing,
        "experts": np.array(trace.experts),
        "decode": trace.decode,
        "axes": np.array(",".join(AXES)),
    }
    if not trace.asked.all():
        arrays["asked"] = trace.asked
    if trace.expert_bytes is not None:
        arrays["expert_bytes"] = trace.expert_bytes
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _axes(array: NDArray[Any], where: str) -> Order:
    try:
        return parse_axes(str(array[()]))
    except InvalidArgument as error:
        raise InvalidTrace(f"{where}: axes: {str(error).removeprefix('--axes: ')}") from None


def _load(content: bytes, where: str) -> NDArray[Any] | dict[str, NDArray[Any]]:
    try:
        _check_archive(content, where)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header of Python 2 reads as well
            loaded = np.load(io.BytesIO(content), allow_pickle=False)
        return {name: loaded[name] for name in loaded} if isinstance(loaded, Mapping) else loaded
    except (MemoryError, OverflowError):
        raise InvalidTrace(f"{where}: claims an array that does not fit into memory") from None
    except InvalidTrace:
        raise
    except Exception as error:  # header and archive are parsed with whatever NumPy, ast and zipfile raise
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise InvalidTrace(f"{where}: broken NumPy file: {said}") from None


def _check_archive(content: bytes, where: str) -> None:
    """Raise MemoryError for an archive whose parts claim more than any packed trace may, InvalidTrace for one of PyTorch."""
    if content.startswith(NPZ):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
        if any(part.filename.endswith("data.pkl") for part in parts):
            raise InvalidTrace(f"{where}: {TORCH}")
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise MemoryError
