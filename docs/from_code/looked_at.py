"""The pages to look at (atlas, games, pictures) are written beside the text when the site has been built."""

from __future__ import annotations

from pathlib import Path

from sphinx.application import Sphinx

from layered_paging.pages.site import write_site

FOLDER = "pages"


def write_pages(app: Sphinx, exception: Exception | None) -> None:
    """Into the folder FOLDER of the site; only for a site about this project, and not after a failure."""
    if exception is None and app.builder.format == "html" and (Path(app.srcdir) / "howto").is_dir():
        write_site(Path(app.outdir) / FOLDER)
