"""Calls that do not end by themselves. They stand in a file of their own: in that of its caller a time limit is silent."""

from __future__ import annotations

import time


def endless() -> None:
    while True:
        pass


def wait() -> None:
    time.sleep(600)


def stubborn() -> None:
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
