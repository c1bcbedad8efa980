"""How an interruption is told from an error."""

from __future__ import annotations


def interrupted(error: BaseException) -> bool:
    """Whether this is Ctrl-C: itself, or within the SystemErrors, one or several, that an interrupted kernel raises."""
    while isinstance(error, SystemError) and error.__cause__ is not None:
        error = error.__cause__
    return isinstance(error, KeyboardInterrupt)
