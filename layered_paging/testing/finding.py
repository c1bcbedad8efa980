"""What a check found, with the run that shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from paging.model import Instance, Page
from paging.replay import Run
from paging.tables import run_table


@dataclass(frozen=True, slots=True, eq=False)
class Finding:
    """``name``: of what is wrong. ``says``: how it shows, in a sentence. ``requests``: up to where it shows; ``run``: the run
    that serves them, or those before the fault; ``larger``: with one slot more, where the finding compares two caches.
    """

    name: str
    says: str
    instance: Instance
    requests: tuple[Page, ...]
    run: Run
    larger: Run | None = None

    @property
    def size(self) -> tuple[int, int, int, tuple[Page, ...]]:
        """By which the simplest of several findings is chosen: requests, pages, slots."""
        return len(self.requests), self.instance.pages, self.instance.cache, self.requests

    def text(self) -> str:
        """The sentence, the requests, and the run round by round."""
        lines = [f"{self.name}: {self.says}", f"{self.instance}, requests {list(self.requests)}:"]
        lines += run_table(self.run)
        if self.larger is not None:
            lines += [f"with one slot more, {self.larger.misses} misses:", *run_table(self.larger)]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON."""
        return {
            "name": self.name,
            "text": self.says,
            "layers": self.instance.layers,
            "experts": self.instance.experts,
            "cache": self.instance.cache,
            "requests": list(self.requests),
            "misses": self.run.misses,
        }
