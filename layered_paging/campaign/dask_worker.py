"""Loaded by the Dask workers of this machine before they begin."""

from __future__ import annotations

import logging
import signal


def dask_setup(_: object) -> None:
    """Ctrl-C reaches the whole process group, and the coordinator decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.disable()  # what happens to tasks stands in the store
