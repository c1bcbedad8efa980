"""All kinds of tasks by their ids."""

from __future__ import annotations

from collections.abc import Mapping

from layered_paging.campaign.kinds import atlas_cell, replay, search, theorem_check
from layered_paging.campaign.kinds.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind for kind in (atlas_cell.KIND, theorem_check.KIND, replay.KIND, search.KIND)
}
