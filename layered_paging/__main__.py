"""``layered-paging`` and ``python -m layered_paging``: runs a command, and turns every expected failure into one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

from layered_paging.house import ForeignModule, check_house

FAILED = 2
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status: 0, 1 (checked and found wrong), 2 (bad input), 130 (interrupted)."""
    try:
        check_house()
    except ForeignModule as error:
        return _fail(str(error))

    from typer.exceptions import Abort, TyperException

    from layered_paging.cli.app import app, spread
    from paging.announcing import announcing
    from paging.errors import LayeredPagingError
    from paging.interruption import interrupted

    try:
        words = sys.argv[1:] if arguments is None else arguments
        with announcing():
            status = app(spread(words) or ["--help"], standalone_mode=False, obj=tuple(words))
        sys.stdout.flush()
    except TyperException as error:
        return _fail(error.format_message())
    except LayeredPagingError as error:
        return _fail(str(error))
    except (KeyboardInterrupt, Abort):
        status = INTERRUPTED
    except SystemError as error:
        if not interrupted(error):
            raise
        status = INTERRUPTED
    except BrokenPipeError:  # the reader of stdout has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if status == INTERRUPTED:  # typer's way to pass a KeyboardInterrupt on, too
        print("layered-paging: interrupted", file=sys.stderr)
    return status if isinstance(status, int) else 0


def _fail(message: str) -> int:
    print("layered-paging: error: " + " ".join(message.split()), file=sys.stderr)
    return FAILED


if __name__ == "__main__":
    sys.exit(main())
