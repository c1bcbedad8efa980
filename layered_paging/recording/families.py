"""Where models of transformers keep their routers.

In transformers 5 the router of every family here is a module of its own, whose output is (logits, scores, chosen experts), the
last two of shape (tokens, width). Read from the modeling files of these families in transformers 5.24.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from paging.errors import InvalidArgument

LAYER = re.compile(r"(?:^|\.)layers\.([0-9]+)\.")
SCORES, CHOSEN = 1, 2
"""Places in the output of a router."""


@dataclass(frozen=True, slots=True)
class Router:
    """``layer``: its number in the model. ``block``: the module that holds the router, and the experts beside it."""

    layer: int
    module: Any
    block: Any


FAMILIES: Mapping[str, str] = {
    "mixtral": "mlp.gate",
    "qwen2_moe": "mlp.gate",
    "qwen3_moe": "mlp.gate",
    "olmoe": "mlp.gate",
    "deepseek_v2": "mlp.gate",
    "deepseek_v3": "mlp.gate",
    "gpt_oss": "mlp.router",
    "granitemoe": "block_sparse_moe.router",
    "granitemoeshared": "block_sparse_moe.router",
}
"""How the names of the routers end, by ``model_type`` of the configuration. A layer without such a module is dense."""


def routers(model: Any, ending: str | None = None) -> list[Router]:
    """The routers of a model, in the order of its layers. ``ending``: of their names, for a family that is not listed.

    Raises InvalidArgument where there are none.
    """
    family = str(getattr(getattr(model, "config", None), "model_type", type(model).__name__))
    known = FAMILIES.get(family) if ending is None else ending
    if known is None:
        raise InvalidArgument(
            f"record: the routers of {family} are not known, only those of {', '.join(FAMILIES)}; "
            "say module=, the end of their names, as 'mlp.gate', and field=, where in their output the chosen experts are"
        )
    found = sorted(_ending(model, known), key=lambda router: router.layer)
    if not found:
        raise InvalidArgument(f"record: {family} has no module layers.N….{known}: nothing to record")
    return found


def experts_of(model: Any) -> int:
    """Experts of each layer, as the configuration says. Raises InvalidArgument."""
    for name in ("num_local_experts", "num_experts", "n_routed_experts", "moe_num_experts"):
        if isinstance(count := getattr(model.config, name, None), int):
            return count
    raise InvalidArgument("record: the configuration of the model does not say how many experts a layer has")


def expert_bytes(router: Router, count: int) -> int | None:
    """Bytes of the weights of one expert; None where the block has none that can be told apart by expert."""
    experts = getattr(router.block, "experts", None)
    if experts is None:
        return None
    weights = [*experts.parameters(), *experts.buffers()]
    total = sum(weight.numel() * weight.element_size() for weight in weights)
    return total // count if total and total % count == 0 else None


def _ending(model: Any, ending: str) -> Iterator[Router]:
    for name, module in model.named_modules():
        if name.endswith("." + ending) and (layer := LAYER.search(name)):
            yield Router(int(layer[1]), module, model.get_submodule(name.rpartition(".")[0]))
