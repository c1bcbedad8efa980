"""Replay of the registry's policies by kernels: the same runs as paging.replay, hundreds of times as fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

from paging.cache import even_shares
from paging.errors import UnsupportedProblem
from paging.model import Instance, Requests
from paging.names import look_up
from paging.policies.partitioned import even_partition
from paging.policies.registry import DIVIDED, GUIDED, POLICIES, MakePolicy
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
def _kernels() -> Mapping[str, Callable[[_Job], int]]:
    """Ids of SHARED; what each kernel needs of a job."""
    from paging.kernels.replay import drawn, frequency, guided, guided_few, layered, recency, steady

    def by_recency(kind: int, job: _Job) -> int:
        if kind in steady.KERNELS and job.batch == 1 and job.sizes is None and not job.bypass:
            return int(steady.KERNELS[kind](job.stream, job.pages, min(job.room, job.pages), *_out(job)))
        return int(recency.recency(kind, job.stream, job.batch, job.pages, *_room(job), *_out(job)))

    def by_draw(marker: bool, job: _Job) -> int:
        return int(drawn.drawn(marker, job.stream, job.batch, job.pages, *_room(job), job.rng, *_out(job)))

    def by_guide(kind: int, job: _Job) -> int:
        if kind in guided_few.KINDS and min(job.room, job.pages) <= guided_few.FEW:
            few = (kind, job.stream, job.batch, job.pages, job.room, job.rng)
            return int(guided_few.guided(*few, *_out(job)))
        shape = (job.layers, job.experts, job.room)
        return int(guided.guided(kind, job.stream, job.batch, *shape, job.rng, *_out(job)))

    def lfu(job: _Job) -> int:
        return int(frequency.lfu(job.stream, job.batch, job.pages, *_room(job), *_out(job)))

    def flush(job: _Job) -> int:
        return int(recency.flush(job.stream, job.batch, job.pages, *_room(job), *_out(job)))

    def llru(job: _Job) -> int:
        return int(layered.llru(job.stream, job.batch, job.layers, job.experts, *_room(job), *_out(job)))

    return {
        "lru": partial(by_recency, recency.LRU),
        "fifo": partial(by_recency, recency.FIFO),
        "lfu": lfu,
        "mru": partial(by_recency, recency.MRU),
        "random": partial(by_draw, False),
        "marker": partial(by_draw, True),
        "flush-when-full": flush,
        "llru": llru,
        "guided-random": partial(by_guide, guided.RANDOM),
        "guided-far": partial(by_guide, guided.FAR),
        "guided-lfu": partial(by_guide, guided.LFU),
        "guided-lru": partial(by_recency, recency.LRU),  # the same policy, see LRUPriority
        "guided-llru": partial(by_guide, guided.LLRU),
    }


def _room(job: _Job) -> tuple[int, NDArray[np.int64] | None, bool]:
    return job.room, job.sizes, job.bypass


def _out(job: _Job) -> tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.int64]]:
    return job.hits, job.evicted, job.evicted_at


def fast_replay(
    name: str,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> Run:
    """The run of the policy of this id, as ``replay`` gives it, draw by draw.

    Raises as ``replay`` does, and UnknownName for an id that is not in the registry.
    """
    hits, evicted, evicted_at = _play(name, instance, requests, rng, variant, True)
    order = np.lexsort((evicted, evicted_at))
    return Run(instance, requests, hits, evicted[order], evicted_at[order])


def fast_misses(
    name: str,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None = None,
    variant: Variant = BASE,
) -> int:
    """The misses of that run; one byte per request."""
    hits, _, _ = _play(name, instance, requests, rng, variant, False)
    return int(np.count_nonzero(~hits[requests.warmup :]))


def run_of(
    name: str,
    make: MakePolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator,
    variant: Variant = BASE,
) -> Run:
    """The run of a policy: by its kernel if it is the registry's, else by ``replay``."""
    if POLICIES.get(name) is make:
        return fast_replay(name, instance, requests, rng, variant)
    return replay(make(), instance, requests, rng, variant)


def misses_of(
    name: str,
    make: MakePolicy,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator,
    variant: Variant = BASE,
) -> int:
    """The misses of that run."""
    if POLICIES.get(name) is make:
        return fast_misses(name, instance, requests, rng, variant)
    return replay(make(), instance, requests, rng, variant).misses


def _play(
    name: str,
    instance: Instance,
    requests: Requests,
    rng: np.random.Generator | None,
    variant: Variant,
    evictions: bool,
) -> tuple[NDArray[np.bool_], NDArray[np.int32], NDArray[np.int64]]:
    look_up("policy", name, POLICIES)
    base = name.removesuffix("-dist")
    requests.fits(instance, variant.sizes is None and not variant.bypass)
    sizes = None if variant.sizes is None else variant.bytes(instance)
    if base in GUIDED and (sizes is not None or variant.bypass):
        raise UnsupportedProblem(f"{name}: expected pages of one size, and no bypass")
    partition = even_partition(instance) if name in DIVIDED else None
    if not variant.bypass:
        check_batches(instance, requests, variant, partition)
    rng = np.random.default_rng(0) if rng is None else rng
    play = _kernels()[base]
    hits = np.empty(len(requests), np.bool_)
    room = variant.room(instance)

    def logs(most: int) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        return np.empty(most if evictions else 0, np.int32), np.empty(most if evictions else 0, np.int64)

    if partition is None:
        out = logs(len(requests))
        layers, experts = instance.layers, instance.experts
        stream, batch = requests.stream, requests.batch
        count = play(_Job(stream, batch, layers, experts, room, sizes, variant.bypass, rng, hits, *out))
        return hits, out[0][:count], out[1][:count]
    rooms = even_shares(room, instance.layers)
    by_visit = hits.reshape(-1, requests.width)
    evicted, evicted_at = [], []
    for layer, draw in enumerate(rng.spawn(instance.layers)):
        own = slice(layer, None, instance.layers)
        pages = instance.layer_pages(layer)
        stream = (requests.pages[own] - pages.start).reshape(-1)
        stream.flags.writeable = False  # as Requests' own: the same kernel
        part = np.empty(len(stream), np.bool_)
        out = logs(len(stream))
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
        visit, slot = np.divmod(out[1][:count], requests.width)
        evicted.append(out[0][:count] + np.int32(pages.start))
        evicted_at.append((visit * instance.layers + layer) * requests.width + slot)
    return hits, np.concatenate(evicted), np.concatenate(evicted_at)
