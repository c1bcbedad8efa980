"""The processes that share the work of one command."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Any, ParamSpec, TypeVar

from paging.announcing import announce_too

P = ParamSpec("P")
T = TypeVar("T")


class InProcess(Executor):
    """Runs each call at once, in this process: for one worker, and for debugging."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Call now; the future is done when it is returned."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def pool(workers: int) -> Iterator[Executor]:
    """An executor with so many processes; on an interruption they are stopped at once."""
    if workers <= 1:
        yield InProcess()
        return
    executor = processes(workers)
    try:
        yield executor
    except BaseException:
        stop([executor])
        raise
    executor.shutdown()


class _Worker(SpawnProcess):
    """Ctrl-C reaches the whole process group, and the parent decides: a worker is deaf to it from its first moment on."""

    def start(self) -> None:
        """What is blocked here stays blocked in the new process."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            super().start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Workers(SpawnContext):
    Process = _Worker


def processes(workers: int) -> ProcessPoolExecutor:
    """So many processes, which do not outlive this one."""
    return ProcessPoolExecutor(workers, _Workers(), initializer=_begin, initargs=(os.getpid(),))


def stop(executors: Sequence[ProcessPoolExecutor]) -> None:
    """Stop them at once, and what they are doing; return when they are gone."""
    # an executor's thread may stumble over futures that were cancelled before, and would print a traceback
    hook, threading.excepthook = threading.excepthook, lambda _: None
    for executor in executors:
        kill(executor)
    for executor in executors:
        executor.shutdown(wait=True, cancel_futures=True)
    threading.excepthook = hook


def kill(executor: ProcessPoolExecutor) -> None:
    """End its processes; what they were doing ends with BrokenProcessPool."""
    for process in list((executor._processes or {}).values()):  # no public way to stop a running call
        process.kill()


def _begin(parent: int) -> None:
    """When the parent dies, nobody wants the results any more. It may have died before this process began: it names itself."""
    threading.Thread(target=_outlive_nobody, args=(parent,), daemon=True).start()
    announce_too()


def _outlive_nobody(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
