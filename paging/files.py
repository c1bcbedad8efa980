"""Files are written under a temporary name beside their place and renamed: nobody sees half a file."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from paging.errors import InvalidArgument


def write_atomically(path: str | Path, content: bytes, durable: bool = False) -> None:
    """Write ``content`` to ``path``; on any failure what was there before is still there.

    ``durable``: it is on the disk, not only in the system's memory, when this returns.

    Raises InvalidArgument when the folder does not exist or cannot be written to.
    """
    target = Path(path)
    handle, temporary = _open_beside(target)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            os.fchmod(stream.fileno(), 0o644)
            if durable:
                stream.flush()
                os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except OSError as error:
        raise InvalidArgument(f"{target}: cannot be written: {error.strerror}") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def check_folder(path: str | Path) -> None:
    """Raise InvalidArgument unless a file can be put there; to be asked before long work, not after."""
    handle, temporary = _open_beside(Path(path))
    os.close(handle)
    Path(temporary).unlink()


def _open_beside(target: Path) -> tuple[int, str]:
    """A new file in the same folder: its descriptor, its name."""
    if not target.parent.is_dir():
        raise InvalidArgument(f"{target}: the folder {target.parent} does not exist")
    if target.is_dir():
        raise InvalidArgument(f"{target}: expected a file, this is a folder")
    try:
        return tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise InvalidArgument(f"{target}: cannot be written: {error.strerror}") from None
