"""Certificates: good ones are accepted, bad ones rejected, and a changed one is accepted only if its claim is true."""

from __future__ import annotations

import ast
import copy
import gzip
import json
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bounds.exact.deterministic import best_deterministic
from bounds.exact.randomized.best import best_randomized
from bounds.exact.ratio import exact_ratio
from paging.errors import InvalidArgument, PreconditionNotMet, UnsupportedProblem
from paging.model import Instance
from paging.policies.mru import MRU
from paging.policies.named import NamedPolicy
from paging.policies.registry import POLICIES
from proofs import verify as verifier
from proofs.certificates import deterministic, policy, randomized
from proofs.certificates.document import LARGE, checksum, encode, write_certificate
from proofs.certify import certify
from proofs.verify import Rejected, verify
from tests.proofs.brute_force import at_most, numbers, repeats

PROOFS = Path(verifier.__file__).parent
Document = dict[str, Any]

MINE = "mine.py:"
"""Before the id of a policy: as if a user had written it, so that nothing but its code is known."""

KINDS = (
    "policy-lower",
    "policy-upper",
    "deterministic-lower",
    "deterministic-upper",
    "randomized-lower",
    "randomized-upper",
)


@cache
def _good(kind: str, numbers: tuple[int, int, int], name: str) -> bytes:
    instance = Instance(*numbers)
    if kind.startswith("policy"):
        mine = name.startswith(MINE)
        made = NamedPolicy(name, POLICIES[name.removeprefix(MINE)].make) if mine else name
        found = exact_ratio(instance, made)
        make = policy.lower_certificate if kind == "policy-lower" else policy.upper_certificate
        return encode(make(found))
    if kind.startswith("deterministic"):
        solution = best_deterministic(instance)
        write = {
            "deterministic-lower": deterministic.lower_certificate,
            "deterministic-upper": deterministic.upper_certificate,
        }
        return encode(write[kind](solution))
    both = best_randomized(instance, 0)
    if kind == "randomized-lower":
        assert both.lower_bound is not None
        return encode(randomized.lower_certificate(both.lower_bound))
    return encode(randomized.upper_certificate(both.upper_bound))  # type: ignore[arg-type]


def good(kind: str, numbers: tuple[int, int, int] = (2, 2, 3), name: str = "guided-far") -> Document:
    result: Document = json.loads(_good(kind, numbers, name))
    return result


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        pytest.param(kind, numbers, marks=pytest.mark.slow)
        if kind.startswith("randomized") and numbers == (3, 2, 3)
        else (kind, numbers)
        for numbers in [(1, 3, 2), (2, 2, 3), (3, 2, 3), (2, 2, 1)]
        for kind in KINDS
    ],
)
def test_good_ones_are_accepted(kind: str, numbers: tuple[int, int, int]) -> None:
    said = verify(good(kind, numbers))
    assert kind in said
    assert ("<=" if kind.endswith("upper") else ">=") in said


@pytest.mark.parametrize(
    "name", ["lru", "fifo", "mru", "flush-when-full", "llru", "guided-far", "guided-lru", "guided-llru"]
)
def test_policies_are_named_and_known_ones_checked(name: str) -> None:
    for kind in ("policy-lower", "policy-upper"):
        if (kind, name) == ("policy-upper", "mru"):
            found = exact_ratio(Instance(2, 2, 3), "mru")
            with pytest.raises(UnsupportedProblem, match="infinite"):
                policy.upper_certificate(found)
            continue
        said = verify(good(kind, (2, 2, 3), name))
        assert ("identity not verified" in said) == (name not in ("lru", "fifo"))
    if name == "mru":
        assert ">= inf" in said


