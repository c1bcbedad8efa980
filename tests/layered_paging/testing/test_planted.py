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


@pytest.mark.parametrize(("name", "kind"), PLANTED, ids=[kind.__name__ for _, kind in PLANTED])
def test_planted_bugs_are_found_and_named(name: str, kind: type[Policy]) -> None:
    seen = conduct(guarded(kind, 0.3 if name == "time-limit" else 5), seconds=60, examples=50)
    names = {found.name for found in seen.findings} | {one.name for one in seen.properties if one.broken}
    assert names == {name}
    assert seen.legal == (name not in FAULTS)


def test_the_same_without_a_bug() -> None:
    seen = conduct(guarded(Least), seconds=20)
    assert not seen.findings
    assert not any(one.broken for one in seen.properties)
