"""All theorems, in the order in which they are shown."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping

from bounds.theorems.augmented_upper import AUGMENTED_UPPER
from bounds.theorems.deterministic_lower import DETERMINISTIC_LOWER
from bounds.theorems.fifo_lower import FIFO_LOWER
from bounds.theorems.fixed_partition import FIXED_PARTITION
from bounds.theorems.guided_far_upper import GUIDED_FAR_UPPER
from bounds.theorems.guided_keep import GUIDED_KEEP_UPPER, KEEP_UPPER
from bounds.theorems.guided_upper import GUIDED_UPPER
from bounds.theorems.llru_lower import LLRU_LOWER
from bounds.theorems.llru_upper import LLRU_UPPER
from bounds.theorems.lru_cycle_lower import LRU_CYCLE_LOWER
from bounds.theorems.lru_lower import LRU_LOWER
from bounds.theorems.lru_upper import LRU_UPPER
from bounds.theorems.lru_value import LRU_VALUE_LOWER, LRU_VALUE_UPPER
from bounds.theorems.marker_upper import MARKER_UPPER
from bounds.theorems.one_page_missing_upper import ONE_PAGE_MISSING_UPPER
from bounds.theorems.one_slot_partition_upper import ONE_SLOT_PARTITION_UPPER
from bounds.theorems.one_token import ONE_TOKEN_LOWER, ONE_TOKEN_UPPER
from bounds.theorems.randomized_lower import RANDOMIZED_LOWER
from bounds.theorems.randomized_one_layer_lower import RANDOMIZED_ONE_LAYER_LOWER
from bounds.theorems.randomized_phases import (
    RANDOMIZED_EVEN_LOWER,
    RANDOMIZED_SPREAD_LOWER,
    TWO_LAYERS_LOWER,
)
from bounds.theorems.randomized_uniform_lower import RANDOMIZED_UNIFORM_LOWER
from bounds.theorems.randomized_upper import RANDOMIZED_UPPER
from bounds.theorems.theorem import Theorem

THEOREMS: Mapping[str, Theorem] = {
    theorem.id: theorem
    for theorem in (
        FIXED_PARTITION,
        DETERMINISTIC_LOWER,
        ONE_TOKEN_LOWER,
        LRU_LOWER,
        LRU_CYCLE_LOWER,
        LRU_VALUE_LOWER,
        FIFO_LOWER,
        LRU_UPPER,
        LRU_VALUE_UPPER,
        AUGMENTED_UPPER,
        ONE_SLOT_PARTITION_UPPER,
        ONE_TOKEN_UPPER,
        LLRU_LOWER,
        LLRU_UPPER,
        GUIDED_UPPER,
        GUIDED_FAR_UPPER,
        KEEP_UPPER,
        GUIDED_KEEP_UPPER,
        RANDOMIZED_LOWER,
        RANDOMIZED_UNIFORM_LOWER,
        RANDOMIZED_ONE_LAYER_LOWER,
        RANDOMIZED_SPREAD_LOWER,
        RANDOMIZED_EVEN_LOWER,
        TWO_LAYERS_LOWER,
        MARKER_UPPER,
        RANDOMIZED_UPPER,
        ONE_PAGE_MISSING_UPPER,
    )
}


def registered(name: str) -> Theorem:
    """The theorem with this id."""
    return THEOREMS[name]


def _by_id(theorem: Theorem) -> tuple[Callable[[str], Theorem], tuple[str]]:
    assert THEOREMS.get(theorem.id) is theorem, f"{theorem.id}: only theorems of the registry can be pickled"
    return registered, (theorem.id,)


copyreg.pickle(Theorem, _by_id)  # in another process it is the entry of the registry there
