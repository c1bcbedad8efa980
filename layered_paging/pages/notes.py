"""Where the pages of the site find each other."""

from __future__ import annotations

from paging.model import Instance

MOST_PLAYED = 6
"""Instances of so many pages can be played."""

CERTIFICATES = "certificates"
"""The folder of the atlas's certificates, beside the pages."""

PLACES = {
    "../index.html": "layered-paging",
    "atlas.html": "atlas",
    "play.html": "play",
    "pictures.html": "adversaries",
}


def navigation(here: str) -> str:
    """HTML: links to the others."""
    links = " · ".join(f'<a href="{place}">{words}</a>' for place, words in PLACES.items() if place != here)
    return f'<nav class="kind" aria-label="pages">{links}</nav>'


def address(instance: Instance) -> str:
    """The fragment by which a cell of the atlas, and its games, are cited."""
    return f"{instance.layers}-{instance.experts}-{instance.cache}"


def note(theorem: str) -> str:
    """The address of the note that proves a theorem."""
    return f"../proofs/notes/{theorem}.html"
