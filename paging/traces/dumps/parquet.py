"""Parquet: a table as of named_csv, or one layer of FLAME-MoE's traces.

FLAME-MoE has a file for each layer, ``layer_02.parquet`` and on, whose row i is token i in all of them; the column
``indices`` lists its routed experts, ``scores`` their probabilities (not read). Source: the data set's README, and its
authors' word that the rows are aligned; certain. The number of the layer stands in the name alone, so several such files are
one trace: see ``stacked``. The rows are tokens of training, which count as decoded.

A small file can claim any number of rows, so the footer is asked first; what the columns unpack to is Polars' to check.
Polars panics over some broken files, and its panics write to standard error before anyone can catch them.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from paging.errors import InvalidTrace
from paging.traces.dumps.named_csv import table
from paging.traces.source import PARQUET
from paging.traces.trace import Trace
from paging.untrusted import ALWAYS_UNPACKED, GROWTH, LARGEST_UNPACKED

MAGIC = b"PAR1"
INDICES = "indices"
LAYER_FILE = re.compile(r"layer_([0-9]{1,6})\.parquet$")


def read_parquet(content: bytes, where: str, lenient: bool = False) -> Trace:
    """Read the table, or the layer that the name of the file numbers. Raises InvalidTrace."""
    import polars as pl

    broken = (pl.exceptions.PolarsError, pl.exceptions.PanicException, MemoryError, OSError)
    try:
        with _silence():
            lazy = pl.scan_parquet(io.BytesIO(content))
            names = lazy.collect_schema().names()
            rows = int(lazy.select(pl.len()).collect().item())
    except broken as error:
        raise _broken(error, where) from None
    most = min(LARGEST_UNPACKED, max(ALWAYS_UNPACKED, GROWTH * len(content)))
    if not 0 < rows <= most:
        raise InvalidTrace(f"{where}: claims {rows:,} rows, expected 1 to {most:,} in a file of this size")
    try:
        with _silence():
            frame = (lazy.select(INDICES) if INDICES in names else lazy).collect()
    except broken as error:
        raise _broken(error, where) from None
    if INDICES in names:
        return _layer(frame[INDICES], where)
    whole = [name for name in names if frame[name].dtype.is_integer()]
    for name in whole:
        column = frame[name]
        if column.null_count() or ((array := column.to_numpy()) < 0).any() or (array >= 2**31).any():
            raise InvalidTrace(f"{where}: column {name!a}: expected integers from 0 on")
    numbers = frame.select(pl.col(whole).cast(pl.Int32))
    del frame
    try:
        return table(numbers, where, names, lenient, line=1)
    except InvalidTrace as error:
        if "expected columns for" not in str(error):
            raise
        raise InvalidTrace(f"{where}: {PARQUET}") from None


def stacked(layers: Sequence[Trace]) -> Trace:
    """Files of one layer each as one trace. Raises InvalidTrace, naming the file that has other tokens, or a layer again."""
    one, *_ = layers
    ids: dict[int, Trace] = {}
    for layer in layers:
        (number,) = [0] if layer.layer_ids is None else layer.layer_ids.tolist()
        if number in ids:
            raise InvalidTrace(f"{layer.name}: layer {number} stands in {ids[number].name} too")
        if layer.tokens != one.tokens:
            raise InvalidTrace(f"{layer.name}: {layer.tokens} tokens, {one.name} has {one.tokens}")
        ids[number] = layer
    width = max(layer.width for layer in layers)
    routing = np.full((one.tokens, len(ids), width), -1, np.int32)
    sizes = np.zeros(routing.shape[:2], np.int32)
    for column, (_, layer) in enumerate(sorted(ids.items())):
        routing[:, column, : layer.width] = layer.routing[:, 0]
        sizes[:, column] = layer.width if layer.sizes is None else layer.sizes[:, 0]
    return Trace.from_array(
        routing,
        experts=max(layer.experts for layer in layers),
        sizes=sizes,
        layer_ids=sorted(ids),
        name=one.name,
    )


def _layer(lists: Any, where: str) -> Trace:
    import polars as pl

    found = LAYER_FILE.search(where)
    if found is None:
        raise InvalidTrace(f"{where}: a layer of FLAME-MoE: expected a name that ends in layer_NN.parquet")
    dtype = lists.dtype
    if not isinstance(dtype, pl.List | pl.Array) or not dtype.inner.is_integer():
        raise InvalidTrace(f"{where}: column 'indices': expected lists of integers, got {dtype}")
    if isinstance(dtype, pl.Array):
        lists = lists.arr.to_list()
    lengths = lists.list.len()
    width = int(lengths[0] or 0)
    other = (lengths.is_null() | (lengths != width)).fill_null(value=True).arg_max()
    if width < 1 or other is None or lengths[other] != width:
        raise InvalidTrace(f"{where}: row {other}: expected a set of {max(width, 1)} experts as in row 0")
    flat = lists.explode()
    if flat.null_count():
        raise InvalidTrace(f"{where}: column 'indices': expected integers, got nulls")
    array = flat.to_numpy().reshape(-1, 1, width)
    return Trace.from_array(array, layer_ids=[int(found[1])], name=where)


@contextmanager
def _silence() -> Iterator[None]:
    """Standard error leads nowhere."""
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _broken(error: BaseException, where: str) -> InvalidTrace:
    return InvalidTrace(
        f"{where}: broken Parquet file: {' '.join(str(error).split())[:120] or type(error).__name__}"
    )
