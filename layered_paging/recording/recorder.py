"""Record which experts a model of transformers selects, while it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from layered_paging.recording.columns import Columns, Places
from layered_paging.recording.families import CHOSEN, SCORES, Router, expert_bytes, experts_of, routers
from paging.errors import InvalidArgument, InvalidTrace
from paging.files import check_folder, write_atomically
from paging.traces.arrays import pack, packed_arrays
from paging.traces.formats import write_trace
from paging.traces.trace import Trace

CACHES = ("cache", "past_key_values")
"""How a pass calls its cache, in newer and in older versions."""


@contextmanager
def record(
    model: Any,
    path: str | Path,
    *,
    scores: bool = False,
    module: str | None = None,
    field: int | str | None = None,
) -> Iterator[Recorder]:
    """Record all passes of the model in the block, and write the trace at its end.

        with record(model, "t.npz"):
            model.generate(…)

    The trace keeps phase, request, pass (``step``) and the numbers of the layers; the experts of a set stand in the order of
    the router, which need not be that of their scores. Of a batch every row is a request, also when it has ended and others go
    on. ``scores`` adds the router's weights to an .npz, as the array ``scores`` of the shape of the routing. ``module`` and
    ``field``: for other models, how the names of the routers end, and where in their output (an index, or a key) the chosen
    experts are, of shape (tokens, width).

    Raises InvalidArgument for a model whose routers are not known, InvalidTrace if nothing was computed; after an error in the
    block nothing is written.
    """
    target = Path(path)
    check_folder(target)
    if scores and target.suffix != ".npz":
        raise InvalidArgument(f"{target}: scores are kept in .npz alone")
    if (module is None) != (field is None):
        raise InvalidArgument("record: expected both module and field, or none of them")
    recorder = Recorder(
        model, routers(model, module), CHOSEN if field is None else field, SCORES if scores else None
    )
    with recorder:
        yield recorder
    trace = recorder.trace(target.name)
    if scores:
        arrays = packed_arrays(trace) | {"scores": recorder.scores()}
        write_atomically(target, pack(arrays))
    else:
        write_trace(trace, target)


class Recorder:
    """The hooks on a model, and what they have seen; see ``record``."""

    def __init__(self, model: Any, found: list[Router], chosen: int | str, score: int | str | None) -> None:
        self._model, self._routers, self._chosen, self._score = model, found, chosen, score
        self._columns = Columns()
        self._places: Places | None = None
        self._now: dict[int, tuple[NDArray[np.int64], NDArray[np.float32] | None]] = {}
        self._sets: list[NDArray[np.int64]] = []
        self._scores: list[NDArray[np.float32]] = []
        self._told: list[Places] = []
        self._handles: list[Any] = []

    def __enter__(self) -> Recorder:
        self._handles = [
            self._model.register_forward_pre_hook(self._begin, with_kwargs=True),
            self._model.register_forward_hook(self._end),
        ]
        for router in self._routers:
            self._handles.append(router.module.register_forward_hook(self._hook(router.layer)))
        return self

    def __exit__(self, *_: object) -> None:
        for handle in self._handles:
            handle.remove()

    def trace(self, name: str = "record") -> Trace:
        """What has been recorded. Raises InvalidTrace if it is nothing."""
        if not self._sets:
            raise InvalidTrace(f"{name}: no pass of the model was recorded")
        count = experts_of(self._model)
        sizes = [expert_bytes(router, count) for router in self._routers]
        tokens = [len(sets) for sets in self._sets]
        return Trace.from_array(
            np.concatenate(self._sets),
            experts=count,
            decode=np.repeat([told.decode for told in self._told], tokens),
            expert_bytes=None if None in sizes else [size for size in sizes if size is not None],
            layer_ids=[router.layer for router in self._routers],
            request=np.concatenate([told.request for told in self._told]),
            step=np.repeat(np.arange(len(tokens)), tokens),
            name=name,
        )

    def scores(self) -> NDArray[np.float32]:
        """The weights that the routers gave to the chosen experts, of the shape of the routing."""
        return np.concatenate(self._scores)

    def _begin(self, _: Any, arguments: tuple[Any, ...], named: dict[str, Any]) -> None:
        tokens = named.get("input_ids", arguments[0] if arguments else None)
        places = tokens if tokens is not None else named.get("inputs_embeds")
        if places is None:
            raise InvalidArgument("record: expected a pass with input_ids or inputs_embeds")
        cache = next((named[name] for name in CACHES if named.get(name) is not None), None)
        past = 0 if cache is None else int(cache.get_seq_length())
        mask, positions = named.get("attention_mask"), named.get("position_ids")
        if not past and positions is not None and int(positions.min()) > 0:
            raise InvalidArgument("record: a pass goes on behind tokens that are in no cache that is known")
        if mask is not None and getattr(mask, "ndim", 0) != 2:
            raise InvalidArgument("record: expected an attention mask of shape (rows, columns)")
        self._now = {}
        self._places = self._columns.places(
            None if tokens is None else _numbers(tokens),
            tuple(places.shape[:2]),
            past,
            None if mask is None else _numbers(mask) != 0,
        )

    def _hook(self, layer: int) -> Any:
        def hear(_: Any, __: Any, output: Any) -> None:
            if layer in self._now:
                raise InvalidArgument(f"record: layer {layer} routed twice in one pass")
            weights = None if self._score is None else output[self._score].detach().float().cpu().numpy()
            self._now[layer] = (_numbers(output[self._chosen]), weights)

        return hear

    def _end(self, *_: Any) -> None:
        told = self._places
        assert told is not None
        count = told.new.size
        for router in self._routers:
            heard = len(self._now[router.layer][0]) if router.layer in self._now else 0
            if heard != count:
                raise InvalidArgument(
                    f"record: layer {router.layer} routed {heard} tokens of {count} in a pass; expected all of them, "
                    "as without activation checkpointing or CUDA graphs"
                )
        keep = told.new.reshape(-1)
        sets = np.stack([self._now[router.layer][0] for router in self._routers], axis=1)[keep]
        if not len(sets):
            return
        self._sets.append(sets)
        self._told.append(told)
        if self._score is not None:
            parts = [self._now[router.layer][1] for router in self._routers]
            self._scores.append(np.stack([part for part in parts if part is not None], axis=1)[keep])


def _numbers(tensor: Any) -> NDArray[np.int64]:
    found: NDArray[np.int64] = tensor.detach().cpu().numpy().astype(np.int64)
    return found.reshape(-1, found.shape[-1])
