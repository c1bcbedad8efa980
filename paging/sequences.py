"""What makes a sequence of pages one of the model: pages of the instance, layers in turn, sets without repetition."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidRequests


def check_sizes(pages: NDArray[Any], sizes: NDArray[Any]) -> NDArray[np.int64]:
    """The sizes of the sets in a sequence of pages. Raises InvalidRequests unless they add up to it."""
    whole = pages.ndim == 1 and (not pages.size or pages.dtype.kind in "iu")
    if not whole or sizes.ndim != 1 or (sizes.size and sizes.dtype.kind not in "iu"):
        raise InvalidRequests(
            "sizes: expected pages and the sizes of their sets as two sequences of integers"
        )
    if (sizes < 1).any() or int(sizes.sum()) != len(pages):
        raise InvalidRequests(f"sizes: expected numbers from 1 on that add up to the {len(pages)} pages")
    return sizes.astype(np.int64)


def check_range(array: NDArray[Any], layers: int, experts: int) -> None:
    """Raise InvalidRequests at the first page that does not exist."""
    outside = (array < 0) | (array >= layers * experts)
    if outside.any():
        visit, slot = (int(i) for i in np.argwhere(outside)[0])
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1] + slot}: page {array[visit, slot]} does not exist, "
            f"expected 0 to {layers * experts - 1}"
        )


def check_layers(array: NDArray[np.int64], due: NDArray[np.int64], experts: int) -> None:
    """Raise InvalidRequests at the first page that is not of the layer that is due in its row."""
    wrong = array // experts != due[:, None]
    if wrong.any():
        visit, slot = (int(i) for i in np.argwhere(wrong)[0])
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1] + slot}: page {array[visit, slot]} belongs to layer "
            f"{array[visit, slot] // experts}, expected layer {due[visit]}"
        )


def check_rounds(
    array: NDArray[np.int64], rounds: NDArray[Any], layers: int, experts: int
) -> NDArray[np.int64] | None:
    """The rounds numbered without gaps; None where they lack no visit. Raises InvalidRequests."""
    if rounds.shape != (len(array),) or (rounds.size and rounds.dtype.kind not in "iu"):
        raise InvalidRequests(
            f"rounds: expected an integer for each of {len(array)} visits, got {rounds.dtype} of shape {rounds.shape}"
        )
    visited = array[:, 0] // experts
    check_layers(array, visited, experts)
    falls = np.flatnonzero(rounds[1:] < rounds[:-1]) + 1
    if len(falls):
        visit = int(falls[0])
        raise InvalidRequests(
            f"rounds: visit {visit}: round {rounds[visit]} follows round {rounds[visit - 1]}"
        )
    disorder = np.flatnonzero((rounds[1:] == rounds[:-1]) & (visited[1:] <= visited[:-1])) + 1
    if len(disorder):
        visit = int(disorder[0])
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1]}: layer {visited[visit]} follows layer {visited[visit - 1]} in one "
            "round, expected each layer at most once, in order"
        )
    numbered: NDArray[np.int64] = np.zeros(len(array), np.int64)
    numbered[1:] = np.cumsum(rounds[1:] != rounds[:-1])
    steps = np.arange(len(array))
    if np.array_equal(visited, steps % layers) and np.array_equal(numbered, steps // layers):
        return None
    numbered.flags.writeable = False
    return numbered


def check_sets(array: NDArray[np.int64]) -> None:
    """Raise InvalidRequests at the first row that repeats a page."""
    ordered = np.sort(array, axis=1)
    repeated = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    if repeated.any():
        visit = int(np.argmax(repeated))
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1]}: visit {visit} repeats a page in its set"
        )
