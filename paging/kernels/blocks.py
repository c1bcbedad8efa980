"""An array in blocks of 2^bits values, and the least value of every block.

The loops go through whole blocks, without early exit and negative index: the compiler makes them vector instructions. They
take half as long again where the arrays begin in the middle of a cache line.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from paging.compiling import kernel

LINE = 64
"""Bytes."""


@kernel
def aligned(values: Any) -> Any:
    """A copy that begins with a cache line."""
    room = np.empty(len(values) + LINE // values.itemsize, values.dtype)
    begin = (-room.ctypes.data % LINE) // values.itemsize
    result = room[begin : begin + len(values)]
    for x in range(
        len(values)
    ):  # an assignment of slices makes the compiler work for seconds, on the text of its error
        result[x] = values[x]
    return result


@kernel
def least(values: Any, block: Any, bits: int) -> Any:
    """The least value of a block."""
    begin = np.uint64(block << bits)
    found = values[begin]
    for x in range(begin, begin + np.uint64(1 << bits)):
        found = min(found, values[x])
    return found


@kernel
def first(values: Any, block: Any, bits: int, begin: Any, end: Any, value: Any) -> Any:
    """The first index of ``value`` in a block, from ``begin`` on and before ``end``; ``end`` if it is not there."""
    start = np.uint64(block << bits)
    low, stop = np.uint64(begin), np.uint64(end)
    found: Any = stop
    for x in range(start, start + np.uint64(1 << bits)):
        found = min(found, x if (values[x] == value) & (x >= low) else stop)
    return np.int64(found)


@kernel
def put(values: Any, lows: Any, bits: int, index: Any, value: Any) -> None:
    """Change one value, and the least one of its block."""
    block = index >> bits
    before = values[index]
    values[index] = value
    if value <= lows[block]:
        lows[block] = value
    elif before == lows[block]:
        lows[block] = least(values, block, bits)
