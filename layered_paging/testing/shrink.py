"""Making a game smaller while it still shows what it shows (after Zeller & Hildebrandt 2002, "delta debugging")."""

from __future__ import annotations

from collections.abc import Callable

from paging.model import Instance, Requests


def shrink(
    instance: Instance, requests: Requests, shows: Callable[[Instance, Requests], bool], most: int = 100_000
) -> Requests:
    """Leave out rounds, then put experts of smaller numbers, as long as ``shows``; at most ``most`` requests are tried."""
    tried = 0
    rounds = [
        requests.stream[i : i + instance.layers].tolist() for i in range(0, len(requests), instance.layers)
    ]

    def still(candidate: list[list[int]]) -> bool:
        nonlocal tried
        pages = [page for one in candidate for page in one]
        tried += len(pages)
        return tried <= most and shows(instance, Requests.of(instance.layers, instance.experts, pages))

    chunk = max(1, len(rounds) // 2)
    while chunk:
        at = 0
        while at < len(rounds):
            # the last round may be incomplete, and nothing can follow such a one
            candidate = rounds[:at] + rounds[at + chunk :]
            if candidate and still(candidate):
                rounds = candidate
            else:
                at += chunk
        chunk //= 2
    for row in rounds:
        for place, page in enumerate(row):
            for smaller in range(page // instance.experts * instance.experts, page):
                row[place] = smaller
                if still(rounds):
                    break
                row[place] = page
    return Requests.of(instance.layers, instance.experts, [page for one in rounds for page in one])
