"""What every policy must satisfy, check by check: each looks at one game and says what is wrong with the policy there.

A policy is built by ``make`` under guard; a Fault ends the game (only ``legality`` reports it).
"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import TypeAlias

import numpy as np

from layered_paging.testing.fault import PICKLE, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import CANONICAL_STATE
from layered_paging.testing.play import play
from layered_paging.testing.properties import contents
from layered_paging.testing.randomness import uses_of_unseeded_randomness
from layered_paging.testing.shared_state import changed, shared_state
from paging.model import Instance, Page, Requests
from paging.policies.named import MakePolicy
from paging.replay import Player, replay

Check: TypeAlias = Callable[[MakePolicy, Instance, Requests], Finding | None]

SEED = 3


def legality(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """Every answer is one of the candidates, comes in time, and nothing else happens: the names are FAULTS."""
    played = play(make, instance, requests)
    if played.fault is None:
        return None
    served = len(played.run.hits)
    stream = tuple(requests.stream[: served + 1].tolist())
    where = f"at request {served}" if len(requests) else "before the first request"
    return Finding(played.fault.name, f"{where}: {played.fault}", instance, stream, played.run)


def reproducibility(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """Equal seeds, equal decisions; no randomness but that of the generator given. unseeded-randomness or shared-state."""
    before = shared_state(make())
    with uses_of_unseeded_randomness() as used:
        caches = _caches(make, instance, requests)
        again = _caches(make, instance, requests)
    if used:
        return _found(
            "unseeded-randomness", f"uses {used[0]} instead of the one given", make, instance, requests
        )
    at = first_difference(caches, again)
    if at is None:
        return None
    culprits = changed(before, shared_state(make()))
    if culprits:
        says = f"two runs with equal seeds differ at request {at}; all instances share {culprits[0]}, which the runs change"
        return _found("shared-state", says, make, instance, requests, at)
    says = f"two runs with equal seeds differ at request {at}"
    return _found("unseeded-randomness", says, make, instance, requests, at)


def restart(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """``start`` forgets everything: a used policy plays as a fresh one."""
    fresh = _caches(make, instance, requests)
    used = make()
    other = Instance(instance.layers, instance.experts, instance.cache + 1)
    for one in (other, instance):
        replay(used, one, other_future(instance, requests, 0), np.random.default_rng(SEED + 1))
    again = contents(replay(used, instance, requests, np.random.default_rng(SEED)))
    at = first_difference(fresh, again)
    if at is None or fresh != _caches(make, instance, requests):
        return None
    says = f"after another run, and start, the policy differs from a fresh one at request {at}"
    return _found("restart", says, make, instance, requests, at)


def copies(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """A copy made in mid-run, deep or by pickle, goes on alike, and what it does leaves the original alone."""
    expected = _caches(make, instance, requests)
    if expected != _caches(make, instance, requests):
        return None  # not reproducible
    stream = requests.stream.tolist()
    cut = len(stream) // 2
    before = shared_state(make())
    for name, duplicate in (("copy", copy.deepcopy), (PICKLE, _pickled)):
        player = Player(make(), instance, np.random.default_rng(SEED))
        _serve(player, stream[:cut])
        try:
            twin, stranger = duplicate(player), duplicate(player)
        except Exception as error:
            cause = str(error) if isinstance(error, Fault) else f"{type(error).__name__}: {error}"
            says = f"no copy can be made after {cut} requests: {cause}"
            return _found(name, says, make, instance, requests, cut)
        _serve(stranger, other_future(instance, requests, cut).stream.tolist()[cut:])
        for who, one in (("the copy", twin), ("the original, once a copy has played,", player)):
            at = first_difference(expected[cut:], _serve(one, stream[cut:]))
            if at is not None:
                says = f"copied after {cut} requests, {who} goes on differently at request {cut + at}"
                culprits = changed(before, shared_state(make()))
                if culprits:
                    name, says = "shared-state", f"{says} (both share {culprits[0]})"
                return _found(name, says, make, instance, requests, cut + at)
    return None


def only_the_past(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """What is requested later changes no decision made before: look-ahead."""
    cut = len(requests) // 2
    one = _caches(make, instance, requests)
    other = _caches(make, instance, other_future(instance, requests, cut))
    at = first_difference(one[:cut], other[:cut])
    if at is None or one != _caches(make, instance, requests):
        return None  # not reproducible, in which case the difference says nothing
    says = f"the decision at request {at} depends on the requests from {cut} on"
    return _found("look-ahead", says, make, instance, requests)


def independence(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """What one instance of the class does changes no decision of another: shared-state."""
    alone = _caches(make, instance, requests)
    if alone != _caches(make, instance, requests):
        return None
    before = shared_state(make())
    first, second = (Player(make(), instance, np.random.default_rng(SEED)) for _ in range(2))
    beside = other_future(instance, requests, 0).stream.tolist()
    for time, page in enumerate(requests.stream.tolist()):
        _serve(second, [beside[time]])
        if _serve(first, [page]) != [alone[time]]:
            culprits = changed(before, shared_state(make()))
            shared = f" (both share {culprits[0]})" if culprits else ""
            says = f"a second policy that plays beside it changes its decision at request {time}{shared}"
            return _found("shared-state", says, make, instance, requests, time)
    return None


def semantics(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """With sets of one page, atomic and sequential are the same."""
    atomic = Requests.of(instance.layers, instance.experts, requests.pages, "atomic")
    one, two = (_caches(make, instance, asked) for asked in (requests, atomic))
    player = Player(make(), instance, np.random.default_rng(SEED))
    three = _serve(player, requests.stream.tolist(), protect=True)
    for other in (two, three):
        at = first_difference(one, other)
        if at is not None:
            if one != _caches(make, instance, requests):
                return None
            says = f"sets of one page, atomic or one after another, differ at request {at}"
            return _found("semantics", says, make, instance, requests, at)
    return None


def repeatable_state(make: MakePolicy, instance: Instance, requests: Requests) -> Finding | None:
    """Equal pasts have equal canonical states, and to ask for one changes nothing, nor fails: canonical-state."""
    expected = _caches(make, instance, requests)
    if expected != _caches(make, instance, requests):
        return None
    (first, caches), (second, _) = (_states(make, instance, requests) for _ in range(2))
    for time in range(len(first)):
        says = None
        if isinstance(first[time], Fault):
            says = str(first[time])
        elif first[time] != second[time]:
            says = f"two equal runs have unequal canonical states after request {time}: {first[time]!r}, {second[time]!r}"
        elif caches[time] != expected[time]:
            says = f"to be asked for its canonical state changes the policy's decision at request {time}"
        if says is not None:
            return _found(CANONICAL_STATE, says, make, instance, requests, time)
    return None


def _states(
    make: MakePolicy, instance: Instance, requests: Requests
) -> tuple[list[Hashable], list[frozenset[Page]]]:
    """The canonical state and the cache after each request; a Fault in place of a state ends it."""
    player = Player(make(), instance, np.random.default_rng(SEED))
    states: list[Hashable] = []
    caches: list[frozenset[Page]] = []
    for page in requests.stream.tolist():
        caches += _serve(player, [page])
        try:
            states.append(player.policy.canonical_state(player.cache))
        except Fault as fault:
            states.append(fault)
            break
    return states, caches


CHECKS: Mapping[str, Check] = {
    "legality": legality,
    "reproducibility": reproducibility,
    "restart": restart,
    "only-the-past": only_the_past,
    "independence": independence,
    "copies": copies,
    "semantics": semantics,
    "repeatable-state": repeatable_state,
}
"""By their names, in the order in which they explain best what is wrong."""


def other_future(instance: Instance, requests: Requests, cut: int) -> Requests:
    """The same requests up to ``cut``, then the next expert of the layer instead of each."""
    stream = requests.stream.copy()
    first = stream[cut:] // instance.experts * instance.experts
    stream[cut:] = first + (stream[cut:] - first + 1) % instance.experts
    return Requests.of(instance.layers, instance.experts, stream)


def first_difference(one: Iterable[object], two: Iterable[object]) -> int | None:
    """Index of the first pair that differs."""
    return next((t for t, (a, b) in enumerate(zip(one, two, strict=True)) if a != b), None)


def _caches(make: MakePolicy, instance: Instance, requests: Requests) -> list[frozenset[Page]]:
    return contents(replay(make(), instance, requests, np.random.default_rng(SEED)))


def _serve(player: Player, stream: Iterable[Page], protect: bool = False) -> list[frozenset[Page]]:
    """The cache after each request, served as replay does; ``protect``: as sets of one page each, which is the same."""
    caches = []
    for page in stream:
        player.serve(page, frozenset((page,)) if protect else frozenset())
        caches.append(frozenset(player.cache))
    return caches


def _pickled(player: Player) -> Player:
    return pickle.loads(pickle.dumps(player))  # type: ignore[no-any-return]


def _found(
    name: str, says: str, make: MakePolicy, instance: Instance, requests: Requests, at: int | None = None
) -> Finding:
    """The finding, with the requests up to ``at``."""
    shown = requests.stream if at is None else requests.stream[: at + 1]
    cut = Requests.of(instance.layers, instance.experts, shown)
    return Finding(name, says, instance, tuple(shown.tolist()), play(make, instance, cut, SEED).run)
