"""What a symbolic check is, and what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import sympy

Kind: TypeAlias = Literal["proved", "checked"]


@dataclass(frozen=True, slots=True)
class Table:
    """Formulas and additive constants by theorem id; the checks take nothing else from the theorems."""

    formulas: Mapping[str, sympy.Expr]
    constants: Mapping[str, sympy.Expr]


@dataclass(frozen=True, slots=True)
class SymbolicCheck:
    """``kind``: "proved" for all l, n, k, h by algebra; "checked" is exact evaluation on finitely many instances."""

    id: str
    statement: str
    kind: Kind
    run: Callable[[Table], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A check and whether it held."""

    id: str
    statement: str
    kind: Kind
    ok: bool

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return asdict(self)
