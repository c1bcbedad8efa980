"""All adversaries by their ids; the command line, the checker and the tests iterate over this."""

from __future__ import annotations

from collections.abc import Mapping

from adversaries.base import AdaptiveAdversary, ObliviousAdversary
from adversaries.collector import OneLayerCollector
from adversaries.cruel import Cruel
from adversaries.fifo_queue import FifoQueue
from adversaries.fixed_partition import FixedPartition
from adversaries.layer_cycle import LayerCycle, ShortestCycle
from adversaries.llru_bins import LlruBins
from adversaries.lru_order import LruOrder
from adversaries.one_layer import OneLayer
from adversaries.one_token import OneToken
from adversaries.random_phases import EvenPhases, SpreadPhases, TwoLayerPhases
from adversaries.uniform import UniformExperts, UniformLayers
from adversaries.windows import Windows

ADVERSARIES: Mapping[str, type[AdaptiveAdversary] | type[ObliviousAdversary]] = {
    "fixed-partition": FixedPartition,
    "deterministic-lower": Windows,
    "deterministic-lower-one-layer": OneLayer,
    "one-token-lower": OneToken,
    "lru-lower": ShortestCycle,
    "lru-cycle-lower": LayerCycle,
    "lru-value-lower": LruOrder,
    "fifo-lower": FifoQueue,
    "llru-lower": LlruBins,
    "randomized-lower": UniformLayers,
    "randomized-uniform-lower": UniformExperts,
    "randomized-spread-lower": SpreadPhases,
    "randomized-even-lower": EvenPhases,
    "two-layers-lower": TwoLayerPhases,
    "randomized-one-layer-lower": OneLayerCollector,
    "cruel": Cruel,
}
