"""Replay by kernels where a policy has one: the same runs as paging.replay, hundreds of times as fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from paging.cache import even_shares
from paging.errors import UnsupportedProblem
from paging.model import LARGEST, Instance, Requests
from paging.policies.heat import HALVED_EVERY
from paging.policies.named import NamedPolicy, registered
from paging.policies.partitioned import even_partition
from paging.policies.registry import DIVIDED, PRACTICAL, SHARED
from paging.policies.static import PROFILE
from paging.replay import Run, check_batches, replay
from paging.variant import BASE, Variant


@dataclass(frozen=True, slots=True)
class _Job:
    """One cache: what a kernel is given. ``evicted`` and ``evicted_at`` are empty where nobody asks for them."""

    stream: NDArray[np.int32]
    batch: int
    layers: int
    experts: int
    room: int
    sizes: NDArray[np.int64] | None
    bypass: bool
    rng: np.random.Generator
    hits: NDArray[np.bool_]
    evicted: NDArray[np.int32]
    evicted_at: NDArray[np.int64]

    @property
    def pages(self) -> int:
        return self.layers * self.experts


@cache
def _kernels() -> Mapping[NamedPolicy, Callable[[_Job], int]]:
    """The policies with a kernel, and how it plays one cache."""
    from paging.kernels.replay import (
        drawn,
        frequency,
        guided,
        guided_few,
        layered,
        queues,
        recency,
        spread,
        steady,
    )

    def by_recency(kind: int, job: _Job) -> int:
        if kind in steady.KERNELS and job.batch == 1 and job.sizes is None and not job.bypass:
            return int(steady.KERNELS[kind](job.stream, job.pages, min(job.room, job.pages), *_out(job)))
        return int(recency.recency(kind, job.stream, job.batch, job.pages, *_room(job), *_out(job)))

    def by_draw(marker: bool, job: _Job) -> int:
        return int(drawn.drawn(marker, job.stream, job.batch, job.pages, *_room(job), job.rng, *_out(job)))

    def by_guide(kind: int, job: _Job) -> int:
        long = len(job.stream) >= guided_few.LONG
        if long and kind in guided_few.KINDS and min(job.room, job.pages) <= guided_few.FEW:
            few = (kind, job.stream, job.batch, job.pages, job.room, job.rng)
            return int(guided_few.guided(*few, *_out(job)))
        shape = (job.layers, job.experts, job.room)
        return int(guided.guided(kind, job.stream, job.batch, *shape, job.rng, *_out(job)))

    def spreading(job: _Job) -> int:
        shape = (job.layers, job.experts, job.room)
        return int(spread.spread(job.stream, job.batch, *shape, job.rng, *_out(job)))

    def by_frequency(halved_every: int, profile: int, job: _Job) -> int:
        requests = job.stream, job.batch, job.pages
        return int(frequency.lfu(*requests, halved_every, profile, *_room(job), *_out(job)))

    def by_queue(kernel: Callable[..., int], job: _Job) -> int:
        return int(kernel(job.stream, job.batch, job.pages, job.room, *_out(job)))

    def flush(job: _Job) -> int:
        return int(recency.flush(job.stream, job.batch, job.pages, *_room(job), *_out(job)))

    def llru(job: _Job) -> int:
        return int(layered.llru(job.stream, job.batch, job.layers, job.experts, *_room(job), *_out(job)))

    return {
        SHARED["lru"]: partial(by_recency, recency.LRU),
        SHARED["fifo"]: partial(by_recency, recency.FIFO),
        SHARED["lfu"]: partial(by_frequency, 0, LARGEST),
        SHARED["mru"]: partial(by_recency, recency.MRU),
        SHARED["random"]: partial(by_draw, False),
        SHARED["marker"]: partial(by_draw, True),
        SHARED["flush-when-full"]: flush,
        SHARED["llru"]: llru,
        SHARED["guided-random"]: partial(by_guide, guided.RANDOM),
        SHARED["guided-spread"]: spreading,
        SHARED["guided-far"]: partial(by_guide, guided.FAR),
        SHARED["guided-keep"]: partial(by_guide, guided.KEEP),
        SHARED["guided-lfu"]: partial(by_guide, guided.LFU),
        SHARED["guided-lru"]: partial(by_recency, recency.LRU),  # the same policy, see LRUPriority
        SHARED["guided-llru"]: partial(by_guide, guided.LLRU),
        PRACTICAL["heat"]: partial(by_frequency, HALVED_EVERY, LARGEST),
        PRACTICAL["static"]: partial(by_frequency, 0, PROFILE),
        PRACTICAL["sieve"]: partial(by_queue, queues.sieve),
        PRACTICAL["slru"]: partial(by_queue, queues.slru),
    }


def _room(job: _Job) -> tuple[int, NDArray[np.int64] | None, bool]:
    return job.room, job.sizes, job.bypass


def _out(job: _Job) -> tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.int64]]:
    return job.hits, job.evicted, job.evicted_at


@cache
def _divided() -> Mapping[NamedPolicy, NamedPolicy]:
    """The policies that a kernel plays layer by layer, and what plays in each layer."""
    return {DIVIDED[f"{policy.id}-dist"]: policy for policy in _kernels() if policy in SHARED.values()}


def has_kernel(policy: NamedPolicy) -> bool:
    """Whether there is a kernel for this policy: only the registry's own have one."""
    return registered(policy) and (policy in _kernels() or policy in _divided())


