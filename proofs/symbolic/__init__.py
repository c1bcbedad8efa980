"""The algebra on which the notes rest, checked with SymPy; `run_all` is the way in."""

from proofs.symbolic.checks import CHECKS, run_all
from proofs.symbolic.model import Outcome, SymbolicCheck, Table
from proofs.symbolic.table import TABLE

__all__ = ["CHECKS", "TABLE", "Outcome", "SymbolicCheck", "Table", "run_all"]
