"""The report card of a policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bounds.search.worst import Worst
from layered_paging.apart.games import play_apart
from layered_paging.apart.judge import (
    CLOCK,
    HASH_SEED,
    LOOK_AHEAD,
    PROCESS,
    SHARED,
    UNSEEDED,
    Judge,
    random_games,
)
from layered_paging.apart.process import Process
from layered_paging.report.conduct import Conduct, Playing, Property
from layered_paging.report.ratios import Beside, Ratio, Row, grid, worst_of
from layered_paging.report.traces import Behaviour, Given, Others, Rate, behaviours
from layered_paging.report.worker import OVER, Worker
from layered_paging.testing.declared import PROPERTIES
from layered_paging.testing.fault import TIME_LIMIT, Fault
from layered_paging.testing.finding import Finding
from layered_paging.testing.guard import CANONICAL_STATE, SECONDS
from paging.errors import OutOfSeconds, UnsupportedProblem
from paging.model import Instance, Requests
from paging.policies.named import NamedPolicy, PolicyLike, named
from paging.policies.registry import POLICIES
from paging.replay import Run
from paging.seconds import check_seconds

JUDGED, CONDUCT, FIRST, TRACES, RATIOS = 0.35, 0.4, 0.5, 0.65, 0.95
"""Shares of the time after which the parts of the card must be done."""

GAMES = 7
"""Tried per check and second; so the findings depend on the seed, and on the clock only where that is not enough time."""

FEWEST, MOST = 20, 300
"""Games per check."""

NO_RATIO = {
    UNSEEDED: "not reproducible",
    SHARED: "its instances share state",
    PROCESS: "not the same in two processes",
    HASH_SEED: "depends on the hash seed",
    CLOCK: "depends on the clock",
    LOOK_AHEAD: "looks ahead",
}
"""Findings with which nothing can be said of the policy's ratio, and in which words."""

OUT_OF_TIME = "out of time"


