"""Which tokens of a pass are new, without a model."""

from __future__ import annotations

import numpy as np
import pytest

from layered_paging.recording.columns import Columns
from paging.errors import InvalidArgument

PROMPT = np.array([[5, 7, 11], [13, 17, 19]])


def test_a_cache_grows_by_a_column() -> None:
    columns = Columns()
    prompt = columns.places(PROMPT, (2, 3), 0, None)
    assert (bool(prompt.new.all()), prompt.decode, prompt.request.tolist()) == (
        True,
        False,
        [0, 0, 0, 1, 1, 1],
    )
    after = columns.places(PROMPT[:, :1], (2, 1), 3, None)
    assert (after.new.tolist(), after.decode, after.request.tolist()) == ([[True], [True]], True, [0, 1])


def test_without_a_cache_only_the_last_column_is_new() -> None:
    columns = Columns()
    columns.places(PROMPT, (2, 3), 0, None)
    longer = np.concatenate([PROMPT, [[1], [2]]], axis=1)
    again = columns.places(longer, (2, 4), 0, None)
    assert (again.new.tolist(), again.decode) == ([[False, False, False, True]] * 2, True)
    other = columns.places(longer + 1, (2, 5 - 1), 0, None)
    assert (bool(other.new.all()), other.decode, other.request.tolist()) == (True, False, [2] * 4 + [3] * 4)


def test_the_same_prompt_again_is_another_request() -> None:
    columns = Columns()
    for first in (0, 2):
        assert columns.places(PROMPT, (2, 3), 0, None).request.tolist() == [first] * 3 + [first + 1] * 3


def test_a_prompt_of_one_token_and_a_prompt_in_parts() -> None:
    columns = Columns()
    assert not columns.places(PROMPT[:, :1], (2, 1), 0, None).decode
    columns = Columns()
    columns.places(PROMPT, (2, 3), 0, None)
    assert not columns.places(PROMPT[:, :2], (2, 2), 3, None).decode


def test_padding_is_no_token() -> None:
    columns = Columns()
    mask = np.array([[False, True, True], [True, True, True]])
    assert columns.places(PROMPT, (2, 3), 0, mask).request.tolist() == [0, 0, 1, 1, 1]
    wider = np.concatenate([mask, [[True], [True]]], axis=1)
    assert columns.places(PROMPT[:, :1], (2, 1), 3, wider).request.tolist() == [0, 1]
    with pytest.raises(InvalidArgument, match=r"an attention mask of shape \(1, 3\) for 2 rows"):
        Columns().places(PROMPT, (2, 3), 0, mask[:1])


@pytest.mark.parametrize(("rows", "past"), [(2, 2), (2, 4), (1, 3)])
def test_what_does_not_follow_is_refused(rows: int, past: int) -> None:
    columns = Columns()
    columns.places(PROMPT, (2, 3), 0, None)
    with pytest.raises(InvalidArgument, match="begin the recording before the prompt is computed"):
        columns.places(None, (rows, 1), past, None)
