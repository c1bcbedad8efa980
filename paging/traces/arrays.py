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
from paging.traces.source import quote
from paging.traces.trace import Note, Trace
from paging.untrusted import LARGEST_UNPACKED

NPY = b"\x93NUMPY"
NPZ = b"PK\x03\x04"


OPTIONAL = {
    "decode": np.bool_,
    "asked": np.bool_,
    "sizes": np.integer,
    "expert_bytes": np.integer,
    "layer_ids": np.integer,
    "request": np.integer,
    "step": np.integer,
}
"""Arrays that may stand beside ``routing``, as in Trace, and what they are of."""

NAMES = ("routing", "experts", "axes", *OPTIONAL)


def read_npy(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """An integer array of shape (tokens, layers, width) or (tokens, layers); the experts per layer are the largest id + 1.

    An array of one dimension is a list of page numbers: one layer, one page per token. ``axes``: see paging.traces.axes.
    """
    loaded = load(content, where)
    if not isinstance(loaded, np.ndarray):
        raise InvalidTrace(f"{where}: expected one array, got an archive")
    array = oriented(loaded, axes, where)
    try:
        return Trace.from_array(array, name=where)
    except InvalidTrace as error:
        if (array == -1).any() or (array.shape[2] > 1 and (array == 0).all(axis=2).any()):
            raise InvalidTrace(f"{error}; --format vllm takes sets of -1, or of zeros, for none") from None
        raise


def read_npz(content: bytes, where: str, axes: Order | None = None) -> Trace:
    """``routing`` as in .npy; may be missing: ``experts`` (a number), ``axes`` (those of routing, as "tokens,layers,width"),
    and those of OPTIONAL."""
    arrays = load(content, where)
    if not isinstance(arrays, dict) or "routing" not in arrays:
        names = ", ".join(map(quote, arrays)) if isinstance(arrays, dict) else "one array"
        raise InvalidTrace(f"{where}: expected an array named 'routing', got {names}")
    experts = arrays.get("experts")
    if experts is not None and (experts.shape != () or not np.issubdtype(experts.dtype, np.integer)):
        raise InvalidTrace(
            f"{where}: experts: expected one integer, got {experts.dtype} of shape {experts.shape}"
        )
    for name, kind in OPTIONAL.items():
        if name in arrays and not np.issubdtype(arrays[name].dtype, kind):
            raise InvalidTrace(f"{where}: {name}: expected {kind.__name__}, got {arrays[name].dtype}")
    if axes is None and "axes" in arrays:
        axes = _axes(arrays["axes"], where)
    lengths = {"tokens": ("decode", "request", "step"), "layers": ("expert_bytes", "layer_ids")}
    known = {
        axis: len(arrays[name])
        for axis, beside in lengths.items()
        for name in beside
        if _listed(arrays, name)
    }
    others = [name for name in arrays if name not in NAMES]
    return Trace.from_array(
        oriented(arrays["routing"], axes, where, known),
        experts=None if experts is None else int(experts),
        decode=arrays.get("decode"),
        asked=arrays.get("asked"),
        sizes=arrays.get("sizes"),
        expert_bytes=arrays.get("expert_bytes"),
        layer_ids=arrays.get("layer_ids"),
        request=arrays.get("request"),
        step=arrays.get("step"),
        notes=(Note(f"arrays {', '.join(map(quote, others))} are not read"),) if others else (),
        name=where,
    )


def write_npy(trace: Trace) -> bytes:
    """The routing alone. Raises InvalidArgument for a trace whose tokens lack layers, which such a file cannot say."""
    if not trace.asked.all() or trace.sizes is not None:
        what = "sets differ in size" if trace.asked.all() else "tokens lack layers"
        raise InvalidArgument(
            f"{trace.name or 'trace'}: {what}, which .npy cannot say; expected .npz or the text format"
        )
    stream = io.BytesIO()
    np.save(stream, trace.routing)
    return stream.getvalue()


def write_npz(trace: Trace) -> bytes:
    """Everything but what was dropped and noted."""
    return pack(packed_arrays(trace))


def packed_arrays(trace: Trace) -> dict[str, NDArray[Any]]:
    """What an .npz of the trace holds."""
    arrays: dict[str, NDArray[Any]] = {
        "routing": trace.routing,
        "experts": np.array(trace.experts),
        "decode": trace.decode,
        "axes": np.array(",".join(AXES)),
    }
    if not trace.asked.all() and trace.sizes is None:
        arrays["asked"] = trace.asked
    for name in ("sizes", "expert_bytes", "layer_ids", "request", "step"):
        if (array := getattr(trace, name)) is not None:
            arrays[name] = array
    return arrays


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """The content of an .npz; equal arrays give equal files."""
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _listed(arrays: Mapping[str, NDArray[Any]], name: str) -> bool:
    return name in arrays and arrays[name].ndim == 1


def _axes(array: NDArray[Any], where: str) -> Order:
    try:
        return parse_axes(str(array[()]))
    except InvalidArgument as error:
        raise InvalidTrace(f"{where}: axes: {str(error).removeprefix('--axes: ')}") from None


def load(content: bytes, where: str) -> NDArray[Any] | dict[str, NDArray[Any]]:
    """The array of a .npy, or those of a .npz, by their names. Raises InvalidTrace."""
    try:
        _check_archive(content)
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


def _check_archive(content: bytes) -> None:
    """Raise MemoryError for an archive whose parts claim more than any packed trace may."""
    if content.startswith(NPZ):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
        if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise MemoryError
