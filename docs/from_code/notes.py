"""The pages of proofs/ are read where they stand: docs/proofs is a symbolic link. MyST looks for the target of a Markdown link
behind the symbolic link and does not find it, so such links become {doc} roles.
"""

from __future__ import annotations

import re

from sphinx.application import Sphinx

FOLDER = "proofs/"
HEAD = re.compile(r"\n(?=\*\*(?:Tag|Statement|Needs|Constant)[:.]\*\*)")
INSIDE = re.compile(r"\[([^\]]+)\]\(([\w/-]+)\.md\)")
FROM_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+(proofs/[\w/-]+)\.md\)")


def adapt(_app: Sphinx, document: str, source: list[str]) -> None:
    """Rewrite the links to pages of proofs/; break the line before **Tag:**, **Statement.**, ... of a note."""
    if document.startswith(FOLDER):
        source[0] = INSIDE.sub(r"{doc}`\1 <\2>`", HEAD.sub("\\\\\n", source[0]))
    else:
        source[0] = FROM_OUTSIDE.sub(r"{doc}`\1 </\2>`", source[0])
