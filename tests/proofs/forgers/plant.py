"""The verifier with a fault planted: one of its checks removed, or a formula changed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable
from itertools import count
from types import ModuleType
from typing import Any

NUMBER = count()


def needs(source: str) -> list[tuple[str, ast.Expr]]:
    """The calls of ``need`` in the order of the file, with the name of the check."""
    result = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            if isinstance(call.func, ast.Name) and call.func.id == "need":
                result.append((str(ast.literal_eval(call.args[1])), node))
    return sorted(result, key=lambda entry: entry[1].lineno)


def without(source: str, nodes: list[ast.Expr]) -> str:
    """The source without some statements."""
    lines = source.splitlines()
    for node in nodes:
        first, last = node.lineno - 1, node.end_lineno or node.lineno
        lines[first:last] = [" " * node.col_offset + "pass", *[""] * (last - first - 1)]
    return "\n".join(lines)


def checks(source: str) -> dict[str, str]:
    """Sources with one call of ``need`` removed, "M2.1" the first of name M2; "M2" all of that name if there are several."""
    result, found = dict[str, str](), needs(source)
    for name in sorted({name for name, _ in found}):
        nodes = [node for other, node in found if other == name]
        for number, node in enumerate(nodes, 1):
            result[f"{name}.{number}"] = without(source, [node])
        if len(nodes) > 1:
            result[name] = without(source, nodes)
    return result


def changed(source: str, old: str, new: str) -> str:
    """The source with the one place of ``old`` changed."""
    assert source.count(old) == 1, f"{old}: expected once in the verifier, found {source.count(old)} times"
    return source.replace(old, new)


def module(source: str) -> ModuleType:
    result = ModuleType(f"planted_{next(NUMBER)}")
    sys.modules[result.__name__] = result  # for its dataclasses
    exec(compile(source, result.__name__, "exec"), result.__dict__)
    return result


def acceptor(verifier: Any) -> Callable[[Any], bool]:
    """Whether a verifier accepts a document; one that fails otherwise does not."""

    def accepts(c: Any) -> bool:
        try:
            verifier.verify(c)
        except Exception:
            return False
        return True

    return accepts
