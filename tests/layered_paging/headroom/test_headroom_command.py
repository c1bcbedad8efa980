"""``headroom`` as a user meets it."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from layered_paging.__main__ import main
from layered_paging.text.headroom import page
from layered_paging.text.headroom_verdict import microseconds, tried, verdict
from paging.timing.headroom import Headroom, headroom
from paging.timing.model import Timing
from paging.traces.synthetic import synthetic
from tests.layered_paging.test_cli import QWEN, complaint, document, real, trace

__all__ = ["trace"]

MICRO = Fraction(1, 10**6)


def found(decision: Fraction = Fraction(0), cache: int = 12, **timing: object) -> Headroom:
    made = synthetic(4, 9, 50, width=2, zipf=0.9, stickiness=0.4, rng=np.random.default_rng(1))
    machine = Timing(**{"bandwidth": Fraction(10**9), **timing})  # type: ignore[arg-type]
    return headroom(made.sized([3_000_000]), cache, machine, decision=decision)


def test_the_first_line_is_the_decision() -> None:
    """Its numbers are those of the definitions: loads of 3 ms, 50 tokens, 400 requests."""
    one = found()
    lru, best = one.own.loads, one.loads
    assert verdict(one) == (
        f"A better policy than lru can save at most {3 * (lru - best) / 50:.3f} ms of {3 * lru / 50:.3f} ms per token "
        f"({1 - best / lru:.0%}); it pays only if its decisions cost less than {3000 * (lru - best) / 400:,.0f} µs per "
        f"request, or {3000 * (lru - best) / (best - 12):,.0f} µs per eviction."
    )
    assert page(one)[0] == verdict(one)


def test_nothing_to_win() -> None:
    one = found(cache=36)
    assert verdict(one).startswith("No policy can save anything: lru takes ")
    assert tried(one) == "Of the policies tried none is faster than lru."


def test_what_a_decision_costs_is_said() -> None:
    free = found()
    fastest = max(free.policies, key=free.saves)
    limit, _ = free.break_even(fastest)
    assert limit is not None
    assert tried(free).startswith(f"Of the policies tried {fastest.policy} is the fastest: it saves ")
    assert tried(free).endswith(f"as long as an eviction costs less than {microseconds(limit)}.")
    dear = found(decision=2 * limit)
    assert "ends slower, by" in tried(dear)


def test_a_bound_that_is_not_met_is_shown_as_one() -> None:
    text = "\n".join(page(found(overlap=True, lookahead=1, compute=500 * MICRO)))
    assert "no schedule is below" in text
    assert "best schedule found" in text
    exact = "\n".join(page(found()))
    assert "no schedule is below" not in exact
    assert "found" not in exact


def test_numbers_have_three_digits() -> None:
    assert [microseconds(value * MICRO) for value in (Fraction(1, 3), Fraction(41), Fraction(12345))] == [
        "0.333 µs",
        "41.0 µs",
        "12,345 µs",
    ]


WORDS = ("-k", 4, "--bandwidth", 25, "--expert-bytes", "3MB")


def test_command(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    capsys.readouterr()
    assert main(["headroom", str(trace), *map(str, WORDS), "--latency", "10", "--all"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("A better policy than lru can save at most ")
    assert "Loading an expert takes 130 µs, computing a layer 0 µs; nothing is loaded while" in out
    said = document(capsys, "headroom", trace, *WORDS, "--latency", 10)
    assert out.startswith(said["verdict"])
    keys = "policy cache requests tokens warmup timing decision_us rows best saved_at_most_ms_per_token break_even_us"
    assert {*keys.split(), "verdict", "changes", "dropped_tokens"} == set(said)
    assert said["timing"]["load"] == ["13/100000"] * 2
    assert said["best"]["exact"] is True
    loads = {row["policy"]: row["loads"] for row in said["rows"]}
    measured = document(capsys, "measure", trace, "-k", 4)
    assert loads == {row["policy"]: row["misses"] for row in measured["rows"] if row["policy"] in loads}


def test_options_reach_the_machine(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    words = ["--overlap", "--lookahead", 2, "--accuracy", 0.75, "--compute", 7.5, "--elsewhere", 50]
    said = document(capsys, "headroom", trace, *WORDS, *words, "--decision-cost", 3, "--policy", "fifo")
    assert said["policy"] == "fifo"
    assert said["decision_us"] == 3
    timing = said["timing"]
    assert (timing["overlap"], timing["lookahead"], timing["accuracy"]) == (True, 2, "3/4")
    assert (timing["bandwidth"], timing["compute"], timing["elsewhere"]) == (
        "25000000000",
        "3/400000",
        "1/20000",
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--bandwidth", "fast"), "--bandwidth: expected a decimal number such as 25 or 0.5, got 'fast'"),
        (("--bandwidth", "0"), "bandwidth: expected a positive number"),
        (("--bandwidth", "1", "--lookahead", "1"), "lookahead: expected overlap too"),
        (("--bandwidth", "1", "--accuracy", "1.5", "--overlap"), "accuracy: expected 0 to 1, got 3/2"),
        (("--bandwidth", "1"), "needs the sizes of experts; --expert-bytes gives them"),
    ],
)
def test_wrong_options(
    capsys: pytest.CaptureFixture[str], trace: Path, words: tuple[str, ...], said: str
) -> None:
    assert said in complaint(capsys, "headroom", trace, "-k", 4, *words)


@pytest.mark.slow
@real
@pytest.mark.parametrize(("name", "cache"), [("qwen3-30b-a3b", 288), ("gemma-4-26b-a4b", 360)])
def test_the_recorded_traces(capsys: pytest.CaptureFixture[str], name: str, cache: int) -> None:
    """Misses as they were measured by other means; the best schedule is exact, and the bounds keep their order."""
    path = QWEN.parent / f"{name}.route.csv"
    machine = ["--bandwidth", 25, "--latency", 10, "--compute", 300]
    said = document(capsys, "headroom", path, "-k", cache, *machine)
    measured = document(capsys, "measure", path, "-k", cache, "--policy", "lru")
    misses = {row["policy"]: row["misses"] for row in measured["rows"]}
    assert said["rows"][0]["loads"] == misses["lru"]
    assert said["best"]["exact"] is True
    assert said["best"]["loads"] >= misses["opt"]
    ahead = document(capsys, "headroom", path, "-k", cache, *machine, "--overlap", "--lookahead", 1)
    assert ahead["best"]["lower_ms_per_token"] <= ahead["best"]["ms_per_token"]
    assert ahead["best"]["ms_per_token"] <= said["best"]["ms_per_token"]
    assert all(row["ms_per_token"] >= ahead["best"]["lower_ms_per_token"] for row in ahead["rows"])
    divided = document(capsys, "divide", path, "-k", cache)
    assert sum(one["slots"] for one in divided["layers"]) == cache
    assert divided["lru"]["hindsight"]["misses"] <= divided["lru"]["misses"]["judged"]


def test_several_sizes(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    """Each is what it is alone; the first line is the verdict of the one at which most is to be won."""
    machine = WORDS[2:]
    said = document(capsys, "headroom", trace, "-k", 4, 6, *machine)
    alone = {k: document(capsys, "headroom", trace, "-k", k, *machine) for k in (4, 6)}
    for one in alone.values():
        assert one.pop("dropped_tokens") == said["dropped_tokens"]
    assert said["caches"] == list(alone.values())
    most = max(said["caches"], key=lambda one: one["saved_at_most_ms_per_token"])
    assert said["verdict"] == f"Most is to be won at k = {most['cache']}. {most['verdict']}"
    assert main(["headroom", str(trace), "-k", "6,4", *map(str, machine)]) == 0
    first, _, head, _, *rows = capsys.readouterr().out.splitlines()
    assert first == said["verdict"]
    assert head.split()[:3] == ["cache", "lru", "best"]
    for k, row in zip((6, 4), rows, strict=False):
        ms = [alone[k]["rows"][0]["ms_per_token"], alone[k]["best"]["ms_per_token"]]
        assert [float(number) for number in row.split()[:3]] == pytest.approx([k, *ms], rel=1e-3)
    assert main(["headroom", str(trace), "-k", "4", "6", "--all", *map(str, machine)]) == 0
    whole = capsys.readouterr().out
    assert whole.count("best schedule ") == 2
    assert "\nk = 6\n" in whole
    said_no = complaint(capsys, "headroom", trace, "-k", "4,x", *machine)
    assert "-k: expected integers, got 'x'" in said_no
