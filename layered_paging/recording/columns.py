"""Which token of which request stands in each place of a forward pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """``new``: the places (row, column) whose tokens have not been computed before, shape (rows, columns); of these, in the
    order of rows, ``request`` and ``decode``."""

    new: NDArray[np.bool_]
    request: NDArray[np.int64]
    decode: bool


class Columns:
    """Follows the passes of one model: each row of a batch is a request, until a pass begins anew.

    A pass over several columns is a prompt, or a further part of one; over one column behind others it decodes. Without a cache
    every pass computes all columns again: then only the last one is new, and the others are not told twice. Columns that the
    attention mask leaves out are padding.
    """

    def __init__(self) -> None:
        self._first = 0
        self._seen: NDArray[np.int64] | None = None
        self._rows = self._length = 0

    def places(
        self, ids: NDArray[np.int64] | None, shape: tuple[int, int], past: int, mask: NDArray[np.bool_] | None
    ) -> Places:
        """Of the next pass. ``ids``: the tokens, if they are known; ``shape``: rows and columns; ``past``: columns that are in
        the cache; ``mask``: of all columns with those in the cache. Raises InvalidArgument where that does not fit.
        """
        rows, columns = shape
        again = past == 0 and self._goes_on(ids, rows, columns)
        if past == 0 and not again:
            self._first, self._rows, self._length = self._first + self._rows, rows, 0
        if rows != self._rows or (past and past != self._length):
            raise InvalidArgument(
                f"record: a pass of {rows} rows behind {past} columns after one of {self._rows} rows that ended at column "
                f"{self._length}: begin the recording before the prompt is computed"
            )
        before = self._length - past  # columns of this pass that were there before
        new = np.ones((rows, columns), np.bool_)
        new[:, :before] = False
        if mask is not None:
            if mask.shape[0] != rows or mask.shape[1] < columns:
                raise InvalidArgument(
                    f"record: an attention mask of shape {mask.shape} for {rows} rows of {columns}"
                )
            new &= mask[:, -columns:]
        fresh = columns - before
        decode = self._length > 0 and fresh == 1
        self._length, self._seen = past + columns, ids if past == 0 else None
        return Places(new, np.repeat(np.arange(rows) + self._first, new.sum(axis=1)), decode)

    def _goes_on(self, ids: NDArray[np.int64] | None, rows: int, columns: int) -> bool:
        """Whether a pass without anything in the cache is the last one again, with one token more."""
        seen = self._seen
        if ids is None or seen is None or seen.shape != (rows, columns - 1):
            return False
        return bool(np.array_equal(ids[:, :-1], seen))
