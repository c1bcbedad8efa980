"""From rows of single routed experts, in whatever order a recorder wrote them, to tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.trace import Note

Column = NDArray[np.int64]

SPARSEST = 100
"""Places of a table of tokens and layers for each one that is asked: a file that needs more is none of ours."""


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Routed experts, one per row; all columns have shape (rows,). Row i stands in line ``line + record[i]`` of ``where``
    (no ``record``: every row has its own line).

    ``token`` columns together identify a token, and sort in the order of time. ``slot``: the place in the set, if rows say it.
    """

    token: tuple[Column, ...]
    layer: Column
    expert: Column
    where: str
    line: int
    record: Column | None = None
    slot: Column | None = None

    def fault(self, rows: NDArray[np.intp], what: str) -> InvalidTrace:
        """An error about the first of the faulty rows."""
        first = int(rows.min())
        line = self.line + (first if self.record is None else int(self.record[first]))
        return InvalidTrace(f"{self.where}:{line}: {what} ({len(rows)} such rows)")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """``routing``, shape (tokens, layers, width), and ``asked``, shape (tokens, layers), as in Trace. ``layers``: the numbers
    in the file of those that any token asks of. ``begins``, ``dropped``: the first row of every token, and of those left out.
    """

    routing: NDArray[np.int32]
    asked: NDArray[np.bool_]
    layers: NDArray[np.int64]
    begins: NDArray[np.intp]
    dropped: NDArray[np.intp]


def regroup(rows: Rows, layers: int, experts: int, width: int, lenient: bool = False) -> Tokens:
    """The tokens, in the order of time. A token asks of those layers of which it has a set.

    A recorder may write token by token or, in a prompt, layer by layer; the rows of one token must come in the order
    of layers, and the tokens of a layer in the order of time. Raises InvalidTrace at rows of a missing layer or expert,
    rows out of order, repeated experts, sets of another size; ``lenient`` drops the tokens of such rows instead. The token
    within whose set the file ends is dropped in any case.
    """
    order, first = _by_token(rows)
    layer, expert = rows.layer[order], rows.expert[order]
    begins = np.zeros(len(order), np.bool_)
    begins[first] = True
    faulty = np.zeros(len(order), np.bool_)

    def complain(places: NDArray[np.intp], what: str) -> None:
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
    sets = np.flatnonzero(opens)
    sizes = np.diff(sets, append=len(order))
    odd = sizes != width
    cut_off = (sizes < width) & (sets + sizes - 1 == order.argmax())  # the set with the last row of the file
    complain(sets[odd & ~cut_off], f"a set of another size, expected {width} experts per token and layer")
    faulty[sets[cut_off]] = True
    if rows.slot is not None:
        due = np.arange(len(order)) - np.repeat(sets, sizes)
        wrong = rows.slot[order] != due
        complain(np.flatnonzero(wrong), f"slots of a set out of order, expected 0 to {width - 1}")
    _check_time(rows, order, sets, layer)
    sound = ~np.logical_or.reduceat(faulty, first)
    token_of = np.cumsum(begins) - 1
    sets = sets[sound[token_of[sets]]]
    if len(sets):  # the width may be a number of a header that no memory holds
        members = np.sort(expert[sets[:, None] + np.arange(width)], axis=1)
        repeated = (members[:, 1:] == members[:, :-1]).any(axis=1)
        complain(sets[repeated], "an expert is repeated in its set")
        sound = ~np.logical_or.reduceat(faulty, first)
        sets = sets[sound[token_of[sets]]]
    if not len(sets):
        raise InvalidTrace(f"{rows.where}: none of the {len(first)} tokens is without fault")
    number = (np.cumsum(sound) - 1)[token_of[sets]]
    used, column = np.unique(layer[sets], return_inverse=True)
    tokens = int(np.count_nonzero(sound))
    if tokens * len(used) > SPARSEST * len(sets):
        raise InvalidTrace(
            f"{rows.where}: {tokens} tokens ask in {len(used)} layers for {len(sets)} sets in all: expected at least one set "
            f"for each {SPARSEST} of the {tokens * len(used)} places"
        )
    asked = np.zeros((tokens, len(used)), np.bool_)
    asked[number, column] = True
    routing = np.full((tokens, len(used), width), -1, np.int32)
    routing[number, column] = expert[sets[:, None] + np.arange(width)]
    return Tokens(routing, asked, used, order[first[sound]], order[first[~sound]])


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


def _check_time(rows: Rows, order: NDArray[np.intp], sets: NDArray[np.intp], layer: Column) -> None:
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


def _by_token(rows: Rows) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
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
    order = np.repeat(run - (ends - lengths), lengths) + np.arange(len(changes))
    new = np.zeros(len(run), np.bool_)
    new[:1] = True
    for column in rows.token:
        new[1:] |= column[run][1:] != column[run][:-1]
    return order, (ends - lengths)[new]
