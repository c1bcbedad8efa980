"""The symbolic checks hold for the stated formulas, and fail for wrong ones."""

from __future__ import annotations

import pytest
import sympy

from bounds.theorems.symbols import H, Y, h, k, l, n
from proofs.symbolic import CHECKS, TABLE, Table, run_all
from proofs.symbolic.tools import a, b, nonnegative

N = l * sympy.ceiling((k + 1) / l)


BY_ID = {check.id: check for check in CHECKS}


def table(formulas: dict[str, sympy.Expr], constants: dict[str, sympy.Expr] | None = None) -> Table:
    """The table of the theorems, with some entries changed."""
    return Table({**TABLE.formulas, **formulas}, {**TABLE.constants, **(constants or {})})


def test_all_hold() -> None:
    outcomes = run_all()
    assert {outcome.id for outcome in outcomes if not outcome.ok} == set()
    assert len({check.id for check in CHECKS}) == len(CHECKS) == len(outcomes)


def test_what_is_only_evaluated_is_labelled() -> None:
    assert {check.id for check in CHECKS if check.kind == "checked"} == {
        "uniform-below-randomized",
        "uniform-above-paper",
        "uniform-one-layer",
    }
    document = run_all()[0].to_dict()
    assert document == {
        "id": CHECKS[0].id,
        "statement": CHECKS[0].statement,
        "kind": "proved",
        "ok": True,
    }


@pytest.mark.parametrize(
    ("theorem", "wrong", "caught_by"),
    [
        ("lru-upper", k - 1, "lru-additive"),
        ("lru-upper", k - 1, "order-lru"),
        ("lru-cycle-lower", (N - k) / N, "cycle-share"),
        ("lru-cycle-lower", N / (N - k), "cycle-shortest"),
        ("lru-lower", k + 1, "cycle-shortest"),
        ("deterministic-lower", k, "windows"),
        ("deterministic-lower", k + l, "order-lru-upper"),
        ("deterministic-lower", k + l, "order-one-slot-partition-upper"),
        ("augmented-upper", k / (k - h + 2), "augmented-additive"),
        ("augmented-upper", (k + 1) / (k - h + 1), "limit-augmented"),
        ("llru-upper", k / (k - h + 1), "llru-additive"),
        ("llru-upper", (k + l) / (k - h + 1), "llru-misses"),
        ("llru-upper", (k + l) / (k - h + 1), "limit-one-layer"),
        ("one-slot-partition-upper", sympy.Integer(1), "one-slot-additive"),
        ("guided-upper", k - 1, "guided-additive"),
        ("fifo-lower", k - 1, "closed-fifo"),
        ("lru-value-lower", k, "closed-lru"),
        ("lru-value-upper", 2 * (k - l), "lru-value-additive"),
        ("llru-lower", k + l, "closed-llru"),
        ("one-token-lower", sympy.Integer(2), "closed-one-token"),
        ("one-token-upper", 2 - 1 / (l + 1), "closed-one-token"),
        ("guided-far-upper", k - l + 1, "closed-guided-far"),
        ("guided-keep-upper", k - l + 1, "closed-guided-keep"),
        ("keep-upper", k - l, "keep-upper-additive"),
        ("marker-upper", H(k), "marker-many"),
        ("marker-upper", H(k) - 1, "marker-one"),
        ("marker-upper", H(k) - 1, "order-marker"),
        ("marker-upper", 2 * H(k) - 2, "marker-ends"),
        ("randomized-upper", H(k) - 1, "online-min-growth"),
        ("randomized-upper", H(k - l), "order-one-layer"),
        ("randomized-one-layer-lower", H(k - l + 2), "one-layer-phase"),
        ("randomized-one-layer-lower", H(k - l + 2), "one-layer-is-paging"),
        ("randomized-uniform-lower", Y(l, n) + 1, "uniform-below-randomized"),
        ("randomized-uniform-lower", Y(l, n) + 1, "uniform-one-layer"),
        ("randomized-lower", H(n) + sympy.Rational(1, 100), "uniform-above-paper"),
    ],
)
def test_planted_wrong_formulas_fail(theorem: str, wrong: sympy.Expr, caught_by: str) -> None:
    assert not BY_ID[caught_by].run(table({theorem: wrong}))


@pytest.mark.parametrize("theorem", sorted(TABLE.formulas))
def test_every_formula_is_pinned_from_above(theorem: str) -> None:
    changed = table({theorem: TABLE.formulas[theorem] + 1})
    assert not all(check.run(changed) for check in CHECKS)


@pytest.mark.parametrize(
    ("theorem", "wrong", "caught_by"),
    [
        ("lru-upper", sympy.Integer(-1), "lru-additive"),
        ("augmented-upper", sympy.Integer(-1), "augmented-additive"),
        ("llru-upper", -l, "llru-additive"),
        ("one-slot-partition-upper", -l - 1, "one-slot-additive"),
        ("guided-upper", sympy.Integer(-1), "guided-additive"),
        ("marker-upper", sympy.Integer(-1), "marker-ends"),
        ("randomized-upper", sympy.Integer(-1), "online-min-growth"),
        ("deterministic-lower", k - l - 1, "window-constant"),
        ("randomized-uniform-lower", Y(l, n), "wald"),
    ],
)
def test_planted_wrong_constants_fail(theorem: str, wrong: sympy.Expr, caught_by: str) -> None:
    assert not BY_ID[caught_by].run(table({}, {theorem: wrong}))


def test_sign_certificates() -> None:
    assert nonnegative((1 + a * b) / (2 + a))
    assert nonnegative((-1 - a) / (-2 - a))
    assert nonnegative(sympy.Integer(0))
    assert not nonnegative(a - b)
    assert not nonnegative(1 / (a - 1))
    assert not nonnegative(sympy.Rational(-1, 7))
    assert not nonnegative(H(a + 1))  # true, but not by this certificate
