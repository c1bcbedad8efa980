"""Every file that a store names, checked again: its checksum, its proof by the independent verifier, and what it proves."""

from __future__ import annotations

import gzip
import hashlib
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layered_paging.campaign.kinds.kind import Kind
from layered_paging.campaign.reading import read_store
from layered_paging.campaign.store import files_folder

LARGEST_FILE = 1 << 32
"""Bytes of an unpacked file; more is not one of ours."""

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Checked:
    """One file of one task; ``said``: what the verifier says, or what is wrong."""

    task: str
    path: Path
    valid: bool
    said: str

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {"task": self.task, "file": str(self.path), "valid": self.valid, "message": self.said}


def content_checksum(path: Path) -> str | None:
    """SHA-256 of what is packed in a file, in little memory; None if it cannot be unpacked."""
    digest, size = hashlib.sha256(), 0
    try:
        with gzip.open(path) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
                size += len(block)
                if size > LARGEST_FILE:
                    return None
    except (OSError, EOFError, zlib.error):
        return None
    return digest.hexdigest()


def check_file(task: str, path: Path, claim: Mapping[str, Any] | None) -> Checked:
    """``claim``: fields that the certificate must have; None: the file is no certificate."""
    from proofs.certify import certify
    from proofs.verify import load

    if not path.is_file():
        return Checked(task, path, False, "the file is missing")
    if content_checksum(path) != path.name.split(".")[0]:
        return Checked(task, path, False, "the file does not have its checksum: it is damaged")
    if claim is None:
        return Checked(task, path, True, "the file has its checksum")
    found = certify(path)
    if found.valid:
        document = load(str(path))
        for name, value in claim.items():
            if document.get(name) != value:
                said = f"it proves something else: {name} is {document.get(name)!r}, the store says {value!r}"
                return Checked(task, path, False, said)
    return Checked(task, path, found.valid, found.said)


def check_store(
    store: Path,
    kinds: Mapping[str, Kind],
    executor: Executor,
    advance: Callable[[str], None] = lambda _: None,
) -> Iterator[Checked]:
    """All files, in the fixed order. Raises StoreFailed, StoreDamaged."""
    folder = files_folder(store)
    futures = []
    for row in read_store(store).rows:
        kind = kinds.get(row.task.kind)
        claims = kind.claims(row.task.parameters, row.result or {}) if kind else {}
        for name, file in sorted(row.files.items()):
            futures.append(
                executor.submit(check_file, f"{row.task}: {name}", folder / file, claims.get(name))
            )
    for future in futures:
        found = future.result()
        advance(found.task)
        yield found
