"""Every planted bug is found, under its name and no other."""

from __future__ import annotations

import pytest

from layered_paging.report.conduct import conduct
from layered_paging.testing.fault import FAULTS
from layered_paging.testing.guard import guarded
from paging.policies.base import Policy
from tests.layered_paging.testing.planted import PLANTED, Least


def test_more_than_twelve() -> None:
    assert len({kind for _, kind in PLANTED}) == len(PLANTED) >= 30
    assert set(FAULTS) <= {name for name, _ in PLANTED}


RARE = ("EvictsWhatLeftLongAgo", "CopiesShareTheirNotes", "PicklesWithoutItsNotes", "ReadsOverTheShoulder")
"""Found by 50 games for each check, not by 20."""


@pytest.mark.parametrize(
    ("name", "kind", "examples"),
    [
        pytest.param(
            name,
            kind,
            examples,
            id=f"{kind.__name__}-{examples}",
            marks=pytest.mark.slow if examples == 50 and kind.__name__ not in RARE else (),
        )
        for name, kind in PLANTED
        for examples in ((50,) if kind.__name__ in RARE else (20, 50))
    ],
)
def test_planted_bugs_are_found_and_named(name: str, kind: type[Policy], examples: int) -> None:
    seen = conduct(guarded(kind, 0.3 if name == "time-limit" else 5), seconds=600, examples=examples)
    names = {found.name for found in seen.findings} | {one.name for one in seen.properties if one.broken}
    assert names == {name}
    assert seen.legal == (name not in FAULTS)


def test_the_same_without_a_bug() -> None:
    seen = conduct(guarded(Least), seconds=600, examples=50)
    assert not seen.findings
    assert not any(one.broken for one in seen.properties)
