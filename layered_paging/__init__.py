"""The instrument of reference for layered paging, the caching problem of mixture-of-experts inference.

What users need stands here; it is loaded on first use.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from layered_paging.house import check_house

if TYPE_CHECKING:
    __version__: str

    from adversaries.duel import duel as duel
    from adversaries.registry import ADVERSARIES as ADVERSARIES
    from bounds.checker.check import Check as Check
    from bounds.checker.verify import verify as verify
    from bounds.exact.deterministic import BestDeterministic as BestDeterministic
    from bounds.exact.deterministic import best_deterministic as best_deterministic
    from bounds.exact.randomized.best import BestRandomized as BestRandomized
    from bounds.exact.randomized.best import best_randomized as best_randomized
    from bounds.exact.ratio import ExactRatio as ExactRatio
    from bounds.exact.ratio import exact_ratio as exact_ratio
    from bounds.search.found import Found as Found
    from bounds.search.search import search as search
    from bounds.theorems.registry import THEOREMS as THEOREMS
    from layered_paging.recording.recorder import record as record
    from paging.curve import Curve as Curve
    from paging.curve import curve as curve
    from paging.division import Division as Division
    from paging.division import best_division as best_division
    from paging.division import division_misses as division_misses
    from paging.errors import LayeredPagingError as LayeredPagingError
    from paging.explain.explanation import Explanation as Explanation
    from paging.explain.explanation import explain as explain
    from paging.measure import Measurement as Measurement
    from paging.measure import measure as measure
    from paging.model import Instance as Instance
    from paging.model import Requests as Requests
    from paging.offline.engines import ENGINES as ENGINES
    from paging.offline.engines import Optimum as Optimum
    from paging.offline.engines import opt as opt
    from paging.offline.offset import OffsetFunction as OffsetFunction
    from paging.policies.base import Policy as Policy
    from paging.policies.named import NamedPolicy as NamedPolicy
    from paging.policies.partitioned import Partitioned as Partitioned
    from paging.policies.registry import POLICIES as POLICIES
    from paging.replay import Run as Run
    from paging.replay import replay as replay
    from paging.timing.headroom import Headroom as Headroom
    from paging.timing.headroom import headroom as headroom
    from paging.timing.model import Timing as Timing
    from paging.traces.formats import read_trace as read_trace
    from paging.traces.formats import write_trace as write_trace
    from paging.traces.synthetic import synthetic as synthetic
    from paging.traces.trace import Trace as Trace
    from paging.variant import Variant as Variant
    from proofs.certify import Certified as Certified
    from proofs.certify import certify as certify

PUBLIC = {
    "ADVERSARIES": "adversaries.registry",
    "BestDeterministic": "bounds.exact.deterministic",
    "BestRandomized": "bounds.exact.randomized.best",
    "Certified": "proofs.certify",
    "Check": "bounds.checker.check",
    "Curve": "paging.curve",
    "Division": "paging.division",
    "ENGINES": "paging.offline.engines",
    "ExactRatio": "bounds.exact.ratio",
    "Explanation": "paging.explain.explanation",
    "Found": "bounds.search.found",
    "Headroom": "paging.timing.headroom",
    "Instance": "paging.model",
    "LayeredPagingError": "paging.errors",
    "Measurement": "paging.measure",
    "NamedPolicy": "paging.policies.named",
    "OffsetFunction": "paging.offline.offset",
    "Optimum": "paging.offline.engines",
    "POLICIES": "paging.policies.registry",
    "Partitioned": "paging.policies.partitioned",
    "Policy": "paging.policies.base",
    "Requests": "paging.model",
    "Run": "paging.replay",
    "THEOREMS": "bounds.theorems.registry",
    "Timing": "paging.timing.model",
    "Trace": "paging.traces.trace",
    "Variant": "paging.variant",
    "best_deterministic": "bounds.exact.deterministic",
    "best_division": "paging.division",
    "best_randomized": "bounds.exact.randomized.best",
    "certify": "proofs.certify",
    "curve": "paging.curve",
    "division_misses": "paging.division",
    "duel": "adversaries.duel",
    "exact_ratio": "bounds.exact.ratio",
    "explain": "paging.explain.explanation",
    "headroom": "paging.timing.headroom",
    "measure": "paging.measure",
    "opt": "paging.offline.engines",
    "read_trace": "paging.traces.formats",
    "record": "layered_paging.recording.recorder",
    "replay": "paging.replay",
    "search": "bounds.search.search",
    "synthetic": "paging.traces.synthetic",
    "verify": "bounds.checker.verify",
    "write_trace": "paging.traces.formats",
}
"""Public names and the modules they live in."""

__all__ = list(PUBLIC)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from layered_paging.release import number

        return number()
    if name not in PUBLIC:
        raise AttributeError(f"module 'layered_paging' has no attribute {name!r}")
    check_house()
    value = getattr(import_module(PUBLIC[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *PUBLIC})
