"""``layered-paging known``: what is proved or computed of the best ratios, at any size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from layered_paging.cli.options import CacheSize, Experts, Json, Layers

if TYPE_CHECKING:
    from bounds.values import Known


def known(layers: Layers, experts: Experts, cache: CacheSize, json: Json = False) -> None:
    """What is known of the best deterministic and the best randomized ratio: bounds, and the theorems behind them."""
    from layered_paging.cli.output import print_json
    from paging.model import Instance
    from proofs.known import known as look_up

    found = look_up(Instance(layers, experts, cache))
    if json:
        print_json(found.to_dict())
        return
    for kind in (True, False):
        print(best_known(found, deterministic=kind))


def best_known(found: Known, *, deterministic: bool) -> str:
    """The ratio of the best policy of a kind in one line, or its bounds, and who proves them."""
    from paging.exact import brief

    name, one = ("deterministic", found.deterministic) if deterministic else ("randomized", found.randomized)
    both = " and ".join(map(brief, (one.lower, one.upper)))
    text = f"between {both}" if one.value is None else f"ratio {brief(one.value)}"
    return f"best {name} policy at {found.instance}: {text}  ({one.lower_by}; {one.upper_by})"