@pytest.mark.parametrize(
    ("name", "numbers", "ratio"),
    [
        (MINE + "lru", (2, 2, 3), "3"),
        (MINE + "fifo", (1, 4, 3), "3"),
        (MINE + "llru", (2, 3, 2), "3/2"),
        (MINE + "flush-when-full", (2, 2, 2), "2"),
        ("lru-dist", (2, 2, 2), "3/2"),
        ("lru-dist", (2, 2, 3), "inf"),
    ],
)
def test_policies_without_a_kernel(name: str, numbers: tuple[int, int, int], ratio: str) -> None:
    """With marks their transducers work up to symmetry; else on real pages, which the field ``start`` tells apart."""
    c = good("policy-lower", numbers, name)
    assert c["ratio"] == ratio
    assert f">= {ratio}" in verify(c)
    assert "identity not verified" in verify(c)
    assert is_true(c)
    if ratio == "inf":
        return
    c = good("policy-upper", numbers, name)
    assert f"<= {ratio}" in verify(c)
    assert is_true(c)
    assert ("start" in c) == (name == "lru-dist")
    if name == "lru-dist":
        del c["start"]
        with pytest.raises(Rejected, match="missing"):
            verify(c)


@pytest.mark.parametrize("name", ["lru", "folder/lru"])
def test_a_name_that_the_verifier_knows_is_that_policy(name: str) -> None:
    """Whatever way another policy comes by the name."""
    found = replace(exact_ratio(Instance(2, 2, 3), "mru"), policy=NamedPolicy(name, MRU))
    for write in (policy.lower_certificate, policy.upper_certificate):
        with pytest.raises(InvalidArgument, match="expected another one"):
            write(found)


def test_lru_is_not_fifo() -> None:
    """The verifier's own rule decides: the cycle against FIFO is not one of LRU at (3,2,4), where their ratios differ."""
    c = good("policy-lower", (3, 2, 4), "fifo")
    assert "4" in verify(c)
    c["policy"] = "lru"
    with pytest.raises(Rejected):
        verify(c)


def put(*path: Any, value: Any) -> Callable[[Document], None]:
    def change(c: Document) -> None:
        here = c
        for key in path[:-1]:
            here = here[key]
        here[path[-1]] = value

    return change


def first_state(change: Callable[[Document, str], None]) -> Callable[[Document], None]:
    return lambda c: change(c, next(iter(c["states"])))


