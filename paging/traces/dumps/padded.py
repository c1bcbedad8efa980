"""Arrays of an engine whose last slots, tokens or layers are padding, as its buffers were before it wrote to them."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidTrace
from paging.traces.regroup import layer_notes
from paging.traces.trace import Note, Trace


def from_padded(
    array: NDArray[Any],
    where: str,
    *,
    zeros: bool,
    decode: NDArray[np.bool_] | None = None,
    request: NDArray[np.int64] | None = None,
    step: NDArray[np.int64] | None = None,
    notes: tuple[Note, ...] = (),
) -> Trace:
    """A trace from integers of shape (tokens, layers, width) with -1 behind the experts of a set. ``zeros``: a set of several
    zeros is no set either. Layers and tokens without any set are left out, and noted.

    Raises InvalidTrace at an expert behind a -1, and where the width is 1 and nothing but zeros could be a layer or none.
    """
    filled = array >= 0
    if zeros and array.shape[2] > 1:
        filled &= (array != 0).any(axis=2)[:, :, None]
    elif zeros:
        always = np.flatnonzero((array == 0).all(axis=(0, 2)))
        if len(always):
            raise InvalidTrace(
                f"{where}: layer {always[0]}: all are 0, which may be its only expert asked for, or a dense layer: "
                "take the layer out of the array, or write -1 where there is no routing"
            )
    hole = filled[:, :, 1:] & ~filled[:, :, :-1]
    if (array < -1).any() or hole.any():
        wrong = array < -1
        wrong[:, :, 1:] |= hole
        token, layer, slot = (int(i) for i in np.argwhere(wrong)[0])
        raise InvalidTrace(
            f"{where}: token {token}, layer {layer}, slot {slot}: {array[token, layer, slot]} follows "
            f"{array[token, layer, max(slot - 1, 0)]}: expected experts, and -1 only behind them"
        )
    sizes = filled.sum(axis=2)
    layers, tokens = np.flatnonzero(sizes.any(axis=0)), sizes.any(axis=1)
    if not len(layers):
        raise InvalidTrace(
            f"{where}: no token asks anything of any layer: the engine has not written its routing"
        )
    if left_out := int(np.count_nonzero(~tokens)):
        notes = (*notes, Note(f"{left_out} tokens without any routing are left out"))
    return Trace.from_array(
        array[tokens][:, layers],
        sizes=sizes[tokens][:, layers],
        layer_ids=layers,
        decode=None if decode is None else decode[tokens],
        request=None if request is None else request[tokens],
        step=None if step is None else step[tokens],
        notes=(*notes, *layer_notes(layers, array.shape[1])),
        name=where,
    )
