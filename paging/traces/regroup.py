"""From rows of single routed experts, in whatever order a recorder wrote them, to tokens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.trace import Note

Column = NDArray[np.integer[Any]]

SPARSEST = 100
"""Places of a table of tokens, layers and experts for each one that is asked: a file that needs more is none of ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Routed experts, one per row; all columns have shape (rows,). Row i stands in line ``line + record[i]`` of ``where``
    (no ``record``: every row has its own line). A record is a whole set.

    ``token`` columns together identify a token, and sort in the order of time. ``slot``: the place in the set, if rows say it.
    """

    token: tuple[Column, ...]
    layer: Column
    expert: Column
    where: str
    line: int
    record: Column | None = None
    slot: Column | None = None

    def fault(self, rows: Column, what: str) -> InvalidTrace:
        """An error about the first of the faulty rows."""
        first = int(rows.min())
        line = self.line + (first if self.record is None else int(self.record[first]))
        return InvalidTrace(f"{self.where}:{line}: {what} ({len(rows)} such rows)")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """``routing``, shape (tokens, layers, width), ``asked`` and ``sizes`` as in Trace. ``layers``: the numbers
    in the file of those that any token asks of. ``begins``, ``dropped``: the first row of every token, and of those left out.
    """

    routing: NDArray[np.int32]
    asked: NDArray[np.bool_]
    sizes: NDArray[np.int32]
    layers: NDArray[np.int64]
    begins: Column
    dropped: Column


def regroup(rows: Rows, layers: int, experts: int, width: int | None, lenient: bool = False) -> Tokens:
    """The tokens, in the order of time. A token asks of those layers of which it has a set. ``width``: the size of all sets;
    None where they may differ.

    A recorder may write token by token or, in a prompt, layer by layer; the rows of one token must come in the order
    of layers, and the tokens of a layer in the order of time. Raises InvalidTrace at rows of a missing layer or expert, rows
    out of order, a set in two records, repeated experts, sets of another size; ``lenient`` drops the tokens of such rows
    instead. The token within whose set the file ends is dropped in any case.
    """
    order, first = _by_token(rows)
    sorted_ = len(order) == 0 or bool((order[1:] > order[:-1]).all())  # as most files are: nothing is copied
    layer, expert = (column if sorted_ else column[order] for column in (rows.layer, rows.expert))
    begins = np.zeros(len(order), np.bool_)
    begins[first] = True
    faulty = np.zeros(len(order), np.bool_)

    def complain(places: Column, what: str) -> None:
        """``places``: of the faulty rows, in the order by token."""
        if len(places) and not lenient:
            raise rows.fault(order[places], what)
        faulty[places] = True

    for name, values, count in (("layer", layer, layers), ("expert", expert, experts)):
        bad = np.flatnonzero(values >= count)
        worst = values[bad[order[bad].argmin()]] if len(bad) else 0
        complain(bad, f"{name} {worst}, expected 0 to {count - 1}")
    falls = np.flatnonzero((np.diff(layer, prepend=0) < 0) & ~begins)
    complain(falls, "an earlier layer follows a later one of the same token, expected layer order")
    opens = begins | (np.diff(layer, prepend=-1) != 0)  # first rows of the sets
    sets: Column = np.flatnonzero(opens).astype(order.dtype)
    sizes: Column = np.diff(sets, append=order.dtype.type(len(order)))
    if width is not None:
        odd = sizes != width
        last = (
            np.searchsorted(sets, order.argmax(), side="right") - 1
        )  # the set with the last row of the file
        if sizes[last] < width:
            odd[last], faulty[sets[last]] = False, True
        complain(sets[odd], f"a set of another size, expected {width} experts per token and layer")
    if rows.record is not None:
        said = rows.record if sorted_ else rows.record[order]
        again: Column = np.flatnonzero(~opens & (np.diff(said, prepend=said[:1]) != 0)).astype(order.dtype)
        complain(again, "a second record of the same token and layer")
    if rows.slot is not None:
        due = np.arange(len(order), dtype=order.dtype) - np.repeat(sets, sizes)
        wrong = np.flatnonzero((rows.slot if sorted_ else rows.slot[order]) != due)
        del due
        complain(wrong, f"slots of a set out of order, expected 0 to {(width or int(sizes.max())) - 1}")
    if not sorted_:
        _check_time(rows, order, sets, layer)
    repeated = sets[_repeats(expert, sets, sizes)]
    whole = ~np.logical_or.reduceat(faulty, first)
    token_of = np.cumsum(begins, dtype=np.int32) - 1
    complain(repeated[whole[token_of[repeated]]], "an expert is repeated in its set")
    sound = ~np.logical_or.reduceat(faulty, first)
    if not sound.all():
        kept = sound[token_of[sets]]
        sets, sizes = sets[kept], sizes[kept]
    if not len(sets):
        raise InvalidTrace(f"{rows.where}: none of the {len(first)} tokens is without fault")
    number = (np.cumsum(sound, dtype=order.dtype) - 1)[token_of[sets]]
    used, column = _numbered(layer[sets])
    tokens, most = int(np.count_nonzero(sound)), int(sizes.max())
    places, asked = tokens * len(used) * most, int(sizes.sum(dtype=np.int64))
    if places > SPARSEST * asked:
        raise InvalidTrace(
            f"{rows.where}: {tokens} tokens ask in {len(used)} layers for {len(sets)} sets in all, of up to {most} experts: "
            f"expected at least one expert for each {SPARSEST} of the {places} places"
        )
    counts = np.zeros((tokens, len(used)), np.int32)
    counts[number, column] = sizes
    routing = np.full((tokens, len(used), most), -1, np.int32)
    for size, mine in _by_size(sizes):
        routing[number[mine], column[mine], :size] = _members(expert, sets[mine], size)
    return Tokens(routing, counts > 0, counts, used, order[first[sound]], order[first[~sound]])


def _repeats(expert: Column, sets: Column, sizes: Column) -> NDArray[np.bool_]:
    """Which sets name an expert twice; those of each size are sorted together."""
    found = np.zeros(len(sets), np.bool_)
    for size, mine in _by_size(sizes):
        if size > 1:
            members = np.sort(_members(expert, sets[mine], size), axis=1)
            found[mine] = (members[:, 1:] == members[:, :-1]).any(axis=1)
    return found


def _by_size(sizes: Column) -> Iterator[tuple[int, NDArray[np.intp] | slice]]:
    """Each size of a set, and which sets have it."""
    if (sizes == sizes[0]).all():
        yield int(sizes[0]), slice(None)
        return
    for size in np.unique(sizes).tolist():
        yield size, np.flatnonzero(sizes == size)


def _members(expert: Column, sets: Column, size: int) -> Column:
    """The experts of sets of one size, shape (sets, size); ``sets``: where they begin."""
    if len(sets) * size == len(expert):
        return expert.reshape(-1, size)
    found: Column = expert[sets[:, None] + np.arange(size)]
    return found


def _numbered(layer: Column) -> tuple[NDArray[np.int64], Column]:
    """The layers that occur, and for each entry the place of its layer among them."""
    most = int(layer.max())
    if most > len(layer):
        used, column = np.unique(layer.astype(np.int64), return_inverse=True)
        return used, column
    occurs = np.zeros(most + 1, np.bool_)
    occurs[layer] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs, dtype=np.int32) - 1)[layer]


def layer_notes(used: NDArray[np.int64], layers: int) -> tuple[Note, ...]:
    """What to say where the file speaks of layers of which no token asks."""
    if len(used) == layers:
        return ()
    numbers = ", ".join(map(str, used[:3].tolist())) + (", …" if len(used) > 3 else "")
    return (
        Note(
            f"{layers - len(used)} of {layers} layers have no rows and are left out: layers 0 to {len(used) - 1} are "
            f"those that the file numbers {numbers}"
        ),
    )


def _check_time(rows: Rows, order: Column, sets: Column, layer: Column) -> None:
    """Raise InvalidTrace unless the sets of each layer stand in the file in the order of time."""
    by_layer = np.argsort(layer[sets], kind="stable")
    line, here = order[sets[by_layer]], layer[sets[by_layer]]
    back = np.flatnonzero((np.diff(line) < 0) & (np.diff(here) == 0))
    if len(back):
        raise rows.fault(
            line[back],
            "a later token of the same layer stands before this one: expected rising token numbers; of several sequences, "
            "write each into a file of its own",
        )


def _by_token(rows: Rows) -> tuple[Column, NDArray[np.intp]]:
    """The rows sorted by token, each token's rows in the order of the file, and where each token begins in that order.

    Only the runs of rows of one token are sorted: they are much fewer than the rows.
    """
    changes = np.zeros(len(rows.layer), np.bool_)
    changes[:1] = True
    for column in rows.token:
        changes[1:] |= column[1:] != column[:-1]
    run = np.flatnonzero(changes)
    lengths = np.diff(run, append=len(changes))
    by_token = np.lexsort(tuple(column[run] for column in reversed(rows.token)))
    run, lengths = run[by_token], lengths[by_token]
    ends = np.cumsum(lengths)
    small = np.int32 if len(changes) < 2**31 else np.int64
    order = np.repeat((run - (ends - lengths)).astype(small), lengths)
    order += np.arange(len(changes), dtype=small)
    new = np.zeros(len(run), np.bool_)
    new[:1] = True
    for column in rows.token:
        new[1:] |= column[run][1:] != column[run][:-1]
    return order, (ends - lengths)[new]
