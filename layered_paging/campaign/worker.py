"""What a worker does with a task. Calls and answers are plain dicts: they are understood across versions, too."""

from __future__ import annotations

import gzip
import hashlib
import os
import resource
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from layered_paging.campaign.kinds.kind import Outcome
from layered_paging.campaign.task import Parameters, canonical
from layered_paging.campaign.version import package_version
from paging.interruption import interrupted

Run = Callable[[Parameters, int], Outcome]
Answer = dict[str, Any]

LONGEST_ERROR = 2000


def perform(run: Run, call: dict[str, Any]) -> Answer:
    """Compute, unless this worker has another version than the ``call``, which holds parameters, seed and version.

    The answer holds worker, package, seconds, peak and either result (canonical JSON) and files (name -> file name and packed
    content), or error, or refused.
    """
    answer: Answer = {"worker": f"{socket.gethostname()}:{os.getpid()}", "package": package_version()}
    if call["version"] != answer["package"]:
        return answer | {"refused": True}
    forget_peak()
    begin = time.perf_counter()
    try:
        outcome = run(call["parameters"], call["seed"])
        answer["result"] = canonical(outcome.result)
        answer["files"] = {name: pack(name, content) for name, content in outcome.files.items()}
    except (Exception, MemoryError) as error:
        if interrupted(error):
            raise KeyboardInterrupt from None
        said = f"{type(error).__name__}: {' '.join(str(error).split())}"
        answer["error"] = said[:LONGEST_ERROR]
    return answer | {"seconds": time.perf_counter() - begin, "peak": peak()}


def pack(name: str, content: bytes) -> tuple[str, bytes]:
    """The name under which a file is kept, which begins with the SHA-256 of its content; and the packed content."""
    return kept_name(name, hashlib.sha256(content).hexdigest()), gzip.compress(content, mtime=0)


def kept_name(name: str, checksum: str) -> str:
    """Under which the file of a task is kept."""
    return checksum + "".join(Path(name).suffixes) + ".gz"


def forget_peak() -> None:
    """A worker does many tasks; Linux can forget the peak of those before."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def peak() -> int:
    """Largest resident memory, in bytes."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
