"""The problem: instances and request sequences.

Layered paging (Angelopoulos, Marchal, Obrecht, Simon 2025): pages are pairs (layer, expert),
numbered layer * experts + expert from 0; requests visit the layers cyclically; one cache of
``cache`` slots, empty at first, serves them all. A hit costs 0, a miss 1; a missed page must be
loaded.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from paging.errors import InvalidInstance, InvalidRequests
from paging.sequences import check_layers, check_range, check_rounds, check_sets, check_sizes

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

    ``pages`` has shape (visits, width) and is read-only: row v is the set that visit v asks of its layer.
    With ``sequential`` semantics the pages of a row are requested one after another, in slot order; with
    ``atomic`` semantics all of them must be in the cache at once. At width 1 the two are the same.

    ``warmup``: so many requests, whole rows, are served first and not counted: misses are those of the requests after
    them, for OPT too (see paging.offline.warm).

    In the model visit v is to layer v mod layers. In recorded sequences a round (a token) may lack layers, which are then
    not requested; ``lacking`` holds the round of every visit there, and is None where no visit is missing. Where sets
    differ in size, each page of a set is a visit of its own: asked for one after another, the two are the same.
    """

    layers: int
    experts: int
    pages: Pages
    semantics: Semantics
    warmup: int = 0
    lacking: NDArray[np.int64] | None = None

    @classmethod
    def of(
        cls,
        layers: int,
        experts: int,
        pages: ArrayLike,
        semantics: Semantics | None = None,
        rounds: ArrayLike | None = None,
        sizes: ArrayLike | None = None,
    ) -> Requests:
        """Check ``pages``, of shape (visits,) or (visits, width), against the model.

        ``semantics`` must be given when the width exceeds 1: the two differ, and are never mixed silently. ``rounds``: the
        number of the round of each visit, for rounds that lack layers: numbers never fall, and a round visits
        its layers in order. ``sizes``: the number of pages of each visit, where sets differ in size; ``pages`` then holds the
        sets one after another, and ``semantics`` must be sequential. Raises InvalidRequests, naming the first offending index.
        """
        array = np.asarray(pages)
        if sizes is not None:
            counts = check_sizes(array, np.asarray(sizes))
            if counts.size and (counts == counts[0]).all():
                return cls.of(layers, experts, array.reshape(len(counts), -1), semantics, rounds)
            return cls._of_unequal(layers, experts, array, semantics, rounds, counts)
        if array.ndim == 1:
            array = array[:, None]
        if array.ndim != 2 or array.shape[1] < 1:
            raise InvalidRequests(
                f"pages: expected shape (visits,) or (visits, width), got {np.shape(pages)}"
            )
        if array.size and array.dtype.kind not in "iu":
            raise InvalidRequests(f"pages: expected integers, got {array.dtype}")
        if semantics is None:
            if array.shape[1] > 1:
                raise InvalidRequests(
                    f"semantics: width {array.shape[1]} needs 'sequential' or 'atomic', none was given"
                )
            semantics = "sequential"
        if semantics not in ("sequential", "atomic"):
            raise InvalidRequests(f"semantics: expected 'sequential' or 'atomic', got {semantics!r}")
        check_range(array, layers, experts)
        array = array.astype(np.int64, copy=False)
        lacking = None
        if rounds is None:
            check_layers(array, np.arange(len(array)) % layers, experts)
        else:
            lacking = check_rounds(array, np.asarray(rounds), layers, experts)
        check_sets(array)
        owned = array.astype(np.int32, order="C")
        owned.flags.writeable = False
        return cls(layers, experts, owned, semantics, lacking=lacking)

    @classmethod
    def _of_unequal(
        cls,
        layers: int,
        experts: int,
        pages: NDArray[Any],
        semantics: Semantics | None,
        rounds: ArrayLike | None,
        counts: NDArray[np.int64],
    ) -> Requests:
        """Sets of different sizes, one after another in ``pages``."""
        if semantics != "sequential":
            raise InvalidRequests(
                f"semantics: sets of different sizes are asked for one page after another, expected 'sequential', "
                f"got {semantics!r}"
            )
        check_range(pages[:, None], layers, experts)
        array = pages.astype(np.int64)
        begins = np.cumsum(counts) - counts
        of_set = np.repeat(np.arange(len(counts)), counts)
        check_layers(array[:, None], (array[begins] // experts)[of_set], experts)
        due = np.arange(len(counts)) // layers if rounds is None else np.asarray(rounds)
        numbered = check_rounds(array[begins][:, None], due, layers, experts)
        by_set = np.lexsort((array, of_set))
        twice = np.flatnonzero((np.diff(array[by_set]) == 0) & (np.diff(of_set[by_set]) == 0))
        if len(twice):
            index = int(by_set[twice[0] + 1])
            raise InvalidRequests(f"pages: index {index}: visit {of_set[index]} repeats a page in its set")
        owned = array[:, None].astype(np.int32)
        lacking = (np.arange(len(counts)) // layers if numbered is None else numbered)[of_set]
        owned.flags.writeable = lacking.flags.writeable = False
        return cls(layers, experts, owned, semantics, lacking=lacking)

    @property
    def width(self) -> int:
        """Pages per visit of a layer, m; 1 where sets differ in size."""
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

    @property
    def rounds(self) -> NDArray[np.int64]:
        """The round (token) of each visit, from 0 without gaps, shape (visits,)."""
        return np.arange(len(self.pages)) // self.layers if self.lacking is None else self.lacking

    @property
    def visited(self) -> NDArray[np.int64]:
        """The layer of each visit, shape (visits,)."""
        if self.lacking is None:
            return np.arange(len(self.pages)) % self.layers
        return self.pages[:, 0].astype(np.int64) // self.experts

    @property
    def tokens(self) -> int:
        """Number of rounds after the warm-up, the first and the last one perhaps not whole."""
        rounds = self.rounds[self.warmup // self.width :]
        return int(rounds[-1] - rounds[0]) + 1 if len(rounds) else 0

    def visits_of(self, layer: int) -> NDArray[np.int64]:
        """The visits of one layer, in order."""
        if self.lacking is None:
            return np.arange(layer, len(self.pages), self.layers)
        return np.flatnonzero(self.visited == layer)

    def first(self, visits: int) -> Requests:
        """The first visits alone, all of them counted."""
        lacking = None if self.lacking is None else self.lacking[:visits]
        return replace(self, pages=self.pages[:visits], warmup=0, lacking=lacking)

    def __len__(self) -> int:
        """Number of single-page requests, counted or not."""
        return int(self.pages.size)

    @property
    def counted(self) -> int:
        """Number of requests after the warm-up."""
        return len(self) - self.warmup

    def warmed(self, warmup: int) -> Requests:
        """The same sequence with another warm-up. Raises InvalidRequests unless it is whole rows and leaves one to count."""
        if not 0 <= warmup < max(1, len(self)) or warmup % self.width:
            raise InvalidRequests(
                f"warmup: expected whole sets of {self.width}, fewer than all {len(self)} requests, got {warmup}"
            )
        return replace(self, warmup=warmup)

    def fits(self, instance: Instance, whole_batches: bool = True) -> None:
        """Raise InvalidRequests unless the instance has this shape and (if ``whole_batches``) slots for a batch."""
        if (self.layers, self.experts) != (instance.layers, instance.experts):
            raise InvalidRequests(
                f"requests are for {self.layers} layers of {self.experts} experts, the instance has "
                f"{instance.layers} of {instance.experts}"
            )
        if whole_batches and self.batch > instance.cache:
            raise InvalidRequests(
                f"cache: atomic sets of {self.batch} pages need at least {self.batch} slots, "
                f"got {instance.cache}"
            )
