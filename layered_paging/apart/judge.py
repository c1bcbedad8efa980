"""Does a policy play the same in every process? What it reads there besides the past shows in a decision that differs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TypeAlias

import numpy as np

from layered_paging.apart.games import SEED, Apart, as_run, play_apart, victims_of
from layered_paging.apart.process import GRACE, Process
from layered_paging.testing.fault import RAISES, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.known_games import KNOWN, SMALL, Game
from paging.errors import OutOfSeconds, UnsupportedProblem
from paging.model import Instance, Page, Requests
from paging.policies.named import NamedPolicy

PROCESS, HASH_SEED, CLOCK = "process", "hash-seed", "clock"
"""Names of findings: the policy plays differently in another process, with another PYTHONHASHSEED, at another time."""

LOOK_AHEAD, SHARED, UNSEEDED = "look-ahead", "shared-state", "unseeded-randomness"

SHAPES = ((1, 3, 2), (1, 5, 3), (2, 3, 4), (3, 2, 4), (2, 5, 6), (4, 4, 9))
"""Of the random games."""

REQUESTS = 60
"""In each of them."""

LONG = (4, 16, 24), 240
"""The shape of the last game, and its requests: who plays well at first only has played for a while."""

PROCESSES = 5
"""In which the same games are played."""

COMPARING = 1.0
"""Seconds for the games in the process that has done other things before."""

Play: TypeAlias = tuple[Apart, ...]


def random_games(seed: int) -> tuple[Game, ...]:
    """The known games, one of every shape, and a long one; pages of every layer are drawn with unequal probabilities."""
    rng = np.random.default_rng(seed)
    games = [*SMALL, *KNOWN.values()]
    for shape, requests in (*((shape, REQUESTS) for shape in SHAPES), LONG):
        instance = Instance(*shape)
        weight = 1.0 / np.arange(1, instance.experts + 1)
        drawn = rng.choice(instance.experts, size=requests, p=weight / weight.sum())
        stream = drawn + np.arange(requests) % instance.layers * instance.experts
        games.append((instance, Requests.of(instance.layers, instance.experts, stream)))
    return tuple(games)


class Judge:
    """Plays the same games in one process after another. A context: leaving it kills the processes.

    ``declared``: what the policy declares. ``played``: the games of the first process, with which others are compared;
    ``processes``: in how many they were played in time. ``begin``: when (time.monotonic) the first process stood.
    """

    def __init__(self, policy: NamedPolicy, limit: float, games: Sequence[Game]) -> None:
        self._policy = policy
        self._limit = limit
        self._games = games
        self._deadline = float("inf")
        self.begin = time.monotonic()
        self.declared: Mapping[str, bool] = {}
        self.played: Play = ()
        self.processes = 0

    def __enter__(self) -> Judge:
        """Start the processes. Raises what the user is to be told where the policy cannot be built."""
        with ExitStack() as stack:
            self._first, self._second = (stack.enter_context(self._process()) for _ in range(2))
            self._other = stack.enter_context(self._process(hash_seed=2))
            self._late = stack.enter_context(self._process(shifted=True))
            self._knowing = stack.enter_context(self._process())
            self.declared = self._first.wait_until_built()
            self._stack = stack.pop_all()
        self.begin = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def judge(self, seconds: float) -> Finding | None:
        """The first fault, or the first game that differs, named by what makes the difference; within ``seconds``."""
        self._deadline = time.monotonic() + seconds
        try:
            self.played = self._play(self._first)
            self.processes = 1
            for game in self.played:
                if game.fault is not None:
                    return finding_of(game.fault, game)
            return (
                self._in_one_process()
                or self._with_another_hash_seed()
                or self._one_more(
                    self._play(self._late), CLOCK, "at two times, by the clock, it plays differently"
                )
                or self._one_more(
                    self._whole(self._knowing),
                    LOOK_AHEAD,
                    "where the whole game lies in the memory of its process it plays differently",
                )
            )
        except OutOfSeconds:
            return None

    def _process(self, hash_seed: int = 1, shifted: bool = False) -> Process:
        return Process(self._policy, self._limit, hash_seed=hash_seed, shifted=shifted)

    def _in_one_process(self) -> Finding | None:
        """A second play in the same process, and one in another: is it the process, or neither?"""
        apart = self._one_more(self._play(self._second), PROCESS, "two processes play differently")
        says = "two plays in one process differ"
        again = self._differ(self._play(self._first), SHARED, f"{says}, those in new processes do not,")
        if again is not None and apart is not None:
            return Finding(UNSEEDED, says, again.instance, again.requests, again.run)
        return again or apart

    def _with_another_hash_seed(self) -> Finding | None:
        """What differs must do so again, or it is not the hash seed."""
        played = self._play(self._other)
        found = self._one_more(played, HASH_SEED, "with two values of PYTHONHASHSEED it plays differently")
        if found is None:
            return None
        with self._process(hash_seed=2) as again:
            if self._same(self._play(again), played):
                return found
        return self._differ(played, PROCESS, "two processes play differently")

    def _one_more(self, play: Play, name: str, says: str) -> Finding | None:
        self.processes += 1
        return self._differ(play, name, says)

    def again(
        self, instance: Instance, requests: Requests, lost: Exception, deadline: float
    ) -> Finding | None:
        """The game during which a process was ``lost``, in a new one: the fault that ends it there, or the one that ended the
        process. None where it ends well, or not before ``deadline``."""
        end = min(deadline, time.monotonic() + GRACE * self._limit + 1)
        try:
            with Process(self._policy, self._limit, hash_seed=1) as process:
                game = play_apart(process, instance, requests, deadline=end)
        except (OutOfSeconds, UnsupportedProblem):
            return None
        if game.fault is None and not isinstance(lost, Fault):
            return None
        return finding_of(game.fault or lost, game)

    def compare(self, process: Process, name: str, says: str, deadline: float) -> Finding | None:
        """The same games in a process that has done other things before; None if they are played alike, or time is over."""
        self._deadline = min(deadline, time.monotonic() + COMPARING)
        try:
            return self._differ(self._whole(process), name, says)
        except OutOfSeconds:
            return None

    def _play(self, process: Process) -> Play:
        return tuple(self._all(process, whole=False))

    def _whole(self, process: Process) -> Play:
        return tuple(self._all(process, whole=True))

    def _all(self, process: Process, whole: bool) -> Iterable[Apart]:
        for instance, requests in self._games:
            try:
                if whole:
                    yield self._at_once(process, instance, requests)
                else:
                    yield play_apart(process, instance, requests, deadline=self._deadline)
            except UnsupportedProblem:
                continue
            if process.closed:
                return

    def _at_once(self, process: Process, instance: Instance, requests: Requests) -> Apart:
        try:
            process.send("whole", instance, requests, SEED, deadline=self._deadline)
            run = process.answer(self._deadline, self._deadline)
            return Apart(instance, requests, victims_of(run), None)
        except Fault as fault:
            return Apart(instance, requests, (), fault)

    def _same(self, one: Play, other: Play) -> bool:
        return [each.victims for each in one] == [each.victims for each in other]

    def _differ(self, other: Play, name: str, says: str) -> Finding | None:
        """The game that differs first, of the shortest ones."""
        differ: list[tuple[int, Apart]] = []
        for one, two in zip(self.played, other, strict=False):
            if two.fault is not None:
                differ.append((len(two.victims), one))
                continue
            at = next(
                (t for t, (a, b) in enumerate(zip(one.victims, two.victims, strict=False)) if a != b), None
            )
            if at is not None:
                differ.append((at, one))
        if not differ:
            return None
        at, game = min(differ, key=lambda each: each[0])
        return cut_finding(name, f"{says} at request {at}", game, at)


def finding_of(fault: Exception, game: Apart) -> Finding:
    """The fault that ended a game."""
    served = len(game.victims)
    stream: tuple[Page, ...] = tuple(game.requests.stream[: served + 1].tolist())
    name = fault.name if isinstance(fault, Fault) else RAISES
    return Finding(name, f"at request {served}: {fault}", game.instance, stream, game.run)


def cut_finding(name: str, says: str, game: Apart, at: int) -> Finding:
    """What shows in a game at request ``at``."""
    run = as_run(game.instance, game.requests, game.victims[: at + 1])
    return Finding(name, says, game.instance, tuple(game.requests.stream[: at + 1].tolist()), run)
