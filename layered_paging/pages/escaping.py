"""What comes from outside (names of files, of policies, commands) is shown as text, never read as markup."""

from __future__ import annotations

import html
import json
from typing import Any


def visible(text: str) -> str:
    """The same, where everything that would not be seen (line ends, controls, directions of writing, halves of characters) is
    written as Python writes it: ``\\n``, ``\\x00``, ``\\u202e``."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def escaped(text: str) -> str:
    """For the text or a quoted attribute of an element."""
    return html.escape(visible(text), quote=True)


def embedded(data: Any) -> str:
    """JSON that may stand in a script element: nothing in it can end the element, or begin a comment."""
    text = json.dumps(data, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
