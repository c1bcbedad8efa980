"""Hypothesis strategies for instances, request sequences, traces and policies."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from paging.model import Instance, Requests, Semantics
from paging.offline.offset import OffsetFunction
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES
from paging.traces.trace import Trace


@st.composite
def instances(draw: st.DrawFn, *, max_pages: int = 8, least_cache: int = 1, trivial: bool = True) -> Instance:
    """Instances with n*l <= ``max_pages`` and k >= ``least_cache``; without ``trivial`` also l <= k < n*l."""
    experts = draw(st.sampled_from(range(1 if trivial else 2, max_pages + 1)))
    layers = draw(st.sampled_from(range(1, max_pages // experts + 1)))
    pages = layers * experts
    low = least_cache if trivial else max(least_cache, layers)
    return Instance(layers, experts, draw(st.integers(low, max(low, pages + 1 if trivial else pages - 1))))


PHASES = ("uniform", "sticky", "cyclic", "adversarial")
"""Kinds of phases: any expert; the layer's last set again, half of the time; one expert after another; of each layer the page
of the highest level of the offset function, one that OPT may hold but need not."""


@st.composite
def request_sequences(
    draw: st.DrawFn,
    instance: Instance,
    *,
    max_rounds: int = 12,
    width: int = 1,
    semantics: Semantics = "sequential",
) -> Requests:
    """Sequences for an instance, in up to three phases of the kinds of PHASES."""
    visits: list[list[int]] = []
    offset = OffsetFunction(instance)
    for _ in range(draw(st.sampled_from((1, 2, 3)))):
        kind = draw(st.sampled_from(PHASES))
        rounds = draw(
            st.sampled_from(range(max_rounds // 3 + 1))
        )  # more even than integers(), which likes the ends
        for number in range(rounds):
            for layer in range(instance.layers):
                last = visits[-instance.layers] if len(visits) >= instance.layers else None
                if kind == "cyclic":
                    experts = [(number + slot) % instance.experts for slot in range(width)]
                elif kind == "sticky" and last is not None and draw(st.booleans()):
                    experts = [page % instance.experts for page in last]
                elif kind == "adversarial":
                    experts = least_kept(offset, instance, layer, width)
                elif width == 1:
                    experts = [draw(st.integers(0, instance.experts - 1))]
                else:
                    experts = draw(st.permutations(range(instance.experts)))[:width]
                visits.append([instance.page(layer, expert) for expert in experts])
                for page in visits[-1]:
                    offset.request(page)
    pages = np.array(visits, np.int32).reshape(len(visits), width)
    return Requests.of(instance.layers, instance.experts, pages, semantics)


def least_kept(offset: OffsetFunction, instance: Instance, layer: int, width: int) -> list[int]:
    """The experts of the highest levels of the offset function, those outside its sets last."""
    level = offset.level[list(instance.layer_pages(layer))] % offset.outside
    return [int(expert) for expert in np.argsort(-level, kind="stable")[:width]]


@st.composite
def games(draw: st.DrawFn, *, max_pages: int = 8, max_rounds: int = 18) -> tuple[Instance, Requests]:
    """An instance in which every layer has a slot (k >= l), seldom one where all pages fit, and a sequence for it."""
    instance = draw(instances(max_pages=max_pages, trivial=draw(st.integers(0, 9)) == 9))
    if instance.cache < instance.layers:
        instance = Instance(instance.layers, instance.experts, instance.layers)
    return instance, draw(request_sequences(instance, max_rounds=max_rounds))


@st.composite
def traces(draw: st.DrawFn, *, max_tokens: int = 6, unequal: bool = False) -> Trace:
    """Small traces of any width, both phases, with or without what may stand beside the routing.

    ``unequal``: sets may differ in size.
    """
    layers, experts = draw(st.integers(1, 4)), draw(st.integers(1, 6))
    tokens, width = draw(st.integers(1, max_tokens)), draw(st.integers(1, experts))
    routing = [[draw(st.permutations(range(experts)))[:width] for _ in range(layers)] for _ in range(tokens)]

    def maybe(element: st.SearchStrategy[int], length: int) -> list[int] | None:
        return draw(st.none() | st.lists(element, min_size=length, max_size=length))

    expert_bytes = maybe(st.integers(1, 2**40), layers)
    decode = draw(st.lists(st.booleans(), min_size=tokens, max_size=tokens))
    sizes = maybe(st.integers(0, width) if unequal else st.sampled_from([0, width]), tokens * layers)
    gaps = maybe(st.integers(1, 3), layers)
    return Trace.from_array(
        np.array(routing),
        experts=experts,
        decode=decode,
        sizes=np.array(sizes).reshape(tokens, layers) if sizes and any(sizes) else None,
        expert_bytes=expert_bytes,
        layer_ids=None if gaps is None else np.cumsum(gaps) - 1,
        request=maybe(st.integers(0, 3), tokens),
        step=maybe(st.integers(0, 9), tokens),
    )


def policies() -> st.SearchStrategy[NamedPolicy]:
    """Policies of the registry."""
    return st.sampled_from(list(POLICIES.values()))
