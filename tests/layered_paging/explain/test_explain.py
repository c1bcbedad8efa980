"""The verdict and its parts, against definitions written once more."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from layered_paging.__main__ import main
from layered_paging.text.explanation import page
from paging.explain.explanation import Explanation, explain
from paging.explain.layers import divided_opt
from paging.explain.loss import Loss, regretted
from paging.explain.verdict import verdict
from paging.fast import misses_of
from paging.measure import measure
from paging.model import Instance
from paging.offline.belady import belady
from paging.offline.engines import opt
from paging.policies.base import Policy
from paging.policies.lru import LRU
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES, SHARED
from paging.replay import replay
from paging.traces.formats import read_trace, write_trace
from paging.traces.synthetic import synthetic
from paging.traces.trace import Trace
from tests.layered_paging.test_cli import QWEN, complaint, document, real, trace

__all__ = ["trace"]


def random_trace(seed: int, width: int = 1, tokens: int = 60) -> Trace:
    return synthetic(3, 5, tokens, width=width, zipf=0.8, rng=np.random.default_rng(seed))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 3), st.booleans(), st.integers(3, 15))
def test_the_parts_add_up(seed: int, width: int, atomic: bool, cache: int) -> None:
    found = explain(random_trace(seed, width), cache, atomic=atomic)
    requests = random_trace(seed, width).requests("decode", "atomic" if atomic else "sequential")
    instance = Instance(3, 5, cache)
    run = replay(LRU(), instance, requests)
    best = belady(instance, requests)
    assert found.loss.misses == run.misses == found.lru
    assert found.loss.compulsory == len(set(requests.stream.tolist()))
    assert found.loss.compulsory + found.loss.capacity == int((~best).sum()) == found.opt
    assert sum(layer.loss.misses for layer in found.layers) == run.misses
    assert sum(layer.loss.policy for layer in found.layers) == found.loss.policy
    stream = requests.stream.reshape(-1, 3, width)
    for layer in found.layers:
        assert layer.experts == len(set(stream[:, layer.layer].ravel().tolist()))
    assert found.curve.at(found.reaches)[0] <= found.opt
    assert found.reaches == found.curve.cache[0] or found.curve.at(found.reaches - 1)[0] > found.opt
    if found.divided_opt is not None:
        assert found.opt <= found.divided_opt


@pytest.mark.parametrize(("width", "atomic", "warmup"), [(1, False, 0), (3, False, 40), (3, True, 0)])
@pytest.mark.parametrize("policy", ["lru", "lru-dist", "random"])
def test_nothing_is_counted_twice(
    policy: str, width: int, atomic: bool, warmup: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table has the figures of ``measure``, which is asked for neither OPT nor LRU nor the policy itself."""
    requests = random_trace(7, width).requests("decode", "atomic" if atomic else "sequential", warmup=warmup)
    chosen = dict.fromkeys((POLICIES[policy], *SHARED.values()))
    whole = measure(requests, [9], chosen, seed=3).rows
    played: list[str] = []

    def counted(policy: NamedPolicy, *rest: Any) -> int:
        played.append(policy.id)
        return misses_of(policy, *rest)

    monkeypatch.setattr("paging.measure.misses_of", counted)
    monkeypatch.setattr("paging.measure.optimal_misses", None)
    found = explain(random_trace(7, width), 9, policy, atomic=atomic, warmup=warmup, seed=3)
    assert found.rows == whole
    assert sorted(played) == sorted(set(map(str, chosen)) - {"lru", policy})


