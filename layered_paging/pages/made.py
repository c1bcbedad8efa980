"""How a page was made, for someone who wants to make it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from layered_paging.pages.escaping import escaped
from layered_paging.release import number
from paging.traces.trace import Trace


@dataclass(frozen=True, slots=True)
class Made:
    """``command``: the words of the command line, without the program. ``trace``: the name that was given for it."""

    command: Sequence[str]
    trace: str
    checksum: str
    shape: tuple[int, int, int]

    @classmethod
    def of(cls, command: Sequence[str], name: str, trace: Trace) -> Made:
        """From the trace that was read from ``name``."""
        return cls(command, name, trace.checksum, (trace.layers, trace.experts, trace.width))

    def section(self) -> str:
        """HTML."""
        layers, experts, width = self.shape
        rows = {
            "command": f"<code>{escaped(shlex.join(['layered-paging', *self.command]))}</code>",
            "version": f"layered-paging {escaped(number())}",
            "trace": f"{escaped(self.trace)}: {layers} layers × {experts} experts, {width} per token",
            "its SHA-256, unpacked": f"<code>{escaped(self.checksum)}</code>",
        }
        return (
            '<section aria-labelledby="made"><h2 id="made">How this page was made</h2><dl>'
            + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows.items())
            + "</dl></section>"
        )
