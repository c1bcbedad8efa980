"""The pages of the site that are not text: the atlas, the games, the pictures, and the certificates that they offer."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import proofs
from layered_paging.pages.atlas import atlas_page
from layered_paging.pages.notes import CERTIFICATES
from layered_paging.pages.pictures import pictures_page
from layered_paging.pages.play import play_page
from layered_paging.pages.saving import save

PAGES: Mapping[str, Callable[[], str]] = {
    "atlas.html": atlas_page,
    "play.html": play_page,
    "pictures.html": pictures_page,
}


def write_site(folder: Path) -> None:
    """Write all of them into ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
        save(make(), folder / name)
    shutil.copytree(Path(proofs.__file__).parent / "atlas", folder / CERTIFICATES, dirs_exist_ok=True)