@pytest.mark.parametrize("name", ["lru", "fifo", "mru", "lfu"])
@pytest.mark.parametrize("width", [1, 3])
def test_regret(name: str, width: int) -> None:
    """From the caches themselves, with a look at the whole future for each eviction."""
    requests = random_trace(5, width).requests("decode", "atomic")
    instance = Instance(3, 5, 6)
    run = replay(POLICIES[name](), instance, requests)
    stream = requests.stream.tolist()
    cache: set[int] = set()
    wrong = 0
    victims = dict(zip(run.evicted_at.tolist(), run.evicted.tolist(), strict=True))

    def due(page: int, batch: int) -> int:
        later = [t // width for t in range((batch + 1) * width, len(stream)) if stream[t] == page]
        return later[0] if later else len(stream)

    for time, asked in enumerate(stream):
        batch = time // width
        together = set(stream[batch * width : (batch + 1) * width])
        if time in victims:
            victim = victims[time]
            wrong += due(victim, batch) < max(due(q, batch) for q in cache - together)
            cache.remove(victim)
        cache.add(asked)
    assert regretted(run) == (wrong, len(victims))


def test_belady_itself_has_no_regret() -> None:
    class Clairvoyant(Policy):
        """Knows the sequence."""

        def start(self, instance: Instance, rng: np.random.Generator) -> None:
            self.time = -1

        def request(self, page: int, hit: bool) -> None:
            self.time += 1

        def victim(self, page: int, candidates: object) -> int:
            def due(q: int) -> int:
                later = [t for t in range(self.time + 1, len(stream)) if stream[t] == q]
                return later[0] if later else len(stream)

            return max(candidates, key=due)  # type: ignore[call-overload, no-any-return]

    requests = random_trace(2).requests()
    stream = requests.stream.tolist()
    run = replay(Clairvoyant(), Instance(3, 5, 6), requests)
    assert run.misses == int((~belady(Instance(3, 5, 6), requests)).sum())
    assert regretted(run)[0] == 0


def test_divided_opt_layer_by_layer() -> None:
    """Two layers; the first hits from the second round on with one slot, the second needs two."""
    routing = np.array([[0, t % 2] for t in range(10)])
    requests = Trace.from_array(routing, experts=2).requests()
    assert divided_opt(requests, 4) == 1 + 2
    assert divided_opt(requests, 2) == 1 + 10
    assert divided_opt(requests, 1) is None


def verdict_of(routing: list[list[int]], cache: int, policy: str) -> Explanation:
    return explain(Trace.from_array(np.array(routing), experts=4), cache, policy)


def test_verdicts() -> None:
    """A circle of k+1 pages is LRU's failure: it misses 60, OPT 4 + 56 // 3. MRU is nearly optimal there."""
    circle = [[t % 4] for t in range(60)]
    assert (
        verdict_of(circle, 3, "lru").verdict
        == "policy failure: OPT would avoid 68% of the misses of lru at k = 3 that are not first uses (38 of 56); "
        "first uses: 4."
    )
    assert verdict_of(circle, 3, "mru").verdict.startswith("working-set failure: no policy can avoid")
    assert verdict_of([[0], [1], [2], [3]], 2, "lru").verdict.startswith("no failure")
    assert verdict_of(circle, 1, "lru").verdict.startswith("working-set failure: no policy can avoid 100%")


def test_first_uses_are_not_the_working_sets_fault() -> None:
    """Three pages come back again and again, between pages that never do: OPT with 4 slots keeps the three, LRU none.

    1,292 first uses, 554 misses of LRU that OPT does not have, and nothing that a larger cache alone would mend.
    """
    fresh = iter(range(3, 1292))
    asked = [page for i in range(557) for page in (i % 3, next(fresh), next(fresh))] + list(fresh)
    found = explain(Trace.from_array(np.array(asked)[:, None]), 4)
    part = found.loss
    assert (part.compulsory, part.capacity, part.policy) == (1292, 0, 554)
    assert found.verdict == (
        "policy failure: OPT would avoid 100% of the misses of lru at k = 4 that are not first uses (554 of 554); "
        "first uses: 1,292."
    )


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**4), st.integers(0, 10**4), st.integers(0, 10**4))
def test_the_first_line_never_contradicts_the_table(compulsory: int, capacity: int, policy: int) -> None:
    """Each form of the sentence against what the three numbers say, the percentage included."""
    said = verdict("lru", 7, Loss(10**6, compulsory, capacity, policy))
    kind = said.split(":")[0]
    assert (kind == "no failure") == (capacity + policy == 0)
    assert (kind == "policy failure") == (policy > capacity)
    assert (kind == "working-set failure") == (capacity > policy)
    assert (kind == "policy and working-set failure alike") == (policy == capacity > 0)
    if kind == "no failure":
        assert ("misses nothing" in said) == (compulsory == 0)
        return
    larger = max(capacity, policy)
    assert f"({larger:,} of {capacity + policy:,}); first uses: {compulsory:,}." in said
    claimed = Fraction(re.search(r"(\d+)%", said)[1]) / 100  # type: ignore[index]
    truth = Fraction(larger, capacity + policy)
    if "over" in said:
        assert claimed < truth <= claimed + Fraction(1, 100)
    else:
        assert abs(claimed - truth) <= Fraction(1, 200)
        assert (claimed == 1) == (truth == 1)
        assert (claimed == Fraction(1, 2)) == (truth == Fraction(1, 2))


