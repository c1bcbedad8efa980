"""NumPy files: .npy with the routing alone, .npz with everything a Trace holds."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.source import LARGEST_UNPACKED
from paging.traces.trace import Trace

NPY = b"\x93NUMPY"
NPZ = b"PK\x03\x04"


def read_npy(content: bytes, where: str) -> Trace:
    """An integer array of shape (tokens, layers, width) or (tokens, layers); the experts per layer are the largest id + 1.

    An array of one dimension is a list of page numbers: one layer, one page per token.
    """
    loaded = _load(content, where)
    if not isinstance(loaded, np.ndarray):
        raise InvalidTrace(f"{where}: expected one array, got an archive")
    if loaded.ndim == 1:
        loaded = loaded[:, None]
    return Trace.from_array(loaded, name=where)


def read_npz(content: bytes, where: str) -> Trace:
    """``routing`` as in .npy; ``experts`` (a number), ``decode`` (per token), ``expert_bytes`` (per layer) may be missing."""
    arrays = _load(content, where)
    if not isinstance(arrays, dict) or "routing" not in arrays:
        raise InvalidTrace(f"{where}: expected an array named 'routing'")
    experts = arrays.get("experts")
    if experts is not None and (experts.shape != () or not np.issubdtype(experts.dtype, np.integer)):
        raise InvalidTrace(
            f"{where}: experts: expected one integer, got {experts.dtype} of shape {experts.shape}"
        )
    for name, kind in (("decode", np.bool_), ("expert_bytes", np.integer)):
        if name in arrays and not np.issubdtype(arrays[name].dtype, kind):
            raise InvalidTrace(f"{where}: {name}: expected {kind.__name__}, got {arrays[name].dtype}")
    return Trace.from_array(
        arrays["routing"],
        experts=None if experts is None else int(experts),
        decode=arrays.get("decode"),
        expert_bytes=arrays.get("expert_bytes"),
        name=where,
    )


def write_npy(trace: Trace) -> bytes:
    """The routing alone."""
    stream = io.BytesIO()
    np.save(stream, trace.routing)
    return stream.getvalue()


def write_npz(trace: Trace) -> bytes:
    """Everything but the number of dropped tokens."""
    arrays: dict[str, NDArray[Any]] = {
        "routing": trace.routing,
        "experts": np.array(trace.experts),
        "decode": trace.decode,
    }
    if trace.expert_bytes is not None:
        arrays["expert_bytes"] = trace.expert_bytes
    stream = io.BytesIO()
    np.savez_compressed(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def _load(content: bytes, where: str) -> NDArray[Any] | dict[str, NDArray[Any]]:
    try:
        _check_size(content)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a header of Python 2 reads as well
            loaded = np.load(io.BytesIO(content), allow_pickle=False)
        return {name: loaded[name] for name in loaded} if isinstance(loaded, Mapping) else loaded
    except (MemoryError, OverflowError):
        raise InvalidTrace(f"{where}: claims an array that does not fit into memory") from None
    except Exception as error:  # header and archive are parsed with whatever NumPy, ast and zipfile raise
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise InvalidTrace(f"{where}: broken NumPy file: {said}") from None


def _check_size(content: bytes) -> None:
    """Raise MemoryError for an archive whose parts claim more than any packed trace may."""
    if content.startswith(NPZ):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(part.file_size for part in archive.infolist()) > LARGEST_UNPACKED:
                raise MemoryError