@dataclass(frozen=True, slots=True)
class Card:
    """``worst``: the worst sequence found, None where nothing is known; ``shown``: the policy on it, with its cycle three
    times, None where time did not allow it. ``processes``: in so many it played the same games, of 5.
    """

    policy: str
    conduct: Conduct
    ratios: tuple[Ratio, ...]
    behaviours: tuple[Behaviour, ...]
    worst: Worst | None
    shown: Run | None
    processes: int

    @property
    def sound(self) -> bool:
        """Nothing is wrong with the policy, and no declared property was refuted."""
        return not self.conduct.findings and not any(one.broken for one in self.conduct.properties)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON; exact ratios as strings."""
        return {
            "policy": self.policy,
            "legal": self.conduct.legal,
            "sound": self.sound,
            "findings": [found.to_dict() for found in self.conduct.findings],
            "processes": self.processes,
            "properties": {one.name: one.to_dict() for one in self.conduct.properties},
            "ratios": [one.to_dict() for one in self.ratios],
            "traces": [one.to_dict() for one in self.behaviours],
            "worst": None if self.worst is None else self.worst.to_dict(),
        }


def check(
    policy: PolicyLike,
    *,
    seconds: float = 40.0,
    limit: float = SECONDS,
    seed: int = 0,
    given: Sequence[Given] = (),
    progress: Callable[[str], None] = lambda _: None,
) -> Card:
    """Write the card of a policy in ``seconds``, counted from when it has been built.

    The policy plays in processes of its own, never in this one; what it is compared with comes from another one, whose kernels
    may have to be compiled first. All are killed when their time is over. ``policy`` must
    be something that can be pickled. ``limit``: seconds for one
    decision. ``given``: traces to try beside the synthetic ones, as (name, requests, cache size). Raises InvalidArgument for
    times that cannot be kept, and for a policy that another process cannot build.
    """
    for what, value in (("seconds", seconds), ("limit", limit)):
        check_seconds(f"--{what}", value)
    policy = named(policy)
    progress("conduct")
    examples = max(FEWEST, min(MOST, round(GAMES * seconds)))
    over = min(OVER, (1 - RATIOS) * seconds)
    with Worker(policy, limit, over) as worker:
        with Judge(policy, limit, random_games(seed)) as judge:
            begin = judge.begin
            worker.begin("conduct", begin + CONDUCT * seconds, seed=seed, examples=examples)
            judged = judge.judge(JUDGED * seconds)
        with Worker(POLICIES["lru"], limit, over) as compared:
            compared.begin("beside", begin + TRACES * seconds, on=grid())
            conduct = _conduct(worker, judge, judged, begin + TRACES * seconds)
            refused = _no_ratio(conduct)
            progress("first values")
            known: dict[Instance, Row] = {}
            options = {"withdrawn": _withdrawn(conduct), "on": grid()}
            if refused is None:
                worker.begin("first", begin + FIRST * seconds, **options)
                known.update((row.instance, row) for row in worker.rows() if isinstance(row, Row))
                refused = _hangs(known.values())
            progress("traces")
            rates: dict[int, Rate] = {}
            if not conduct.hangs:
                worker.begin("traces", begin + TRACES * seconds, given=tuple(given), seed=seed)
                rates.update((rate.number, rate) for rate in worker.rows() if isinstance(rate, Rate))
            progress("ratios")
            if refused is None:
                worker.begin("ratios", begin + RATIOS * seconds, seed=seed, **options)
            beside = {one.instance: one for one in compared.rows() if isinstance(one, Beside)}
            served = {rate.number: rate.visits for rate in rates.values() if rate.why is None}
            compared.begin("others", begin + RATIOS * seconds, given=tuple(given), served=served, seed=seed)
            if refused is None:
                for row in worker.rows():
                    if isinstance(row, Row) and row.improves(known.get(row.instance)):
                        known[row.instance] = row
                refused = _hangs(known.values()) or _ended(worker)
            others = {one.number: one for one in compared.rows() if isinstance(one, Others)}
    rows = tuple(
        _ratio(i, known.get(i, Row(i, None, refused or OUT_OF_TIME)), beside.get(i, Beside(i, {}, None)))
        for i in grid()
    )
    found = {} if conduct.hangs else rates
    missing = TIME_LIMIT if conduct.hangs else _hangs(rates.values()) or OUT_OF_TIME
    seen = behaviours(given, found, missing, others, seed)
    worst = worst_of(rows)
    shown = None if worst is None else _shown(policy, limit, worst, begin + seconds)
    if worst is not None and shown is not None:
        differs = _not_what_it_costs(worst, shown)
        if differs is not None:
            conduct = Conduct((*conduct.findings, differs), conduct.games, conduct.properties)
    return Card(policy.id, conduct, rows, tuple(seen), worst, shown, judge.processes)


def _conduct(worker: Worker, judge: Judge, judged: Finding | None, deadline: float) -> Conduct:
    """What the checks have found, and the judge; what is tried once more ends at ``deadline``."""
    findings: dict[str, Finding] = {}
    properties: dict[str, Property] = {}
    games = 0
    playing: Playing | None = None
    if judged is None or judged.name != TIME_LIMIT:
        for told in worker.rows():
            if isinstance(told, Playing):
                playing = told
            elif isinstance(told, Finding):
                findings[told.name] = told
            elif isinstance(told, Property):
                properties[told.name] = told
            elif isinstance(told, int):
                games = told
        if isinstance(worker.lost, Fault | OutOfSeconds) and playing is not None:
            lost = judge.again(playing.instance, playing.requests, worker.lost, deadline)
            if lost is not None:
                findings.setdefault(lost.name, lost)
        elif worker.lost is None and judged is None and not findings:
            says = "after many games in one process it plays differently"
            judged = judge.compare(worker.process, SHARED, says, deadline)
    else:
        worker.stop()
    if judged is not None:
        findings.setdefault(judged.name, judged)
    skipped = "a decision does not end" if TIME_LIMIT in findings else OUT_OF_TIME
    rest = (
        Property(one, judge.declared.get(one), None, 0, skipped)
        for one in PROPERTIES
        if one not in properties
    )
    properties.update((one.name, one) for one in rest)
    return Conduct(tuple(findings.values()), games, tuple(properties[one] for one in PROPERTIES))


def _ratio(instance: Instance, row: Row, others: Beside) -> Ratio:
    return Ratio(instance, row.worst, row.why, others.ratios, others.optimum)


def _hangs(rows: Iterable[Row | Rate]) -> str | None:
    return TIME_LIMIT if any(row.why == TIME_LIMIT for row in rows) else None


def _ended(worker: Worker) -> str | None:
    return worker.lost.name if isinstance(worker.lost, Fault) else None


def _shown(policy: NamedPolicy, limit: float, worst: Worst, deadline: float) -> Run | None:
    requests = Requests.of(worst.instance.layers, worst.instance.experts, worst.sequence(3))
    try:
        with Process(policy, limit, hash_seed=3) as process:
            return play_apart(process, worst.instance, requests, deadline=deadline, seed=0).run
    except (Fault, OutOfSeconds, UnsupportedProblem):
        return None


def _not_what_it_costs(worst: Worst, shown: Run) -> Finding | None:
    """A proven cycle was found with copies of the policy; does it cost the policy as much?"""
    cycle = len(worst.cycle)
    if not worst.proven or len(shown.hits) < len(worst.sequence(3)):
        return None
    misses = int(cycle - shown.hits[-cycle:].sum())
    growth = sum(one.growth or 0 for one in shown.table()[-cycle // worst.instance.layers :])
    costs = float("inf") if not growth else Fraction(misses, growth)
    if costs == worst.ratio:
        return None
    says = f"its copies were seen to pay {worst.ratio} times OPT on a cycle, on which it pays {costs} times OPT itself"
    return Finding("copy", says, worst.instance, worst.sequence(3), shown)


def _no_ratio(found: Conduct) -> str | None:
    """Why nothing can be said of the policy's ratio."""
    if found.hangs:
        return TIME_LIMIT
    names = {one.name for one in found.findings}
    return next((why for name, why in NO_RATIO.items() if name in names), None)


def _withdrawn(found: Conduct) -> frozenset[str]:
    """What the policy says of itself and was refuted; a ratio must not rest on it."""
    names = {one.name for one in found.findings if one.name == CANONICAL_STATE}
    return frozenset(names | {one.name for one in found.properties if one.broken})
