"""The problem: instances, request sequences, and the one rule by which a cache changes.

Layered paging (Angelopoulos, Marchal, Obrecht, Simon 2025): pages are pairs (layer, expert),
numbered layer * experts + expert from 0; requests visit the layers cyclically; one cache of
``cache`` slots, empty at first, serves them all. A hit costs 0, a miss 1; a missed page must be
loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.errors import IllegalEviction, InvalidInstance, InvalidPartition, InvalidRequests

Page: TypeAlias = int
Pages: TypeAlias = NDArray[np.int32]
Semantics: TypeAlias = Literal["sequential", "atomic"]

LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Instance:
    """``layers`` (l >= 1) layers of ``experts`` (n >= 1) experts and a cache of ``cache`` (k >= 1) slots.

    Raises InvalidInstance when a number is not an integer in 1..2^31-1, or there are more pages than that.
    """

    layers: int
    experts: int
    cache: int

    def __post_init__(self) -> None:
        for name in ("layers", "experts", "cache"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | np.integer):
                raise InvalidInstance(f"{name}: expected an integer, got {value!r}")
            if not 1 <= value <= LARGEST:
                raise InvalidInstance(f"{name}: expected 1 to {LARGEST}, got {value}")
            object.__setattr__(self, name, int(value))
        if self.pages > LARGEST:
            raise InvalidInstance(f"layers * experts: expected at most {LARGEST} pages, got {self.pages}")

    @property
    def pages(self) -> int:
        """Number of pages, n * l."""
        return self.layers * self.experts

    @property
    def trivial(self) -> bool:
        """Whether everything fits (k >= n * l), so that every lazy policy has only cold misses."""
        return self.cache >= self.pages

    def page(self, layer: int, expert: int) -> Page:
        """Number of the page (layer, expert), both counted from 0."""
        return layer * self.experts + expert

    def layer(self, page: Page) -> int:
        """Layer of a page."""
        return page // self.experts

    def layer_pages(self, layer: int) -> range:
        """All pages of one layer."""
        return range(layer * self.experts, (layer + 1) * self.experts)

    def __str__(self) -> str:
        return f"(l={self.layers}, n={self.experts}, k={self.cache})"


@dataclass(frozen=True, slots=True, eq=False)
class Requests:
    """A validated request sequence; make one with :meth:`of`.

    ``pages`` has shape (visits, width) and is read-only: row v is the set asked of layer v mod layers.
    With ``sequential`` semantics the pages of a row are requested one after another, in slot order; with
    ``atomic`` semantics all of them must be in the cache at once. At width 1 the two are the same.
    """

    layers: int
    experts: int
    pages: Pages
    semantics: Semantics

    @classmethod
    def of(
        cls,
        layers: int,
        experts: int,
        pages: ArrayLike,
        semantics: Semantics | None = None,
    ) -> Requests:
        """Check ``pages``, of shape (visits,) or (visits, width), against the model.

        ``semantics`` must be given when the width exceeds 1: the two differ, and are never mixed silently.
        Raises InvalidRequests, naming the first offending index.
        """
        array = np.asarray(pages)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or array.shape[1] < 1:
            raise InvalidRequests(
                f"pages: expected shape (visits,) or (visits, width), got {np.shape(pages)}"
            )
        if array.size and not np.issubdtype(array.dtype, np.integer):
            raise InvalidRequests(f"pages: expected integers, got {array.dtype}")
        if semantics is None:
            if array.shape[1] > 1:
                raise InvalidRequests(
                    f"semantics: width {array.shape[1]} needs 'sequential' or 'atomic', none was given"
                )
            semantics = "sequential"
        if semantics not in ("sequential", "atomic"):
            raise InvalidRequests(f"semantics: expected 'sequential' or 'atomic', got {semantics!r}")
        _check_pages(array, layers, experts)
        owned = array.astype(np.int32, order="C")
        owned.flags.writeable = False
        return cls(layers, experts, owned, semantics)

    @property
    def width(self) -> int:
        """Pages per visit of a layer, m."""
        return int(self.pages.shape[1])

    @property
    def batch(self) -> int:
        """Pages that must be in the cache together: the width if atomic, else 1."""
        return self.width if self.semantics == "atomic" else 1

    @property
    def batches(self) -> Pages:
        """The sequence as shape (number of batches, batch), in the order served."""
        return self.pages.reshape(-1, self.batch)

    @property
    def stream(self) -> Pages:
        """All requested pages in order, shape (len(self),)."""
        return self.pages.reshape(-1)

    def __len__(self) -> int:
        """Number of single-page requests."""
        return int(self.pages.size)

    def fits(self, instance: Instance) -> None:
        """Raise InvalidRequests unless the instance has this shape and room for a batch."""
        if (self.layers, self.experts) != (instance.layers, instance.experts):
            raise InvalidRequests(
                f"requests are for {self.layers} layers of {self.experts} experts, the instance has "
                f"{instance.layers} of {instance.experts}"
            )
        if self.batch > instance.cache:
            raise InvalidRequests(
                f"cache: atomic sets of {self.batch} pages need at least {self.batch} slots, "
                f"got {instance.cache}"
            )


def _check_pages(array: NDArray[np.generic], layers: int, experts: int) -> None:
    """Raise InvalidRequests at the first page out of range, out of layer order or repeated in its row."""
    values = array.astype(np.int64, copy=False)
    outside = (values < 0) | (values >= layers * experts)
    if outside.any():
        visit, slot = (int(i) for i in np.argwhere(outside)[0])
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1] + slot}: page {values[visit, slot]} does not exist, "
            f"expected 0 to {layers * experts - 1}"
        )
    due = np.arange(len(values))[:, None] % layers
    wrong = values // experts != due
    if wrong.any():
        visit, slot = (int(i) for i in np.argwhere(wrong)[0])
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1] + slot}: page {values[visit, slot]} belongs to layer "
            f"{values[visit, slot] // experts}, expected layer {visit % layers}"
        )
    ordered = np.sort(values, axis=1)
    repeated = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
    if repeated.any():
        visit = int(np.argmax(repeated))
        raise InvalidRequests(
            f"pages: index {visit * array.shape[1]}: visit {visit} repeats a page in its set"
        )


class Candidates(Set[Page]):
    """Read-only view of the pages that may be evicted: those of ``pool`` that are not ``protected``."""

    __slots__ = ("_pool", "_protected")

    def __init__(self, pool: Set[Page], protected: Set[Page]) -> None:
        self._pool = pool
        self._protected = protected

    @classmethod
    def _from_iterable(cls, it: Iterable[Page]) -> frozenset[Page]:  # type: ignore[override]
        return frozenset(it)  # what the set operators & | - ^ build

    def __contains__(self, page: object) -> bool:
        return page in self._pool and page not in self._protected

    def __iter__(self) -> Iterator[Page]:
        return (page for page in self._pool if page not in self._protected)

    def __len__(self) -> int:
        return len(self._pool) - sum(page in self._pool for page in self._protected)

    def __repr__(self) -> str:
        return f"Candidates({sorted(self)})"


class Cache(Set[Page]):
    """The pages in the cache; to everyone but replay a read-only set.

    ``partition`` gives each layer a fixed number of slots of its own; None means one shared cache.
    Raises InvalidPartition unless there is one count >= 1 per layer and their sum is at most k.
    """

    __slots__ = ("_instance", "_layers", "_pages", "_partition")

    def __init__(self, instance: Instance, partition: Sequence[int] | None = None) -> None:
        if partition is not None and (
            len(partition) != instance.layers or min(partition) < 1 or sum(partition) > instance.cache
        ):
            raise InvalidPartition(
                f"partition {tuple(partition)}: expected {instance.layers} counts of at least 1 "
                f"with sum at most {instance.cache}"
            )
        self._instance = instance
        self._partition = partition
        self._pages: set[Page] = set()
        self._layers: list[set[Page]] = [set() for _ in range(instance.layers if partition else 0)]

    def _space(self, page: Page) -> tuple[set[Page], int]:
        """The pages that compete with ``page``, and the slots they compete for."""
        if self._partition is None:
            return self._pages, self._instance.cache
        layer = self._instance.layer(page)
        return self._layers[layer], self._partition[layer]

    def full(self, page: Page) -> bool:
        """Whether loading ``page`` needs an eviction."""
        pool, slots = self._space(page)
        return len(pool) >= slots

    def candidates(self, page: Page, protected: Set[Page] = frozenset()) -> Candidates:
        """The pages that may be evicted to load ``page`` (a live view)."""
        return Candidates(self._space(page)[0], protected)

    def load(self, page: Page, victims: Set[Page] = frozenset(), protected: Set[Page] = frozenset()) -> None:
        """The transition rule: ``victims`` leave, then the missing ``page`` enters.

        Raises IllegalEviction unless victims are candidates, and there are some exactly when the cache is full.
        """
        pool, slots = self._space(page)
        if page in pool:
            raise IllegalEviction(f"page {page} is loaded although it is in the cache")
        for victim in victims:
            if victim not in pool or victim in protected:
                raise IllegalEviction(
                    f"page {victim} cannot be evicted for page {page}: expected one of "
                    f"{sorted(self.candidates(page, protected))}"
                )
        if victims and len(pool) < slots:
            raise IllegalEviction(f"page {page} needs no eviction: {len(pool)} of {slots} slots used")
        if len(pool) - len(victims) >= slots:
            raise IllegalEviction(f"no page was evicted for page {page}: all {slots} slots are used")
        for victim in victims:
            self._pages.discard(victim)
            if self._partition is not None:
                pool.discard(victim)
        self._pages.add(page)
        if self._partition is not None:
            pool.add(page)

    @classmethod
    def _from_iterable(cls, it: Iterable[Page]) -> frozenset[Page]:  # type: ignore[override]
        return frozenset(it)

    def __contains__(self, page: object) -> bool:
        return page in self._pages

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages)

    def __len__(self) -> int:
        return len(self._pages)

    def __repr__(self) -> str:
        return f"Cache({sorted(self._pages)})"
