"""Long calls of compiled kernels and of solvers, which Ctrl-C ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread, current_thread, main_thread
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T")

Stop = NDArray[np.bool_]
"""One flag, which a kernel looks at now and then: once it is set the kernel returns soon, whatever it has."""


def stoppable(kernel: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``kernel(*arguments, stop)``, compiled with ``nogil``; what interrupts the caller sets the flag."""
    stop = np.zeros(1, np.bool_)
    return interruptible(lambda: kernel(*arguments, stop), lambda: stop.fill(True))


def interruptible(call: Callable[[], T], stop: Callable[[], None]) -> T:
    """The result of ``call()``; what interrupts the caller, such as KeyboardInterrupt, is raised once ``stop()`` has ended it.

    Python hears a signal between two steps of its own, in the main thread, and a library in C may lose what is raised
    there. So the call, which must not hold the interpreter, runs in another thread.
    """
    if current_thread() is not main_thread():
        return call()
    result: Future[T] = Future()

    def run() -> None:
        try:
            result.set_result(call())
        except BaseException as error:  # the caller's to handle
            result.set_exception(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    try:
        return result.result()
    finally:
        stop()
        thread.join()