def run_of(
    policy: NamedPolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> Run:
    """The run that ``replay`` gives, draw by draw: by the policy's kernel if it has one, else by ``replay``. Raises as that."""
    if not has_kernel(policy):
        return replay(policy(), instance, requests, rng, variant)
    hits, evicted, evicted_at = _play(policy, instance, requests, rng, variant, True)
    order = np.lexsort((evicted, evicted_at))
    return Run(instance, requests, hits, evicted[order], evicted_at[order])


def misses_of(
    policy: NamedPolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> int:
    """The misses of that run."""
    return int(np.count_nonzero(~hits_of(policy, instance, requests, rng, variant)[requests.warmup :]))


def hits_of(
    policy: NamedPolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> NDArray[np.bool_]:
    """The hits of that run, shape (requests,); by a kernel with one byte per request."""
    if not has_kernel(policy):
        return replay(policy(), instance, requests, rng, variant).hits
    return _play(policy, instance, requests, rng, variant, False)[0]


def _play(
    policy: NamedPolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None,
    variant: Variant,
    evictions: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.int64]]:
    requests.fits(instance, variant.sizes is None and not variant.bypass)
    sizes = None if variant.sizes is None else variant.bytes(instance)
    if (sizes is not None or variant.bypass) and policy().one_size:
        raise UnsupportedProblem(f"{policy.id}: expected pages of one size, and no bypass")
    in_each = _divided().get(policy)
    partition = None if in_each is None else even_partition(instance)
    if not variant.bypass:
        check_batches(instance, requests, variant, partition)
    rng = np.random.default_rng(0) if rng is None else rng
    play = _kernels()[in_each or policy]
    hits = np.empty(len(requests), np.bool_)
    room = variant.room(instance)

    def logs(most: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return np.empty(most if evictions else 0, np.int32), np.empty(most if evictions else 0, np.int64)

    if partition is None or instance.layers == 1:  # a single layer has the whole cache
        if partition is not None and not policy().deterministic:
            (rng,) = rng.spawn(1)
        out = logs(len(requests))
        layers, experts = instance.layers, instance.experts
        stream, batch = requests.stream, requests.batch
        count = play(_Job(stream, batch, layers, experts, room, sizes, variant.bypass, rng, hits, *out))
        return hits, out[0][:count], out[1][:count]
    rooms = even_shares(room, instance.layers)
    by_visit = hits.reshape(-1, requests.width)
    unwanted = logs(0)
    evicted, evicted_at = [], []
    # a deterministic policy draws nothing, and generators cost time
    draws = [rng] * instance.layers if policy().deterministic else rng.spawn(instance.layers)
    for layer, draw in enumerate(draws):
        own = requests.visits_of(layer)
        pages = instance.layer_pages(layer)
        stream = (requests.pages[own] - pages.start).reshape(-1)
        stream.flags.writeable = False  # as Requests' own: the same kernel
        part = np.empty(len(stream), np.bool_)
        out = logs(len(stream)) if evictions else unwanted
        share = None if sizes is None else sizes[pages.start : pages.stop].copy()
        job = _Job(
            stream,
            requests.batch,
            1,
            instance.experts,
            rooms[layer],
            share,
            variant.bypass,
            draw,
            part,
            *out,
        )
        count = play(job)
        by_visit[own] = part.reshape(-1, requests.width)
        if not evictions:
            continue
        visit, slot = np.divmod(out[1][:count], requests.width)
        evicted.append(out[0][:count] + np.int32(pages.start))
        evicted_at.append(own[visit] * requests.width + slot)
    if not evictions:
        return hits, *unwanted
    return hits, np.concatenate(evicted), np.concatenate(evicted_at)
