"""Work in a process of its own: its seconds and its peak memory."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Measured(Generic[T]):
    """``peak`` in MiB, the imported libraries included."""

    value: T
    seconds: float
    peak: float


def isolated(work: Callable[..., T], *arguments: object) -> Measured[T]:
    """Run it once in a fork of this process."""
    with ProcessPoolExecutor(1, get_context("fork")) as executor:
        return executor.submit(_measured, work, arguments).result()


def _measured(work: Callable[..., T], arguments: tuple[object, ...]) -> Measured[T]:
    begin = time.perf_counter()
    value = work(*arguments)
    seconds = time.perf_counter() - begin
    return Measured(value, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
