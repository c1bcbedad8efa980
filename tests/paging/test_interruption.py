"""Ctrl-C while a kernel is compiled: LLVM's calls into Python would drop it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from paging.interruption import HeldBack

ROOT = Path(__file__).parents[2]

COMPILES = """
import os, signal, sys
import numpy as np
from llvmlite.binding.executionengine import ExecutionEngine
from paging.kernels.marks import growth

found, times = ExecutionEngine._find_module_ptr, []

def find(self, pointer):
    if sys._getframe(1).f_code.co_name == "_raw_object_cache_notify":
        times.append(1)
        if len(times) == 1:
            os.kill(os.getpid(), signal.SIGINT)
    return found(self, pointer)

def count():
    return int(growth(np.array([0, 2, 1, 3] * 6), 4, 3).sum())

ExecutionEngine._find_module_ptr = find
try:
    count()
except KeyboardInterrupt:
    print("interrupted", bool(times), signal.getsignal(signal.SIGINT) is signal.default_int_handler)
print(count())
"""


def test_it_is_raised_once_nothing_is_half_done(tmp_path: Path) -> None:
    """Within the call that hands over the compiled object; before, the object was lost, and saving it failed."""
    done = subprocess.run(
        [sys.executable, "-c", COMPILES],
        capture_output=True,
        text=True,
        env={**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)},
        cwd=ROOT,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("interrupted True True\n10\n", "")


def test_it_is_raised_at_the_next_look_or_at_the_end() -> None:
    for nested in (1, 2):
        held = HeldBack()
        for _ in range(nested):
            held.begin()
        held.look()
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            held.look()
        held.look()
        signal.raise_signal(signal.SIGINT)
        for _ in range(nested - 1):
            held.end()
        with pytest.raises(KeyboardInterrupt):
            held.end()
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_another_handler_is_left_alone() -> None:
    before, heard = signal.getsignal(signal.SIGINT), list[int]()
    held = HeldBack()
    signal.signal(signal.SIGINT, lambda number, _frame: heard.append(number))
    try:
        held.begin()
        signal.raise_signal(signal.SIGINT)
        held.look()
        held.end()
    finally:
        signal.signal(signal.SIGINT, before)
    assert heard == [signal.SIGINT]
