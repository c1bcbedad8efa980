"""What a policy does that no policy may do while it plays."""

from __future__ import annotations

from paging.errors import LayeredPagingError

RAISES = "raises"
TIME_LIMIT = "time-limit"
NONSENSE = "nonsense"
ILLEGAL = "illegal-eviction"
MUTATION = "mutation"

FAULTS = (RAISES, TIME_LIMIT, NONSENSE, ILLEGAL, MUTATION)
"""Names of the faults: it raises, it does not come to an end, it answers with something that is no page, it names a page that
was not offered, it changes what it was given."""


PICKLE = "pickle"
"""No fault while it plays: the policy cannot be pickled, which all that looks ahead in its game needs."""


class Fault(LayeredPagingError):
    """``name``: one of FAULTS, or PICKLE; the message says in which method, and what."""

    def __init__(self, name: str, says: str) -> None:
        super().__init__(says)
        self.name = name

    def __reduce__(self) -> tuple[type[Fault], tuple[str, str]]:
        return Fault, (self.name, str(self))
