"""All cores for independent calls of compiled kernels."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager


@contextmanager
def all_cores() -> Iterator[Executor]:
    """A thread per core: nothing is copied, and kernels compiled with ``nogil`` run at the same time.

    What has not begun when the block is left, by an error or Ctrl-C, is dropped; what runs is waited for.
    """
    executor = ThreadPoolExecutor(os.cpu_count())
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)
