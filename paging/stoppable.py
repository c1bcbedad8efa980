"""Long calls of compiled kernels, which Ctrl-C ends."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread, current_thread, main_thread
from typing import Any

import numpy as np
from numpy.typing import NDArray

Stop = NDArray[np.bool_]
"""One flag, which a kernel looks at now and then: once it is set the kernel returns soon, whatever it has."""


def stoppable(kernel: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``kernel(*arguments, stop)``; what interrupts the caller, such as KeyboardInterrupt, stops the kernel.

    Python hears a signal between two steps of its own, in the main thread. So the kernel, compiled with ``nogil``, runs in
    another one.
    """
    stop = np.zeros(1, np.bool_)
    if current_thread() is not main_thread():
        return kernel(*arguments, stop)
    result: Future[Any] = Future()

    def call() -> None:
        try:
            result.set_result(kernel(*arguments, stop))
        except BaseException as error:  # the caller's to handle
            result.set_exception(error)

    thread = Thread(target=call, daemon=True)
    thread.start()
    try:
        return result.result()
    finally:
        stop[0] = True
        thread.join()
