"""Policy failure or working-set failure: one trace, one cache size, one policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from paging.curve import Curve, curve
from paging.errors import InvalidPartition
from paging.explain.layers import QUANTILES, Layer, by_layer, divided_opt
from paging.explain.loss import Loss, first_uses, loss, regretted
from paging.explain.timeline import Timeline, timeline
from paging.explain.verdict import verdict
from paging.fast import misses_of, run_of
from paging.measure import OPT, Row, measure
from paging.model import Instance, Requests
from paging.offline.belady import belady
from paging.policies.named import NamedPolicy, PolicyLike, named
from paging.policies.registry import DIVIDED, SHARED
from paging.traces.trace import Phase, Trace, Warmup

PAYS = Fraction(1, 20)
"""A cache begins to pay where its hits reach this share of the hits of a cache that holds all pages."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """``tokens`` and ``loss.requests`` are those counted, after ``warmup`` requests. ``loss``, ``layers``, ``wrong`` (evictions
    that Belady's rule would not have made, of all ``evictions``) and bytes are those of ``policy``; ``rows`` compares all
    policies. Misses: ``divided_lru`` and ``divided_opt`` with an even share of the cache for each layer (None where k is too
    small). ``reaches``: the least size at which LRU misses no more than OPT does at ``cache``. ``pays``: sizes at which LRU
    and OPT begin to pay (see PAYS), None: never. ``demand``: pages of one token. ``bytes_per_token``: loaded by the policy
    and by OPT; ``page_bytes``: size of a page, on average; None where sizes are unknown; ``one_size``:
    all pages have it. ``timeline``: the parts of the misses token by token.
    """

    policy: str
    cache: int
    tokens: int
    warmup: int
    loss: Loss
    rows: tuple[Row, ...]
    layers: tuple[Layer, ...]
    wrong: int
    evictions: int
    lru: int
    opt: int
    divided_lru: int | None
    divided_opt: int | None
    reaches: int
    pays: tuple[int | None, int | None]
    demand: int
    bytes_per_token: tuple[float, float] | None
    page_bytes: float | None
    one_size: bool
    curve: Curve
    timeline: Timeline

    @property
    def verdict(self) -> str:
        """The answer in one sentence, with its number."""
        return verdict(self.policy, self.cache, self.loss)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "verdict": self.verdict,
            "policy": self.policy,
            "cache": self.cache,
            "requests": self.loss.requests,
            "tokens": self.tokens,
            "warmup": self.warmup,
            "demand": self.demand,
            "misses": self.loss.misses,
            "loss": _parts(self.loss),
            "hit_rates": {row.policy: row.hit_rate for row in self.rows},
            "layers": [
                {
                    "layer": layer.layer,
                    "misses": layer.loss.misses,
                    **_parts(layer.loss),
                    "experts": layer.experts,
                    "reuse": None
                    if layer.reuse is None
                    else dict(zip(map(str, QUANTILES), layer.reuse, strict=True)),
                }
                for layer in self.layers
            ],
            "regret": {"evictions": self.evictions, "wrong": self.wrong},
            "shared": {"lru": self.lru, "opt": self.opt},
            "divided": {"lru": self.divided_lru, "opt": self.divided_opt},
            "lru_reaches_opt_at": self.reaches,
            "begins_to_pay": {"lru": self.pays[0], "opt": self.pays[1]},
            "bytes_per_token": None
            if self.bytes_per_token is None
            else {"policy": self.bytes_per_token[0], "opt": self.bytes_per_token[1]},
        }


def _parts(part: Loss) -> dict[str, int]:
    return {"compulsory": part.compulsory, "capacity": part.capacity, "policy": part.policy}


def explain(
    trace: Trace,
    cache: int,
    policy: PolicyLike = "lru",
    *,
    phase: Phase = "decode",
    atomic: bool = False,
    warmup: Warmup = 0,
    seed: int = 0,
    progress: Callable[[str], None] = lambda _: None,
) -> Explanation:
    """Explain the misses of a policy on a trace with ``cache`` slots. ``warmup``: as ``Trace.requests``.

    Raises InvalidTrace for a phase without requests or a warm-up that leaves none to count, InvalidRequests for a cache that
    cannot serve them.
    """
    requests = trace.requests(phase, "atomic" if atomic else "sequential", warmup=warmup)
    instance = Instance(requests.layers, requests.experts, cache)
    policy = named(policy)
    progress(policy.id)
    run = run_of(policy, instance, requests, np.random.default_rng(seed))
    best = belady(instance, requests)
    first = first_uses(requests)
    progress("curves")
    sizes = curve(requests)
    lru, opt = sizes.at(cache)
    compared = dict.fromkeys((policy, *SHARED.values()))
    known: dict[NamedPolicy | str, int] = {OPT: opt, SHARED["lru"]: lru, policy: run.misses}
    rows = measure(requests, [cache], compared, seed=seed, progress=progress, known=known).rows
    wrong, evictions = regretted(run)
    hits = run.hits[requests.warmup :]
    return Explanation(
        policy.id,
        cache,
        requests.tokens,
        requests.warmup,
        loss(first, hits, best),
        rows,
        tuple(by_layer(requests, first, hits, best)),
        wrong,
        evictions,
        lru,
        opt,
        _divided_lru(instance, requests),
        divided_opt(requests, cache),
        int(sizes.cache[np.argmax(sizes.lru <= opt)]),
        (_pays(sizes, sizes.lru), _pays(sizes, sizes.opt)),
        requests.layers * requests.width,
        _bytes(trace, requests, hits, best),
        trace.mean_page_bytes(),
        trace.one_size(),
        sizes,
        timeline(requests, first, hits, best),
    )


def _divided_lru(instance: Instance, requests: Requests) -> int | None:
    try:
        return misses_of(DIVIDED["lru-dist"], instance, requests)
    except InvalidPartition:
        return None


def _pays(sizes: Curve, misses: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> int | None:
    hits = sizes.requests - misses
    enough = hits >= max(1, float(PAYS) * int(hits[-1]))
    return int(sizes.cache[np.argmax(enough)]) if enough.any() else None


def _bytes(
    trace: Trace,
    requests: Requests,
    hits: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
    best: np.ndarray[tuple[int, ...], np.dtype[np.bool_]],
) -> tuple[float, float] | None:
    page_bytes = trace.page_bytes()
    if page_bytes is None:
        return None
    each = page_bytes[requests.stream[requests.warmup :]]
    return float(each[~hits].sum() / requests.tokens), float(each[~best].sum() / requests.tokens)
