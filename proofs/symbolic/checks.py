"""All symbolic checks; the command line, the tests and the notes refer to them by id."""

from __future__ import annotations

from proofs.symbolic.additive import ADDITIVE
from proofs.symbolic.closed import CLOSED
from proofs.symbolic.counting import COUNTING
from proofs.symbolic.model import Outcome, SymbolicCheck, Table
from proofs.symbolic.order import ORDER
from proofs.symbolic.table import TABLE

CHECKS: tuple[SymbolicCheck, ...] = (*COUNTING, *ADDITIVE, *ORDER, *CLOSED)


def run_all(table: Table = TABLE) -> tuple[Outcome, ...]:
    """Run every check on the formulas and constants of ``table``, in the order of CHECKS."""
    return tuple(Outcome(check.id, check.statement, check.kind, bool(check.run(table))) for check in CHECKS)
