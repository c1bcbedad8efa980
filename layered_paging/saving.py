"""A sequence of requests, saved as a trace."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from paging.model import Instance, Page
from paging.traces.formats import write_trace
from paging.traces.trace import Trace


def save_sequence(instance: Instance, pages: Sequence[Page], path: Path, name: str) -> None:
    """Write whole rounds; a last round that is not complete goes on with the first expert of each layer."""
    missing = -len(pages) % instance.layers
    last = [instance.page(layer, 0) for layer in range(instance.layers - missing, instance.layers)]
    rounds = np.array([*pages, *last], np.int32).reshape(-1, instance.layers) % instance.experts
    write_trace(Trace.from_array(rounds, experts=instance.experts, name=name), path)
