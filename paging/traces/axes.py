"""Which axis of an array is which: (tokens, layers, width), or as told, and never by guessing.

An array of shape (layers, tokens, width) reads as one of (tokens, layers, width) without any fault in it. What speaks
for an order: no model has more than MOST_LAYERS layers or asks a layer for more than WIDEST experts at once, the
experts of one set differ, and what stands beside the array has one entry for each token, or for each layer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from paging.errors import InvalidArgument, InvalidTrace

AXES = ("tokens", "layers", "width")
Order = tuple[str, ...]

MOST_LAYERS = 128
"""Of models that are known, the deepest has 94 layers with experts."""

WIDEST = 32
"""Experts per token and layer; known models ask for up to 22."""

ORDERS: Mapping[int, tuple[Order, ...]] = {
    1: (("tokens",),),
    2: (("tokens", "layers"), ("layers", "tokens"), ("tokens", "width"), ("width", "tokens")),
    3: (AXES, *(order for order in permutations(AXES) if order != AXES)),
}
"""By the number of dimensions; the first order is the one that is meant where nothing else is said."""


def parse_axes(text: str) -> Order:
    """``layers,tokens,width`` as an order. In ``tokens,LAYERS,WIDTH`` numbers may say how long the last two axes are.

    Raises InvalidArgument.
    """
    order = tuple(part.strip() for part in text.split(","))
    if lengths(order) is None and order not in {one for orders in ORDERS.values() for one in orders}:
        raise InvalidArgument(
            f"--axes: expected tokens, layers and width in their order, as layers,tokens,width, got {text!r}"
        )
    return order


def lengths(order: Order) -> tuple[int, int] | None:
    """The numbers of layers and of experts in a set that an order says; None for one that says names."""
    if (
        len(order) == 3
        and order[0] == "tokens"
        and all(re.fullmatch("[1-9][0-9]{0,5}", part) for part in order[1:])
    ):
        return int(order[1]), int(order[2])
    return None


def oriented(
    array: NDArray[Any], axes: Order | None, where: str, known: Mapping[str, int] | None = None
) -> NDArray[Any]:
    """The array with the axes (tokens, layers, width). ``axes``: their order in the file; None: the first of ORDERS, if the
    shape allows no other. ``known``: lengths of axes, as the file says them.

    Raises InvalidTrace where the shape has another number of axes, or is not plausible in exactly one order.
    """
    if array.ndim not in ORDERS or 0 in array.shape:
        raise InvalidTrace(
            f"{where}: expected shape (tokens, layers, width) without zeros, got {array.shape}"
        )
    if array.dtype.kind not in "iu":
        raise InvalidTrace(f"{where}: expected integer expert ids, got {array.dtype}")
    if axes is not None and (said := lengths(axes)) is not None:
        if array.shape[1:] != said:
            raise InvalidTrace(f"{where}: --axes {','.join(axes)}: the array has shape {array.shape}")
        axes = AXES
    if axes is not None and len(axes) != array.ndim:
        raise InvalidTrace(f"{where}: --axes {','.join(axes)}: the array has shape {array.shape}")
    if axes is None:
        axes = _only(array, where, known or {})
    array = array.transpose([axes.index(axis) for axis in AXES if axis in axes])
    for position, axis in enumerate(AXES):
        if axis not in axes:
            array = np.expand_dims(array, position)
    return array


def _only(array: NDArray[Any], where: str, known: Mapping[str, int]) -> Order:
    usual, *_ = ORDERS[array.ndim]
    plausible = [order for order in ORDERS[array.ndim] if _plausible(array, order, known)]
    if plausible == [usual]:
        return usual
    might = " or ".join(f"--axes {','.join(order)}" for order in plausible or ORDERS[array.ndim])
    seen = "several orders of axes fit" if usual in plausible else f"it cannot be ({', '.join(usual)})"
    raise InvalidTrace(f"{where}: an array of shape {array.shape}: {seen}; say {might}")


def _plausible(array: NDArray[Any], order: Order, known: Mapping[str, int]) -> bool:
    shape = dict(zip(order, array.shape, strict=True))
    if shape.get("layers", 1) > MOST_LAYERS or shape.get("width", 1) > WIDEST:
        return False
    if any(shape.get(axis, 1) != length for axis, length in known.items()):
        return False
    if "width" not in shape:
        return True
    ordered = np.sort(np.moveaxis(array, order.index("width"), -1), axis=-1)
    return not bool((ordered[..., 1:] == ordered[..., :-1]).any())
