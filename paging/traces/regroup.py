"""From rows of single routed experts, in whatever order a recorder wrote them, to whole tokens."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace

Column = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Routed experts, one per row; all columns have shape (rows,). Row i stands in line ``line + record[i]`` of ``where``
    (no ``record``: every row has its own line).

    ``token`` columns together identify a token, and sort in the order of time.
    """

    token: tuple[Column, ...]
    layer: Column
    expert: Column
    where: str
    line: int
    record: Column | None = None

    def fault(self, rows: NDArray[np.intp], what: str) -> InvalidTrace:
        """An error about the first of the faulty rows."""
        first = int(rows.min())
        line = self.line + (first if self.record is None else int(self.record[first]))
        return InvalidTrace(f"{self.where}:{line}: {what} ({len(rows)} such rows)")


def regroup(
    rows: Rows, layers: int, experts: int, width: int, lenient: bool = False
) -> tuple[NDArray[np.int64], Column, int]:
    """Routing of the complete tokens, shape (tokens, layers, width), the row in which each begins, and how many tokens were
    dropped: they lack a layer, or the file ends within them.

    A recorder may write token by token or, in a prompt, layer by layer; the rows of one token must come in the order
    of layers. Raises InvalidTrace at rows of a missing layer or expert, rows out of order, repeated experts, sets
    of another size; ``lenient`` drops the tokens of such rows instead.
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
    odd = sets[sizes != width]
    cut_off = int(order.argmax())  # position of the last row of the file
    odd = odd[odd + sizes[sizes != width] - 1 != cut_off]
    complain(odd, f"a set of another size, expected {width} experts per token and layer")
    per_token = np.add.reduceat(np.ones(len(order), np.int64), first)
    sound = ~np.logical_or.reduceat(faulty, first)
    whole = first[sound & (per_token == layers * width)]
    if not len(whole):  # layers and width may be numbers of a header that no memory holds
        return np.empty((0, 1, 1), np.int64), whole, len(first)
    routing = expert[whole[:, None] + np.arange(layers * width)].reshape(len(whole), layers, width)
    ordered = np.sort(routing, axis=2)
    repeated = (ordered[:, :, 1:] == ordered[:, :, :-1]).any(axis=2)
    token, at = np.nonzero(repeated)
    complain(whole[token] + at * width, "an expert is repeated in its set")
    sound = ~repeated.any(axis=1)
    return routing[sound], order[whole[sound]], int(len(first) - sound.sum())


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