HOSTILE = ("lru", "mru", "flush-when-full", "marker", "guided-random", "lru-dist", "mru-dist")


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(1, 3),
    st.booleans(),
    st.integers(1, 3),
    st.integers(1, 8),
    st.sampled_from([1, 2, 12]),
    st.sampled_from(HOSTILE),
    st.data(),
)
def test_the_page_agrees_with_itself(
    seed: int, width: int, atomic: bool, layers: int, tokens: int, slots: int, name: str, data: st.DataObject
) -> None:
    """Short traces, many ties, caches below one batch's need and above all pages, warm-ups after which nothing misses."""
    made = synthetic(
        layers, 4, tokens, width=width, zipf=1.0, stickiness=0.7, rng=np.random.default_rng(seed)
    )
    warmup = data.draw(st.integers(0, tokens - 1))
    cache = slots * width * layers
    found = explain(made, cache, name, atomic=atomic, warmup=warmup)
    lines = page(found, 1.0)
    table = [int(re.findall(r" ([\d,]+) +[\d.]+%$", line)[0].replace(",", "")) for line in lines[5:8]]
    compulsory, capacity, policy = table
    assert f"Misses of {name}: {sum(table):,} (" in lines[4]
    assert lines[0].startswith("no failure") == (capacity == policy == 0)
    assert lines[0].startswith("policy failure") == (policy > capacity)
    assert lines[0].startswith("working-set failure") == (policy < capacity)
    assert lines[0].startswith("policy and working-set failure alike") == (policy == capacity > 0)
    if capacity or policy:
        assert lines[0].endswith(f"first uses: {compulsory:,}.")
    assert min(table) >= 0
    assert ("are not counted" in lines[2]) == (warmup > 0)
    assert any("losing nothing" in line for line in lines) == (policy == 0)
    stream = made.requests(semantics="atomic" if atomic else "sequential").stream.tolist()
    since = warmup * layers * width
    assert compulsory == len(set(stream[since:]) - set(stream[:since]))


def test_a_loss_that_is_none_in_all() -> None:
    """MRU and OPT miss equally often, but not in the same layers: no layer is shown as the one where MRU loses."""
    made = synthetic(3, 3, 5, rng=np.random.default_rng(7))
    found = explain(made, 4, "mru")
    assert found.loss.policy == 0
    assert [layer.loss.policy for layer in found.layers] == [-1, 0, 1]
    assert "Where misses are most, mru losing nothing to OPT" in "\n".join(page(found, None))


