"""The cache, and the one rule by which it changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set

from paging.errors import IllegalEviction, InvalidPartition
from paging.model import Instance, Page
from paging.variant import BASE, Variant


class Cache(Set[Page]):
    """The pages in the cache; to everyone but replay a read-only set.

    ``partition`` gives each layer a fixed number of slots of its own; None means one shared cache. With byte sizes the cache
    holds the variant's capacity, of which a partition gives every layer an even share. Raises InvalidPartition unless there is
    one count >= 1 per layer and their sum is at most k.
    """

    __slots__ = ("_pools", "_rooms", "_sizes", "_span", "_used")

    def __init__(
        self, instance: Instance, partition: Sequence[int] | None = None, variant: Variant = BASE
    ) -> None:
        if partition is not None and (
            len(partition) != instance.layers or min(partition) < 1 or sum(partition) > instance.cache
        ):
            raise InvalidPartition(
                f"partition {tuple(partition)}: expected {instance.layers} counts of at least 1 "
                f"with sum at most {instance.cache}"
            )
        self._sizes: Sequence[int] | None = None
        self._rooms: Sequence[int] = (instance.cache,) if partition is None else tuple(partition)
        self._span = (
            instance.pages if partition is None else instance.experts
        )  # so many pages, one after another, share a room
        if variant.capacity is not None:
            self._sizes = variant.bytes(instance).tolist()
            self._rooms = even_shares(variant.capacity, len(self._rooms))
        # dicts, because a dict's keys are a read-only set whose methods are all in C: policies look at every one of them
        self._pools: list[dict[Page, None]] = [{} for _ in self._rooms]
        self._used = [0 for _ in self._rooms]  # bytes; slots are those of the pages in a pool

    def needed(self, page: Page) -> int:
        """Slots, or bytes, that must leave before there is room for ``page``; 0 or less if there is."""
        space = page // self._span
        if self._sizes is None:
            return len(self._pools[space]) + 1 - self._rooms[space]
        return self._used[space] + self._sizes[page] - self._rooms[space]

    def occupied(self, pages: Set[Page]) -> int:
        """Slots, or bytes, of ``pages``."""
        return len(pages) if self._sizes is None else sum(self._sizes[page] for page in pages)

    def fits_alone(self, page: Page) -> bool:
        """Whether there is room for ``page`` in an empty cache."""
        return self._sizes is None or self._sizes[page] <= self._rooms[page // self._span]

    def candidates(self, page: Page, protected: Set[Page] = frozenset()) -> Set[Page]:
        """The pages that may be evicted to load ``page``, first loaded first: a read-only set, valid until the next load."""
        pool = self._pools[page // self._span]
        if pool.keys().isdisjoint(protected):
            return pool.keys()
        rest = pool.copy()
        for needed in protected:
            rest.pop(needed, None)
        return rest.keys()

    def load(self, page: Page, victims: Set[Page] = frozenset(), protected: Set[Page] = frozenset()) -> None:
        """The transition rule: ``victims`` leave, then the missing ``page`` enters.

        Raises IllegalEviction unless victims are candidates, there are some exactly when the cache is full, and enough of them.
        """
        needed = self._check(page, victims, protected)
        if needed > 0 and self.occupied(victims) < needed:
            raise IllegalEviction(self._too_little(page))
        self._leave(page, victims)
        space = page // self._span
        self._pools[space][page] = None
        if self._sizes is not None:
            self._used[space] += self._sizes[page]

    def bypass(self, page: Page, victims: Set[Page], protected: Set[Page] = frozenset()) -> None:
        """The missing ``page`` is used without being admitted; ``victims`` leave all the same. Raises as ``load``."""
        self._check(page, victims, protected)
        self._leave(page, victims)

    def _leave(self, page: Page, victims: Set[Page]) -> None:
        """``victims`` leave the space of ``page``."""
        space = page // self._span
        pool = self._pools[space]
        for victim in victims:
            del pool[victim]
        if self._sizes is not None:
            self._used[space] -= self.occupied(victims)

    def _check(self, page: Page, victims: Set[Page], protected: Set[Page]) -> int:
        """Raise IllegalEviction for a page that is there, or for victims that may not leave; what must leave for the page."""
        space = page // self._span
        pool = self._pools[space]
        if page in pool:
            raise IllegalEviction(f"page {page} is loaded although it is in the cache")
        for victim in victims:
            if victim not in pool or victim in protected:
                raise IllegalEviction(
                    f"page {victim} cannot be evicted for page {page}: expected one of "
                    f"{sorted(self.candidates(page, protected))}"
                )
        needed = self.needed(page)
        if victims and needed <= 0:
            used, unit = (len(pool), "slots") if self._sizes is None else (self._used[space], "bytes")
            raise IllegalEviction(
                f"page {page} needs no eviction: {used} of {self._rooms[space]} {unit} used"
            )
        return needed

    def _too_little(self, page: Page) -> str:
        """In words."""
        room = self._rooms[page // self._span]
        if self._sizes is None:
            return f"no page was evicted for page {page}: all {room} slots are used"
        return f"not enough was evicted for page {page}: expected {self._sizes[page]} of {room} bytes"

    @classmethod
    def _from_iterable(cls, it: Iterable[Page]) -> frozenset[Page]:  # type: ignore[override]
        return frozenset(it)

    def __contains__(self, page: object) -> bool:
        return page in self._pools[0] if len(self._pools) == 1 else any(page in pool for pool in self._pools)

    def __iter__(self) -> Iterator[Page]:
        return (page for pool in self._pools for page in pool)

    def __len__(self) -> int:
        return sum(map(len, self._pools))

    def __repr__(self) -> str:
        return f"Cache({sorted(self)})"


def even_shares(total: int, parts: int) -> tuple[int, ...]:
    """``total`` divided evenly, the remainder to the first parts."""
    share, rest = divmod(total, parts)
    return tuple(share + (part < rest) for part in range(parts))