BAD: dict[str, tuple[str, Callable[[Document], Any], str]] = {
    "another format": ("policy-lower", put("format", value="x"), "expected a layered-paging certificate"),
    "another version": ("policy-lower", put("version", value=2), "version 1"),
    "no kind": ("policy-lower", lambda c: c.pop("kind"), "'kind' is missing"),
    "an unknown kind": ("policy-lower", put("kind", value="proof"), "unknown kind"),
    "a larger ratio, policy": ("policy-lower", put("ratio", value="5/2"), "the cycle costs"),
    "a larger ratio, game": ("deterministic-lower", put("ratio", value="5/2"), "the potential is too large"),
    "a larger ratio, chain": ("randomized-lower", put("ratio", value="2"), "the potential is too large"),
    "a smaller ratio, policy": ("policy-upper", put("ratio", value="3/2"), "the potential is too small"),
    "a smaller ratio, game": ("deterministic-upper", put("ratio", value="3/2"), "the potential is too small"),
    "a page that begins in the cache": ("policy-upper", put("start", value=[1, 0, 0, 0]), "tokens: expected"),
    "too few tokens at the start": ("policy-upper", put("start", value=[0]), "tokens: expected"),
    "no eviction from a full cache": (
        "policy-upper",
        lambda c: [
            answer.__setitem__(0, [])
            for row in c["moves"].values()
            for answer in row.values()
            if len(answer[0])
        ],
        "the cache is full: expected a victim",
    ),
    "a smaller ratio, LP": ("randomized-upper", put("ratio", value="3/2"), "the potential is too small"),
    "a float ratio": ("policy-upper", put("ratio", value=2.0), "expected a fraction"),
    "no fraction": ("policy-upper", put("ratio", value="2.0"), "is no fraction"),
    "a huge exponent": ("policy-upper", put("ratio", value="1e999999999"), "is no fraction"),
    "a division by zero": ("policy-upper", put("ratio", value="1/0"), "is no fraction"),
    "zero": ("policy-lower", put("ratio", value="0"), "positive"),
    "an infinite upper bound": ("policy-upper", put("ratio", value="inf"), "is no fraction"),
    "an infinite lower bound": ("policy-lower", put("ratio", value="inf"), "the cycle costs"),
    "an empty cycle": ("policy-lower", put("cycle", value=[]), "the cycle costs|nothing speaks of"),
    "half a cycle": ("policy-lower", lambda c: c["cycle"].pop(), "does not recur|missing|nothing speaks of"),
    "a page of another layer": ("policy-lower", put("cycle", 0, value=3), "not in the layer|missing"),
    "a negative position": ("policy-lower", put("cycle", 0, value=-1), "not in the layer|missing"),
    "no moves": ("policy-upper", lambda c: c.pop("moves"), "'moves' is missing"),
    "a trivial instance": ("policy-upper", put("cache", value=4), "expected 0 < k"),
    "no cache": ("policy-upper", put("cache", value=0), "expected 0 < k"),
    "a huge instance": ("policy-upper", put("experts", value=10**9), "n\\*l <= 4096"),
    "a boolean for a number": ("policy-upper", put("layers", value=True), "expected integers"),
    "another cache size": ("deterministic-upper", put("cache", value=2), "missing"),
    "a missing state": ("deterministic-upper", first_state(lambda c, s: c["states"].pop(s)), "missing"),
    "no states": ("deterministic-lower", lambda c: c.pop("states"), "missing"),
    "states as a list": ("deterministic-lower", put("states", value=[]), "expected an object"),
    "a large potential": (
        "deterministic-lower",
        first_state(lambda c, s: c["states"][s].__setitem__(0, "100")),
        "the potential is too large",
    ),
    "a small potential": (
        "deterministic-upper",
        first_state(lambda c, s: c["states"][s].__setitem__(0, "-100")),
        "the potential is too small",
    ),
    "another probability": (
        "randomized-upper",
        first_state(
            lambda c, s: (
                c["states"][s][1].__setitem__(next(iter(c["states"][s][1])), "1/2")
                if len(c["states"][s][1]) == 1
                else c["states"][s][1].popitem()
            )
        ),
        "not a distribution",
    ),
    "a negative probability": (
        "randomized-upper",
        first_state(lambda c, s: c["states"][s][1].__setitem__("x", "-1")),
        "no text of a cache",
    ),
    "a plan that forgets somebody": (
        "randomized-upper",
        first_state(lambda c, s: next(iter(c["states"][s][2].values())).pop()),
        "some caches go nowhere",
    ),
    "a plan of nothing": (
        "randomized-upper",
        first_state(lambda c, s: next(iter(c["states"][s][2].values()))[0].__setitem__(2, "0")),
        "has not that mass",
    ),
    "a plan to nowhere": (
        "randomized-upper",
        first_state(lambda c, s: next(iter(c["states"][s][2].values()))[0].__setitem__(1, "1.1|2.0")),
        "not a cache",
    ),
    "a chain that lets everybody hit": (
        "randomized-lower",
        lambda c: [weights.clear() or weights.update({"1.0": "1"}) for weights in c["chain"].values()],
        "too large|no such label",
    ),
    "negative weights": (
        "randomized-lower",
        lambda c: [weights.update(dict.fromkeys(weights, "-1")) for weights in c["chain"].values()],
        "bad weights",
    ),
    "weights of no page": (
        "randomized-lower",
        lambda c: [weights.update({"9.0": "1"}) for weights in c["chain"].values()],
        "no such label",
    ),
    "another memory": ("randomized-lower", put("memory", value=2), "missing"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_ones_are_rejected(name: str) -> None:
    kind, change, message = BAD[name]
    c = good(kind)
    verify(copy.deepcopy(c))
    change(c)
    with pytest.raises(Rejected, match=message):
        verify(c)


def test_an_adversary_that_lets_everybody_hit_proves_nothing() -> None:
    """Requests of cached pages alone: all inequalities hold with V = 0, but nobody ever pays."""
    c = good("deterministic-lower", (1, 3, 2))
    case = verifier.Case(c, 1, 3, 2, 2, Fraction(7), work=1000)
    states: dict[str, list[object]] = {}
    state = case.start(full=True)
    while (key := case.text(state)) not in states:
        hit = next(i for i, (_, token) in enumerate(state.labels) if token & 1)
        states[key] = ["0", hit]
        _, _, state = case.serve(state, hit, [])
    c["states"] = states
    c["ratio"] = "7"
    with pytest.raises(Rejected, match="hit for ever"):
        verify(c)


def test_a_chain_in_which_opt_stops_to_grow_proves_nothing() -> None:
    """The newest page again and again: V = 0 fulfils every inequality, whatever the ratio."""
    c = good("randomized-lower", (1, 3, 2))
    case = verifier.Case(c, 1, 3, 2, 2, Fraction(7))
    key = case.text(case.start(full=True))
    c["chain"] = {"1.0 2.0 3.0": {"1.0": "1"}}
    c["states"] = {key: ["0"]}
    c["ratio"] = "7"
    with pytest.raises(Rejected, match="hit for ever"):
        verify(c)


@pytest.mark.parametrize("value", [None, 3, [], "text", {}, {"format": []}])
def test_documents_of_other_shapes(value: Any) -> None:
    with pytest.raises(Rejected):
        verify(value)


@pytest.mark.parametrize("numbers", [(2, 2, 3), (2, 3, 4), (3, 3, 4)])
def test_the_best_guided_policy_is_certified_from_above_only(numbers: tuple[int, int, int]) -> None:
    solution = best_deterministic(Instance(*numbers), guided=True)
    document = json.loads(encode(deterministic.upper_certificate(solution)))
    assert f"ratio <= {solution.ratio}" in verify(document)
    with pytest.raises(PreconditionNotMet, match="got that of the guided ones"):
        deterministic.lower_certificate(solution)


def true_value(kind: str, instance: Instance) -> Fraction:
    if instance.trivial:
        return Fraction(1)
    if kind.startswith("deterministic"):
        return best_deterministic(instance).ratio
    return best_randomized(instance, 0).upper


def is_true(c: Document) -> bool:
    """Whether the claim holds, decided without the verifier: by the solved game, or on real pages."""
    kind = c["kind"]
    instance = Instance(c["layers"], c["experts"], c["cache"])
    if kind == "policy-upper":
        return at_most(c, Fraction(c["ratio"]))
    if kind == "policy-lower":
        played = list(repeats(c, 36))[12:]
        misses, growth = sum(m for m, _ in played), sum(g for _, g in played)
        if c["ratio"] == "inf":
            return misses > 0 == growth
        return misses > 0 and misses >= Fraction(c["ratio"]) * growth
    ratio = Fraction(c["ratio"])
    value = true_value(kind, instance)
    return ratio >= value if kind.endswith("upper") else ratio <= value


def mutate(c: Document, data: st.DataObject) -> None:
    """Change a number, drop an entry, swap two, or change the claim."""
    places = [(here, key) for here, key in numbers(c) if key not in ("format", "version")]
    here, key = data.draw(st.sampled_from(places))
    value = here[key]
    action = data.draw(st.sampled_from(["change", "drop", "swap", "claim"]))
    if action == "claim":
        assume(isinstance(c.get("ratio"), str) and re.fullmatch(r"-?\d+(/[1-9]\d*)?", c["ratio"]))
        step = data.draw(st.sampled_from(["1/2", "-1/2", "1/100", "-1/100"]))
        c["ratio"] = str(Fraction(c["ratio"]) + Fraction(step))
    elif action == "drop":
        del here[key]
    elif action == "swap":
        other, name = data.draw(st.sampled_from(places))
        assume(not isinstance(value, (dict, list)) and not isinstance(other[name], (dict, list)))
        here[key], other[name] = other[name], value
    elif isinstance(value, int):
        here[key] = value + data.draw(st.sampled_from([-2, -1, 1, 2]))
    elif isinstance(value, str):
        try:
            here[key] = str(Fraction(value) + Fraction(data.draw(st.sampled_from(["-1", "1", "1/3"]))))
        except ValueError:
            here[key] = value + data.draw(st.sampled_from([" ", "0", "x"]))
    elif isinstance(value, list):
        here[key] = value[::-1]
    else:
        assume(False)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_a_mutant_is_accepted_only_if_it_is_true(kind: str, data: st.DataObject) -> None:
    numbers_ = data.draw(st.sampled_from([(2, 2, 3), (1, 3, 2)]))
    name = data.draw(st.sampled_from(["guided-far", MINE + "lru"])) if kind.startswith("policy") else ""
    c = good(kind, numbers_, name)
    for _ in range(data.draw(st.integers(1, 2))):
        mutate(c, data)
    try:
        verify(copy.deepcopy(c))
    except Rejected:
        return
    assert is_true(c)


def test_the_brute_force_sees_faults() -> None:
    """Otherwise the test above could not fail."""
    for kind, worse in (
        ("policy-upper", "3/2"),
        ("policy-lower", "5/2"),
        ("deterministic-upper", "3/2"),
        ("deterministic-lower", "5/2"),
        ("randomized-upper", "3/2"),
        ("randomized-lower", "2"),
    ):
        c = good(kind)
        assert is_true(c)
        c["ratio"] = worse
        assert not is_true(c)


def run(*files: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(PROOFS / "verify.py"), *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_verifier_alone(tmp_path: Path) -> None:
    plain, packed, bad = tmp_path / "a.json", tmp_path / "a.json.gz", tmp_path / "bad.json"
    write_certificate(good("deterministic-upper"), plain)
    write_certificate(good("randomized-upper"), packed)
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    done = run(plain, packed)
    assert done.returncode == 0
    assert done.stdout.count("proved") == 2
    c = good("deterministic-upper")
    c["ratio"] = "1"
    write_certificate(c, bad)
    done = run(plain, bad)
    assert done.returncode == 1
    assert "REJECTED" in done.stdout
    assert run().returncode == 1


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"\x1f\x8b",
        gzip.compress(b"{}", mtime=0)[:-3],
        b'{"format": 1, "format": 2}',
        b"[" * 100_000,
        b"{}",
        b"1" * 5000,
    ],
)
def test_broken_files(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    found = certify(path)
    assert not found.valid
    assert found.to_dict()["kind"] is None
    done = run(path)
    assert done.returncode == 1
    assert "REJECTED" in done.stdout
    assert done.stderr == ""


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_truncated_and_flipped_files(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = bytearray(encode(good("deterministic-upper")))
    if data.draw(st.booleans()):
        content = bytearray(gzip.compress(bytes(content), mtime=0))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 3))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path = tmp_path_factory.mktemp("flipped") / "c.json"
    path.write_bytes(bytes(content))
    found = certify(path)
    if found.valid:
        assert is_true(verifier.load(str(path)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgument, match="no such file"):
        certify(tmp_path / "none.json")
    assert "No such file" in run(tmp_path / "none.json").stdout


def test_equal_certificates_have_equal_bytes(tmp_path: Path) -> None:
    c = good("policy-upper")
    assert checksum(c) == checksum(json.loads(encode(c)))
    one, two = tmp_path / "1.json.gz", tmp_path / "2.json.gz"
    write_certificate(c, one)
    write_certificate(json.loads(encode(c)), two)
    assert one.read_bytes() == two.read_bytes()


def test_large_ones_are_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    c = good("policy-upper", (2, 3, 4), "fifo")
    assert LARGE > len(encode(c)) > LARGE / 4
    monkeypatch.setattr("proofs.certificates.document.LARGE", LARGE // 4)
    write_certificate(c, tmp_path / "c.json")
    assert (tmp_path / "c.json").read_bytes()[:2] == b"\x1f\x8b"
    assert certify(tmp_path / "c.json").valid


def test_the_verifier_is_small_and_stands_alone() -> None:
    source = (PROOFS / "verify.py").read_text()
    assert len(source.splitlines()) < 640
    tree = ast.parse(source)
    names = {
        alias.name.split(".")[0]
        for node in ast.walk(tree)
        for alias in (node.names if isinstance(node, ast.Import) else [])
    } | {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= set(sys.stdlib_module_names)


def test_all_kinds_are_documented() -> None:
    text = (PROOFS / "certificates.md").read_text()
    for kind in KINDS:
        assert f"`{kind}`" in text
        for field in good(kind):
            assert f"`{field}`" in text


def test_what_is_quoted_is_cut() -> None:
    document = {"format": "layered-paging certificate", "version": 1, "kind": "[" * 10_000}
    with pytest.raises(Rejected) as caught:
        verify(document)
    assert 0 < len(str(caught.value)) <= 300