def test_a_warm_up_that_leaves_no_misses(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "same.npz"
    write_trace(Trace.from_array(np.zeros((9, 2, 1), np.int64)), path)
    assert main(["explain", str(path), "-k", "2", "--warmup", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("no failure: lru at k = 2 misses nothing.\n")
    assert "LRU misses 0 instead of 0, OPT 0 instead of 0" in out
    rows = document(capsys, "measure", path, "-k", 2, "--warmup", 1, "--policy", "lru")["rows"]
    assert [(row["misses"], row["ratio_to_opt"]) for row in rows] == [(0, "1"), (0, "1")]
    rows = document(capsys, "measure", path, "-k", 1, "--warmup", 1, "--policy", "lru")["rows"]
    assert [(row["misses"], row["hit_rate"]) for row in rows] == [(16, 0), (16, 0)]
    assert "fewer than the 9 tokens of phase decode, got 9" in complaint(
        capsys, "explain", path, "-k", 2, "--warmup", 9
    )


def test_the_ratio_to_an_optimum_of_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """a b c, then a b a b: an optimum keeps a and b where the counting begins; FIFO has lost a."""
    path = tmp_path / "t.npz"
    write_trace(Trace.from_array(np.array([0, 1, 2, 2, 2, 1, 2, 1])[:, None, None]), path)
    rows = document(capsys, "measure", path, "-k", 2, "--warmup", 3, "--policy", "mru", "--policy", "lru")[
        "rows"
    ]
    assert {row["policy"]: row["misses"] for row in rows} == {"opt": 0, "mru": 3, "lru": 0}
    assert {row["policy"]: row["ratio_to_opt"] for row in rows} == {"opt": "1", "mru": "inf", "lru": "1"}


def test_sizes_from_the_command_line(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    """--bandwidth without sizes says so; --expert-bytes gives them, one for all layers or one each."""
    words = ["explain", trace, "-k", 5, "--bandwidth", 2]
    assert main([*map(str, words)]) == 0
    said = "the trace names no sizes of its experts; --expert-bytes gives them"
    assert f"At 2 GB/s loading takes: unknown, since {said}" in capsys.readouterr().out
    assert main([*map(str, words), "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == f"layered-paging: warning: --bandwidth: {said}\n"
    assert json.loads(out)["bytes_per_token"] is None
    found = document(capsys, *words, "--expert-bytes", "2MB")
    assert found["bytes_per_token"]["policy"] == pytest.approx(found["misses"] * 2e6 / 40)
    assert found["load_seconds_per_token"]["policy"] == pytest.approx(found["misses"] * 1e-3 / 40)
    each = document(capsys, *words, "--expert-bytes", "1MB,2MB,1MB")
    by_layer = [layer["misses"] for layer in each["layers"]]
    assert each["bytes_per_token"]["policy"] == pytest.approx(
        (by_layer[0] + 2 * by_layer[1] + by_layer[2]) * 1e6 / 40
    )
    slots = document(capsys, "measure", trace, "-k", 5, "--policy", "lru")["rows"]
    sized = document(
        capsys, "measure", trace, "--capacity", "10MB", "--expert-bytes", "2MB", "--policy", "lru"
    )
    assert [row["misses"] for row in sized["rows"]] == [row["misses"] for row in slots]
    assert sized["unit"] == "bytes"
    said = "--capacity needs the sizes of its experts; --expert-bytes gives them"
    assert said in complaint(capsys, "measure", trace, "--capacity", "1MB")
    for size, said in (
        ("1MB,2MB", "expected one, or one for each of 3 layers, got 2"),
        ("many", "--expert-bytes: expected bytes such as 1000000"),
        ("0", "--expert-bytes: expected bytes such as 1000000"),
    ):
        assert said in complaint(capsys, "explain", trace, "-k", 5, "--expert-bytes", size)
    for text in ("prompt", "-1", "1.5", "", "²"):
        assert "--warmup: expected prefill or a number of tokens" in complaint(
            capsys, "explain", trace, "-k", 5, f"--warmup={text}"
        )


def test_what_a_count_leaves_out(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    assert main(["explain", str(trace), "-k", "5"]) == 0
    out = capsys.readouterr().out
    for word in ("is not a time", "overlap", "prefetch", "batch", "differ in size", "knows the future"):
        assert word in out


def test_a_page_of_text(trace: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    plot = tmp_path / "e.png"
    assert main(["explain", str(trace), "-k", "5", "--policy", "mru", "--plot", str(plot)]) == 0
    out = capsys.readouterr().out
    assert out.split("\n")[0].count("failure") == 1
    for name in (*SHARED, "opt"):
        assert f"{name} " in out
    assert plot.read_bytes().startswith(b"\x89PNG")
    assert "MB" not in out  # this trace names no sizes


def test_bytes_and_bandwidth() -> None:
    """Two layers, all misses: 1 + 2 MB per token; at 1 GB/s 3 ms."""
    trace_ = Trace.from_array(
        np.array([[t % 3, t % 3] for t in range(9)]), experts=3, expert_bytes=[10**6, 2 * 10**6]
    )
    found = explain(trace_, 2, "lru")
    assert found.bytes_per_token is not None
    assert found.bytes_per_token[0] == 3 * 10**6
    text = "\n".join(page(found, 1.0))
    assert "lru 3.0 MB" in text
    assert "lru 3.00 ms per token" in text


def test_json(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    found = document(capsys, "explain", trace, "-k", 5)
    assert found["misses"] == sum(found["loss"].values())
    assert len(found["layers"]) == 3
    assert found["regret"]["wrong"] <= found["regret"]["evictions"]
    measured = document(capsys, "measure", trace, "-k", 5)["rows"]
    rates = {row["policy"]: row["hit_rate"] for row in measured}
    assert all(rates[name] == rate for name, rate in found["hit_rates"].items())
    assert json.dumps(found)


def test_a_cache_that_holds_all(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    assert document(capsys, "explain", trace, "-k", 100)["verdict"].startswith("no failure")
    assert main(["explain", str(trace), "-k", "100"]) == 0
    assert "Where misses are most, lru losing nothing to OPT (" in capsys.readouterr().out
    assert main(["explain", str(trace), "-k", "1"]) == 0
    assert "not possible" in capsys.readouterr().out


def test_bad_arguments(capsys: pytest.CaptureFixture[str], trace: Path) -> None:
    for words, said in (
        (["-k", 5, "--bandwidth", 0], "--bandwidth: expected a positive number"),
        (["-k", 5, "--bandwidth", "nan"], "--bandwidth: expected a decimal number such as 25"),
        (["-k", 5, "--latency", 3], "--latency, --compute: expected --bandwidth with them"),
        (["-k", 0], "cache: expected 1 to"),
        (["-k", 5, "--policy", "lruu"], "did you mean 'lru'?"),
        (["-k", 5, "--plot", "x.gif2"], "expected a name that ends in"),
    ):
        assert said in complaint(capsys, "explain", trace, *words)


@real
@pytest.mark.parametrize("engine", ["belady", pytest.param("flow", marks=pytest.mark.slow)])
@pytest.mark.parametrize("name", ["qwen3-30b-a3b", "gemma-4-26b-a4b"])
@pytest.mark.parametrize("warmup", [20, "prefill"])
def test_recorded_traces_after_a_warm_up(warmup: int | Literal["prefill"], name: str, engine: str) -> None:
    """The optimum by Belady's rule and by min-cost flow on the whole sequence; LRU by the last requests of its run."""
    made = read_trace(QWEN.with_name(f"{name}.route.csv"))
    found = explain(made, 288, warmup=warmup)
    requests = made.requests(warmup=warmup)
    instance = Instance(requests.layers, requests.experts, 288)
    assert found.loss.misses - found.loss.policy == opt(instance, requests, engine).cost
    hits = replay(LRU(), instance, requests.warmed(0)).hits
    assert found.loss.misses == int((~hits[requests.warmup :]).sum())
    kind = "policy" if found.loss.policy > found.loss.capacity else "working-set"
    assert found.verdict.startswith(f"{kind} failure")


@real
def test_the_recorded_trace(capsys: pytest.CaptureFixture[str]) -> None:
    """LRU and OPT as measured by the other engines: 26,716 and 16,183 misses at k = 288."""
    found = document(capsys, "explain", QWEN, "-k", 288, "--bandwidth", 2)
    assert found["misses"] == 26_716
    assert found["shared"] == {"lru": 26_716, "opt": 16_183}
    assert found["lru_reaches_opt_at"] > 288
    per_token = found["bytes_per_token"]["policy"]
    assert found["load_seconds_per_token"]["policy"] == pytest.approx(per_token / 2e9)


def test_a_layer_with_nothing_after_the_warm_up() -> None:
    """Three of four tokens are counted, in which layer 1 is not asked for anything."""
    routing = np.array([[0, 0], [1, 0], [0, 0], [1, 0]])
    asked = np.array([[True, True], [True, False], [True, False], [True, False]])
    requests = Trace.from_array(routing, experts=2, asked=asked).requests(warmup=1)
    assert divided_opt(requests, 2) == 3
    assert divided_opt(requests, 4) == 1
