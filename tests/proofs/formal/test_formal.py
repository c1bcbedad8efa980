"""The proofs in Coq compile, rest on nothing but Coq, and prove what the pages say they prove."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bounds.theorems.registry import THEOREMS

ROOT = Path(__file__).parents[3]
FORMAL = ROOT / "proofs" / "formal"
ATLAS = ROOT / "proofs" / "atlas"
CLOSED = "Closed under the global context"

needs_coq = pytest.mark.skipif(
    shutil.which("coqc") is None, reason="coqc is not installed: make formal does it"
)

HOLES = re.compile(
    r"\b(Admitted|admit|give_up|Axioms?|Parameters?|Conjectures?|Primitive|Unset|bypass_check|Declare ML)\b"
)
"""Words that let a proof rest on something unproved, or switch off a check of Coq's."""


def without_comments(text: str) -> str:
    """The text without (* ... *), which may be nested."""
    found, depth = [], 0
    for piece in re.split(r"(\(\*|\*\))", text):
        depth += {"(*": 1, "*)": -1}.get(piece, 0)
        if depth == 0 and piece != "*)":
            found.append(piece)
    return "".join(found)


def sources() -> list[Path]:
    return sorted(FORMAL.glob("*.v"))


def theorems(text: str) -> list[str]:
    """The theorems of Theorems.v, by name, in order."""
    return re.findall(r"^Theorem (\w+)", without_comments(text), re.MULTILINE)


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([folder / "build"], capture_output=True, text=True, check=False)


@needs_coq
def test_every_theorem_rests_on_coq_alone() -> None:
    done = build(FORMAL)
    assert done.returncode == 0, done.stderr
    names = theorems((FORMAL / "Theorems.v").read_text(encoding="utf-8"))
    assert names
    *answers, certificates = done.stdout.splitlines()
    assert answers == [f"{name}: {CLOSED}" for name in names]
    assert certificates == f"certificates of the atlas: {len(list(ATLAS.glob('*.json.gz')))} proved"


def test_every_file_is_compiled() -> None:
    listed = (FORMAL / "_CoqProject").read_text().split()[3:]
    assert sorted(listed) == [path.name for path in sources()]
    assert listed[0] == "Model.v"
    assert listed[-1] == "Theorems.v"


@pytest.mark.parametrize(
    ("name", "more"), [("Model.v", {"Notation", "Inductive"}), ("RandomModel.v", set[str]())]
)
def test_the_model_holds_definitions_only(name: str, more: set[str]) -> None:
    text = without_comments((FORMAL / name).read_text(encoding="utf-8"))
    kinds = set(re.findall(r"^(\w+)", text, re.MULTILINE))
    assert kinds == {"From", "Import", "Definition", "Fixpoint"} | more


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_no_holes(path: Path) -> None:
    assert HOLES.findall(without_comments(path.read_text(encoding="utf-8"))) == []


def test_a_hole_is_seen() -> None:
    for hole in ("Admitted.", "  admit.", "Axiom a : False.", "Unset Guard Checking."):
        assert HOLES.search(without_comments(f"(* Axiom (* nested *) *) Lemma x : True. {hole}"))
    assert not HOLES.search(without_comments("(* Axiom (* Admitted *) *) Lemma administered : True."))


@needs_coq
@pytest.mark.parametrize(
    ("planted", "message"),
    [
        (
            "Axiom a : False.\nTheorem t : 1 = 2.\nProof. destruct a. Qed.\nPrint Assumptions t.",
            "rests on more",
        ),
        ("Theorem t : 1 = 2.\nProof. Admitted.\nPrint Assumptions t.", "rests on more"),
        ("Theorem t : 1 = 2.\nProof. reflexivity. Qed.\nPrint Assumptions t.", "Unable to unify"),
    ],
)
def test_a_planted_fault_is_found(planted: str, message: str, tmp_path: Path) -> None:
    folder = tmp_path / "proofs" / "formal"
    folder.mkdir(parents=True)
    shutil.copy(FORMAL / "build", folder)
    (folder / "_CoqProject").write_text("-Q . LayeredPaging\nTheorems.v\n")
    (folder / "Theorems.v").write_text(planted + "\n")
    done = build(folder)
    assert done.returncode != 0
    assert message in done.stderr


def said(text: str) -> list[tuple[str, str, str]]:
    """Of each theorem of Theorems.v its name, what its comment says, and the file that proves it."""
    found = []
    for words, name, proof in re.findall(
        r"\(\*\* (?!\*)((?:(?!\*\)).)*?) \*\)\nTheorem (\w+).*?Proof\.(.*?)Qed\.", text, re.DOTALL
    ):
        (file,) = set(re.findall(r"\b([A-Z]\w+)\.\w", proof))
        found.append((name, " ".join(words.split()).rstrip("."), f"{file}.v"))
    return found


def test_the_page_says_what_is_proved() -> None:
    text = (FORMAL / "Theorems.v").read_text(encoding="utf-8")
    page = (ROOT / "docs" / "theory" / "formal.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*) \| `(\w+\.v)` \|$", page, re.MULTILINE)
    assert rows == said(text)
    assert [name for name, _, _ in rows] == theorems(text) != []
    assert re.findall(r"^Print Assumptions (\w+)\.", text, re.MULTILINE) == theorems(text)


def test_a_theorem_is_machine_checked_where_it_says_so() -> None:
    names = set(theorems((FORMAL / "Theorems.v").read_text(encoding="utf-8")))
    tagged = [theorem for theorem in THEOREMS.values() if theorem.formal]
    assert tagged
    for theorem in tagged:
        assert set(theorem.formal) <= names, theorem.id
        note = (ROOT / "proofs" / "notes" / f"{theorem.id}.md").read_text(encoding="utf-8")
        (tag,) = re.findall(r"^\*\*Tag:\*\* .*; `machine-checked`: (.*)$", note, re.MULTILINE)
        assert set(re.findall(r"`(\w+)`", tag)) == set(theorem.formal), theorem.id
    for theorem in set(THEOREMS.values()) - set(tagged):
        note = (ROOT / "proofs" / "notes" / f"{theorem.id}.md").read_text(encoding="utf-8")
        assert "machine-checked" not in note, theorem.id
