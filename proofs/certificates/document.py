"""What all certificates have in common, and how they are written; proofs/certificates.md documents the fields."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path
from typing import Any, TypeAlias

from paging.exact import Value, exact
from paging.files import write_atomically
from paging.model import Instance
from proofs.verify import FEWER, FORMAT, VERSION

Document: TypeAlias = dict[str, Any]

LARGE = 100_000
"""Bytes from which on a certificate is packed."""


def document(kind: str, instance: Instance, ratio: Value, optimum: int, **fields: object) -> Document:
    """A certificate; ``optimum``: the slots of OPT, named only where they are fewer than those of the policy."""
    fewer = {} if optimum == instance.cache else {FEWER: optimum}
    return {
        "format": FORMAT,
        "version": VERSION,
        "kind": kind,
        "layers": instance.layers,
        "experts": instance.experts,
        "cache": instance.cache,
        "ratio": exact(ratio),
        **fewer,
        **fields,
    }


def encode(certificate: Document) -> bytes:
    """Equal certificates, equal bytes."""
    return json.dumps(certificate, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def checksum(certificate: Document) -> str:
    """SHA-256 of the unpacked content."""
    return hashlib.sha256(encode(certificate)).hexdigest()


def write_certificate(certificate: Document, path: str | Path) -> None:
    """Write it; packed with gzip when the name ends in .gz or the content is large. Raises InvalidArgument."""
    content = encode(certificate)
    if Path(path).suffix == ".gz" or len(content) > LARGE:
        content = gzip.compress(content, mtime=0)
    write_atomically(path, content)
