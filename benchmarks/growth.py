"""How the time per request grows with the requests and with the pages, as a picture (part of benchmarks.speed)."""

from __future__ import annotations

from pathlib import Path

from benchmarks.speed_rows import ROWS, TRACES, Row, Trace, timed
from layered_paging.plots import save
from paging.model import Instance, Requests

RESULTS = Path(__file__).parent / "results"

GROWING = (
    "LRU",
    "OPT",
    "LFU",
    "LLRU",
    "guided-lfu",
    "guided-far",
    "LRU at every cache size",
    "OPT at every cache size",
)


def growth(most: int) -> None:
    """Time per request against requests and against pages, as a picture."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    rows = [row for row in ROWS if row.label in GROWING]
    lengths = [10**e for e in range(4, 8) if 10**e <= most]
    experts = [2, 4, 8, 16, 32, 64, 128, 256, 512]
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.5), sharey=True, layout="constrained")
    by_length = {length: TRACES[0].requests(length) for length in lengths}
    by_pages = {n: Trace("", Instance(32, n, 8 * n), 1.0, 1) for n in experts}
    for row in rows:
        times = [per_request(row, TRACES[0].instance, by_length[length]) for length in lengths]
        axes[0].loglog(
            [len(by_length[length]) for length in lengths], times, marker="o", ms=3, label=row.label
        )
        times = [per_request(row, trace.instance, trace.requests(200_000)) for trace in by_pages.values()]
        axes[1].loglog([32 * n for n in experts], times, marker="o", ms=3, label=row.label)
    axes[0].set(xlabel="requests (256 pages, k = 64)", ylabel="nanoseconds per request")
    axes[1].set(xlabel="pages (200,000 requests, 32 layers, a quarter of the pages in the cache)")
    for ax in axes:
        ax.grid(alpha=0.3, which="both")
    axes[1].legend(fontsize=8)
    save(figure, RESULTS / "speed.svg")


def per_request(row: Row, instance: Instance, requests: Requests) -> float:
    return min(timed(row, instance, requests)[0] for _ in range(3)) / len(requests) * 1e9
