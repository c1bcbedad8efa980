"""How commands speak: tables and JSON on stdout, progress and warnings on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


def print_json(document: object) -> None:
    """One JSON document."""
    print(json.dumps(document, indent=2, allow_nan=False))


def warn(message: str) -> None:
    """One line on stderr."""
    print(f"layered-paging: warning: {message}", file=sys.stderr)


def no_certificate(wanted: object) -> None:
    """Of a trivial ratio. Raises UnsupportedProblem if one was wanted: what was found is told before."""
    from paging.errors import UnsupportedProblem

    if wanted is not None:
        raise UnsupportedProblem("--certificate: a trivial ratio has none; expected k < n*l")


def after(warmup: int) -> str:
    """What a headline says of a warm-up."""
    return f", after {warmup} that are not counted" if warmup else ""


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], numeric: Sequence[int] = ()) -> None:
    """Aligned columns; those whose indices are in ``numeric`` are flush right. Wide lines are not cut."""
    from paging.tables import aligned

    for line in aligned(columns, rows, numeric):
        print(line)


class Silent:
    """The progress of a command whose stderr is not a terminal."""

    def __call__(self, label: str = "", steps: int = 1) -> None:
        """Nothing to show."""


class Bar(Silent):
    """One bar on stderr."""

    def __init__(self, bar: Progress, total: int, label: str) -> None:
        self._bar = bar
        self._task = bar.add_task(label, total=total)

    def __call__(self, label: str = "", steps: int = 1) -> None:
        """Move on by ``steps`` and name what is being done."""
        self._bar.update(self._task, advance=steps, description=label or None)


@contextmanager
def progress(total: int, label: str) -> Iterator[Silent]:
    """A progress bar on stderr, on a terminal only."""
    if not sys.stderr.isatty():
        yield Silent()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns: list[Any] = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    ]
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Bar(bar, total, label)


@contextmanager
def open_progress(label: str) -> Iterator[Callable[[int], Silent]]:
    """A bar that begins when its length is known: call what this yields with it."""
    with ExitStack() as stack:
        yield lambda total: stack.enter_context(progress(total, label))
