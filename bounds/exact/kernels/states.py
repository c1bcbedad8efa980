"""States as sorted labels: one byte per page, up to 16 pages in two words; equal words, equal states up to symmetry.

The label of a page is level * 16 + aux: its level in the offset function (1..k, or k+1 outside) and what else is known of it
(0 for a page that is not cached). Layers are counted from the one whose turn it is, and the labels of a layer are sorted: this
divides out the permutations of the experts inside each layer, and the rotation of the layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.compiling import kernel

Labels = NDArray[np.int64]
Words = NDArray[np.int64]


@kernel
def sort_layers(labels: Labels, layers: int, experts: int) -> None:
    """Insertion sort of each layer, in place."""
    for layer in range(layers):
        first = layer * experts
        for i in range(first + 1, first + experts):
            label = labels[i]
            j = i
            while j > first and labels[j - 1] > label:
                labels[j] = labels[j - 1]
                j -= 1
            labels[j] = label


@kernel
def pack(labels: Labels, pages: int) -> tuple[Any, Any]:
    """Two words, eight labels in each."""
    low = np.int64(0)
    high = np.int64(0)
    for i in range(pages):
        if i < 8:
            low |= labels[i] << (8 * i)
        else:
            high |= labels[i] << (8 * (i - 8))
    return low, high


@kernel
def unpack(low: int, high: int, pages: int, labels: Labels) -> None:
    """The inverse of ``pack``, into ``labels``."""
    for i in range(pages):
        word = low if i < 8 else high
        labels[i] = (word >> (8 * (i % 8))) & 255


@kernel
def copy(labels: Labels, to: Labels) -> None:
    """An assignment of slices, without the text of its error, which takes the compiler seconds."""
    for i in range(len(labels)):
        to[i] = labels[i]


@kernel
def rotate(labels: Labels, layers: int, experts: int) -> None:
    """The next layer's turn: the first layer goes to the end."""
    for e in range(experts):
        label = labels[e]
        for layer in range(layers - 1):
            labels[layer * experts + e] = labels[(layer + 1) * experts + e]
        labels[(layers - 1) * experts + e] = label


@kernel
def rises(level: int, at: int, slots: int) -> bool:
    """Whether another page rises by a level at a request of a page of level ``at``: paging.offline.offset.risen."""
    return level == 1 if at > slots else level <= at


@kernel
def request_levels(labels: Labels, pages: int, page: int, slots: int) -> bool:
    """The update rule of the offset function on labels; whether the optimum grows."""
    at = labels[page] >> 4
    for i in range(pages):
        if rises(labels[i] >> 4, at, slots):
            labels[i] += 16
    labels[page] = 16 | (labels[page] & 15)
    return bool(at > slots)


@kernel
def last_tight(labels: Labels, page: int, slots: int) -> Any:
    """i*: the largest i with i cached pages of level <= i, the missed ``page`` included. Those of higher levels are safe."""
    tight = 0
    for i in range(1, slots + 1):
        below = 0
        for q in range(len(labels)):
            if labels[q] >> 4 <= i and (labels[q] & 15 or q == page):
                below += 1
        if below == i:
            tight = i
    return tight


@kernel
def _slot(low: int, high: int, extra: int, mask: int) -> Any:
    """Where the search for a state begins."""
    mixed = low * np.int64(-7046029254386353131)
    mixed ^= high * np.int64(-4417276706812531889)
    mixed ^= extra * np.int64(1609587929392839161)
    return (mixed ^ (mixed >> 29)) & mask


@kernel
def find(table: NDArray[np.int32], words: Words, low: int, high: int, extra: int) -> Any:
    """Index of a state, -1 if there is none. Open addressing."""
    mask = len(table) - 1
    slot = _slot(low, high, extra, mask)
    while True:
        index = table[slot]
        if index < 0 or (words[index, 0] == low and words[index, 1] == high and words[index, 2] == extra):
            return index
        slot = (slot + 1) & mask


@kernel
def add(table: NDArray[np.int32], words: Words, count: int, low: int, high: int, extra: int) -> None:
    """Write a state that is not there to ``words[count]``."""
    mask = len(table) - 1
    slot = _slot(low, high, extra, mask)
    while table[slot] >= 0:
        slot = (slot + 1) & mask
    table[slot] = count
    words[count, 0] = low
    words[count, 1] = high
    words[count, 2] = extra


@kernel
def rehash(words: Words, count: int, size: int) -> NDArray[np.int32]:
    """A table of ``size`` slots (a power of two) for the first ``count`` states."""
    table = np.full(size, -1, np.int32)
    for index in range(count):
        add(table, words, index, words[index, 0], words[index, 1], words[index, 2])
    return table
