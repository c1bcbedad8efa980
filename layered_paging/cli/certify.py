"""``layered-paging certify``: checks certificates with the independent verifier."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from layered_paging.cli.options import Json


def certify(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="certificates")],
    verified: Annotated[
        bool,
        typer.Option("--verified", help="with the checker proved correct in Coq; `make formal` builds it"),
    ] = False,
    json: Json = False,
) -> int:
    """Check certificates with proofs/verify.py, which shares no code with what wrote them. Exit status 1 if one is rejected."""
    from layered_paging.cli.output import print_json
    from proofs.certify import certify as check
    from proofs.verify import shown

    found = [check(path, verified=verified) for path in files]
    if json:
        results = [one.to_dict() for one in found]
        print_json(
            results[0] if len(results) == 1 else {"valid": all(r["valid"] for r in results), "files": results}
        )
    else:
        for one in found:
            print(f"{shown(one.path)}: {'proved: ' if one.valid else 'REJECTED: '}{one.said}")
    return int(not all(one.valid for one in found))
