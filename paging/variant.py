"""What may differ from the base problem: miss weights, bypass, byte sizes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.errors import InvalidArgument
from paging.model import Instance


@dataclass(frozen=True, slots=True, eq=False)
class Variant:
    """Extensions of the base model, never mixed in silently.

    ``weights``: cost of a miss per page, integers >= 0, shape (pages,). ``bypass``: a missed page may be used without being
    admitted. ``sizes``: bytes per page, integers >= 1, shape (pages,); the cache then holds ``capacity`` bytes, and its
    number of slots does not matter.
    """

    weights: ArrayLike | None = None
    bypass: bool = False
    sizes: ArrayLike | None = None
    capacity: int | None = None

    def __post_init__(self) -> None:
        if (self.sizes is None) != (self.capacity is None):
            raise InvalidArgument("sizes and capacity: expected both or neither")

    def costs(self, instance: Instance) -> NDArray[np.int64]:
        """Cost of a miss per page, shape (pages,)."""
        return _per_page("weights", self.weights, instance, 0)

    def bytes(self, instance: Instance) -> NDArray[np.int64]:
        """What each page occupies: its bytes, or one slot."""
        return _per_page("sizes", self.sizes, instance, 1)

    def room(self, instance: Instance) -> int:
        """What the cache holds: bytes, or slots."""
        return instance.cache if self.capacity is None else self.capacity


BASE = Variant()
"""Unit costs and sizes, no bypass."""


def _per_page(name: str, values: ArrayLike | None, instance: Instance, least: int) -> NDArray[np.int64]:
    if values is None:
        return np.ones(instance.pages, np.int64)
    array = np.asarray(values)
    if array.shape != (instance.pages,) or not np.issubdtype(array.dtype, np.integer):
        raise InvalidArgument(
            f"{name}: expected {instance.pages} integers, got {array.dtype} of shape {array.shape}"
        )
    if array.min() < least:
        raise InvalidArgument(
            f"{name}: page {int(array.argmin())}: expected at least {least}, got {array.min()}"
        )
    return array.astype(np.int64)
