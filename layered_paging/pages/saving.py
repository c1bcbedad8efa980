"""A page in a file."""

from __future__ import annotations

from pathlib import Path

from paging.errors import InvalidArgument
from paging.files import check_folder, write_atomically

SUFFIXES = (".html", ".htm")


def check_page(path: Path) -> None:
    """Raise InvalidArgument for a folder that does not exist or an ending that no browser opens."""
    check_folder(path)
    if path.suffix not in SUFFIXES:
        raise InvalidArgument(f"{path}: expected a name that ends in {' or '.join(SUFFIXES)}")


def save(page: str, path: Path) -> None:
    """Write it. Raises InvalidArgument."""
    write_atomically(path, page.encode())
