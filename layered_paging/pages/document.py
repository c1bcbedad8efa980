"""One HTML file that needs nothing else: what it shows, data, style and scripts, and a policy that forbids the rest."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from layered_paging.pages.escaping import embedded, escaped


def asset(name: str) -> str:
    """A file of the folder ``assets``."""
    return files("layered_paging.pages").joinpath("assets", name).read_text("utf-8")


def document(title: str, body: str, data: Any, scripts: Sequence[str]) -> str:
    """A page that opens from disk. ``body``: HTML, escaped already. ``data``: for JSON; the scripts find it in the element of
    the id ``data``. ``scripts``: names of assets, run in this order after the body is there.

    The content security policy names the style and the script by their hashes: nothing else runs, nothing is loaded.
    """
    style, script = asset("page.css"), "\n".join(map(asset, ("base.js", *scripts)))
    allowed = f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:"
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{allowed}; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>{escaped(title)}</title>
<style>{style}</style>
</head>
<body>
{body}
<script type="application/json" id="data">{embedded(data)}</script>
<script>{script}</script>
</body>
</html>
"""


def _hash(content: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
