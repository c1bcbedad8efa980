"""``theorem-check``: one theorem at one instance, against every policy in its scope.

[[tasks]]
kind = "theorem-check"
pages = 6                            # or instances = [[2, 3, 4]]; default: the grid of ``layered-paging verify``
theorems = ["lru-upper"]             # default: all
policies = ["lru", "fifo"]           # default: all
seeds = [0, 1]                       # default: [0]
"""

from __future__ import annotations

from collections.abc import Iterator

from layered_paging.campaign.kinds.kind import LIBRARIES, MIB, Kind, Outcome
from layered_paging.campaign.section import Section
from layered_paging.campaign.task import Parameters
from paging.exact import Value, exact
from paging.model import Instance


def expand(section: Section) -> Iterator[tuple[Parameters, int]]:
    """Every theorem at every instance that meets its precondition."""
    from bounds.checker.verify import grid, tried
    from bounds.theorems.registry import THEOREMS
    from paging.policies.registry import POLICIES

    given = "instances" in section or "pages" in section
    chosen = section.instances() if given else list(grid())
    theorems = section.names("theorems", THEOREMS, "theorem")
    policies = section.names("policies", POLICIES, "policy", [policy.id for policy in tried()])
    seeds = section.integers("seeds", 0, [0])
    return (
        (
            {
                "layers": instance.layers,
                "experts": instance.experts,
                "cache": instance.cache,
                "theorem": name,
                "policies": policies,
            },
            seed,
        )
        for instance in chosen
        for name in theorems
        if THEOREMS[name].precondition.holds(instance)
        for seed in seeds
    )


def run(parameters: Parameters, seed: int) -> Outcome:
    """How many checks passed, failed and stayed open, the margins at both ends, and the violations as they are."""
    from bounds.checker.summary import check_instance, summarize

    instance = Instance(parameters["layers"], parameters["experts"], parameters["cache"])
    checks = check_instance(instance, [parameters["theorem"]], parameters["policies"], seed)
    (summary,) = summarize(checks, [parameters["theorem"]])
    return Outcome(
        {
            "passed": sum(check.ok is True for check in checks),
            "failed": len(summary.failed),
            "inconclusive": sum(check.ok is None for check in checks),
            "tightest": _text(summary.tightest),
            "loosest": _text(summary.loosest),
            "violations": [check.to_dict() for check in summary.failed],
        }
    )


def _text(margin: Value | None) -> str | None:
    return None if margin is None else exact(margin)


def memory(_: Parameters) -> int:
    """The sequences are short."""
    return LIBRARIES + 100 * MIB


def work(parameters: Parameters) -> float:
    """Sequences have so many phases of at least k-l+1 rounds."""
    return float(parameters["layers"] ** 2 * parameters["experts"])


KIND = Kind("theorem-check", 1, expand, run, memory, work)
