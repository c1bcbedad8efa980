"""Pictures, with matplotlib (loaded on first use)."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from paging.curve import Curve
from paging.errors import InvalidArgument
from paging.explain.explanation import Explanation
from paging.files import check_folder, write_atomically
from paging.measure import OPT, OPT_LOWER, OPT_UPPER, Measurement

SUFFIXES = (".svg", ".png", ".pdf")


def check_plot(path: str | Path) -> None:
    """Raise InvalidArgument for a folder that does not exist or an ending that is not a picture's."""
    check_folder(path)
    if Path(path).suffix not in SUFFIXES:
        raise InvalidArgument(f"{path}: expected a name that ends in {', '.join(SUFFIXES)}")


def plot_measurement(measurement: Measurement, path: str | Path) -> None:
    """Hit rate against cache size, one line per policy, OPT above them all."""
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    lines: dict[str, list[tuple[int, float]]] = {}
    for row in measurement.rows:
        lines.setdefault(row.policy, []).append((row.cache, row.hit_rate))
    figure = Figure(figsize=(9, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    styles = ("-", "--", ":", "-.")
    final = sorted(lines, key=lambda name: -max(lines[name])[1])  # legend in the order of the curves
    for index, name in enumerate(final):
        sizes, rates = zip(*sorted(lines[name]), strict=True)
        best = name in (OPT, OPT_UPPER)
        axes.plot(
            sizes,
            rates,
            styles[index // 10 % len(styles)],
            marker="o",
            markersize=3.5,
            color="black" if best else f"C{index % 10}",
            linewidth=2.2 if best else 1.2,
            label={OPT: "OPT", OPT_UPPER: "best schedule", OPT_LOWER: "no schedule beats"}.get(name, name),
        )
    axes.set(xlabel=f"cache size k ({measurement.unit})", ylabel="hit rate", ylim=(0, None))
    axes.set_title(f"{measurement.requests:,} requests")
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize="small", frameon=False)
    save(figure, path)


def plot_curve(
    curve: Curve, others: Measurement | None, path: str | Path, bytes_per_page: float | None
) -> None:
    """Hit rate of LRU and OPT against cache size, the gap shaded; other policies as points; a second axis in GiB."""
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    lru, opt = (1 - misses / curve.requests for misses in (curve.lru, curve.opt))
    axes.fill_between(curve.cache, lru, opt, color="C0", alpha=0.12, linewidth=0, label="what LRU loses")
    axes.plot(curve.cache, opt, color="black", linewidth=2.2, label="OPT")
    axes.plot(curve.cache, lru, color="C0", linewidth=1.6, label="LRU")
    lines: dict[str, list[tuple[int, float]]] = {}
    for row in others.rows if others is not None else ():
        if row.policy != OPT:
            lines.setdefault(row.policy, []).append((row.cache, row.hit_rate))
    for index, (name, points) in enumerate(lines.items()):
        axes.plot(
            *zip(*points, strict=True), marker="o", markersize=3.5, color=f"C{1 + index % 9}", label=name
        )
    points_at = [size for points in lines.values() for size, _ in points]
    axes.set(
        xlabel="cache size k (slots)", ylabel="hit rate", ylim=(0, None), xlim=(0, _end(curve, points_at))
    )
    axes.set_title(f"{curve.requests:,} requests")
    if bytes_per_page is not None:
        gib = bytes_per_page / 2**30
        to_gib, to_slots = np.poly1d([gib, 0]), np.poly1d([1 / gib, 0])
        above = axes.secondary_xaxis("top", functions=(to_gib, to_slots))
        above.set_xlabel("cache size (GiB, experts of mean size)")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right", fontsize="small")
    save(figure, path)


def _end(curve: Curve, marked: Sequence[int]) -> float:
    """Where the axis of sizes ends: a little behind the size from which on nothing changes, and behind all that is marked."""
    return 1.05 * max(curve.settles, *marked, 1)


def plot_explanation(found: Explanation, path: str | Path) -> None:
    """Hit rates against cache size with k marked, and the misses of each layer by their cause."""
    check_plot(path)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5), layout="constrained")
    FigureCanvasAgg(figure)
    left, right = figure.subplots(1, 2)
    sizes = found.curve
    left.plot(sizes.cache, 1 - sizes.opt / sizes.requests, color="black", linewidth=2.2, label="OPT")
    left.plot(sizes.cache, 1 - sizes.lru / sizes.requests, color="C0", linewidth=1.6, label="LRU")
    left.axvline(found.cache, color="C3", linestyle="--", linewidth=1.2, label=f"k = {found.cache}")
    left.plot([found.cache], [1 - found.loss.misses / sizes.requests], "o", color="C3", label=found.policy)
    left.set(
        xlabel="cache size k (slots)", ylabel="hit rate", ylim=(0, None), xlim=(0, _end(sizes, [found.cache]))
    )
    left.legend(loc="lower right", fontsize="small")
    number = [layer.layer for layer in found.layers]
    bottom = np.zeros(len(number))
    parts = (("compulsory", "first use", "0.75"), ("capacity", "capacity: OPT misses too", "0.45"))
    for name, label, color in parts:
        heights = np.array([getattr(layer.loss, name) for layer in found.layers])
        right.bar(number, heights, bottom=bottom, color=color, label=label, width=0.85)
        bottom += heights
    lost = np.array([layer.loss.policy for layer in found.layers])
    right.bar(
        number, lost, bottom=bottom, color="C3", alpha=0.75, label="policy: OPT would have hit", width=0.85
    )
    right.set(xlabel="layer", ylabel=f"misses of {found.policy}")
    right.legend(fontsize="small")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.suptitle(found.verdict, fontsize="medium")
    save(figure, path)


def save(figure: object, path: str | Path) -> None:
    """Write a figure; equal figures give equal files."""
    import matplotlib as mpl

    suffix = Path(path).suffix[1:]
    dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}
    stream = io.BytesIO()
    with mpl.rc_context({"svg.hashsalt": "layered-paging"}):
        figure.savefig(stream, format=suffix, dpi=150, metadata=dates.get(suffix))  # type: ignore[attr-defined]
    write_atomically(path, stream.getvalue())
