"""Where compiled kernels are kept: a folder for every state of their sources.

numba keeps what it compiles, and compiles again when the kernel's own file has changed. It does not look at the kernels of
other files that were compiled into it: after an edit the old rule would go on. Hence the folder is named by a checksum
of the sources of all kernels, which compile nothing else of ours (a rule of the house).
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[1]

SOURCES = ("paging/kernels", "bounds/exact/kernels", "bounds/search/kernels")
"""All folders of kernels, below ``ROOT``."""

NAME = "layered-paging-kernels-"
KEPT = 4
"""So many states are kept beside each other, for going to and fro between branches."""


@cache
def store(source: str, chosen: str) -> Path | None:
    """The folder for the kernels of the file ``source``, which has just been read, or below ``chosen``, if the user has chosen.

    None: keep nothing. There is no place for it, or ``source`` is none of the sources, or they have changed since
    this process read the first of them: what it compiles now may be a mixture.
    """
    state, stamps = checksum(), _stamps()
    return _folder(chosen, state) if source in stamps and stamps == _first_stamps() else None


@cache
def checksum() -> str:
    """Of the sources of all kernels, as they were when this process read the first of them."""
    _first_stamps()
    whole = sha256()
    for path in _paths():
        whole.update(
            f"{os.path.relpath(path, ROOT)}\n{sha256(Path(path).read_bytes()).hexdigest()}\n".encode()
        )
    return whole.hexdigest()[:16]


def _paths() -> Iterator[str]:
    for source in SOURCES:
        for folder, folders, names in os.walk(ROOT / source):
            folders.sort()
            yield from (os.path.join(folder, name) for name in sorted(names) if name.endswith(".py"))


def _stamps() -> dict[str, tuple[int, int]]:
    """Quicker than a checksum."""
    return {path: (status.st_mtime_ns, status.st_size) for path in _paths() if (status := os.stat(path))}


@cache
def _first_stamps() -> dict[str, tuple[int, int]]:
    return _stamps()


@cache
def _folder(chosen: str, state: str) -> Path | None:
    """The first that can be written to."""
    for place in [Path(chosen)] if chosen else [ROOT / "paging" / "__pycache__", *_of_the_user()]:
        folder = place / (NAME + state)
        with suppress(OSError):
            if not folder.is_dir():
                folder.mkdir(parents=True, exist_ok=True)
                _tidy(place, folder)
            tempfile.TemporaryFile(dir=folder).close()
            return folder
    return None


def _of_the_user() -> list[Path]:
    with suppress(RuntimeError):  # there is no home
        return [Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")]
    return []


def _tidy(place: Path, new: Path) -> None:
    """Remove the oldest states. A process that still uses one makes its folder again."""
    others = [path for path in place.glob(NAME + "*") if path != new]
    for path in sorted(others, key=lambda path: path.stat().st_mtime, reverse=True)[KEPT - 1 :]:
        shutil.rmtree(path, ignore_errors=True)
