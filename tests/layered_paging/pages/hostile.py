"""Names that would do something if a page read them as markup, and a trace and a policy that bear them."""

from __future__ import annotations

from pathlib import Path

from paging.traces.formats import write_trace
from paging.traces.trace import Trace

NAME = "</script><script>document.title='had'</script><img src=x onerror=alert(1)>\"'`&amp;\n\u202e\x07"
"""The slash makes a folder of what stands before it."""

POLICY = """\
from layered_paging import Policy

class Lowest(Policy):
    def victim(self, page, candidates):
        return min(candidates)
"""


def hostile_files(folder: Path, trace: Trace) -> tuple[Path, str]:
    """The trace under the hostile name, and a policy as FILE.py:CLASS under another one."""
    path = folder / f"{NAME}.trace"
    path.parent.mkdir(parents=True)
    write_trace(trace, path)
    policy = folder / f"{NAME}.py"
    policy.write_text(POLICY)
    return path, f"{policy}:Lowest"
