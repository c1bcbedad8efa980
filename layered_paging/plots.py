"""Pictures, with matplotlib (loaded on first use)."""

from __future__ import annotations

import io
from pathlib import Path

from layered_paging.measure import OPT, Measurement
from paging.errors import InvalidArgument
from paging.files import check_folder, write_atomically

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
        best = name == OPT
        axes.plot(
            sizes,
            rates,
            styles[index // 10 % len(styles)],
            marker="o",
            markersize=3.5,
            color="black" if best else f"C{index % 10}",
            linewidth=2.2 if best else 1.2,
            label="OPT" if best else name,
        )
    axes.set(xlabel="cache size k (slots)", ylabel="hit rate", ylim=(0, None))
    axes.set_title(f"{measurement.requests:,} requests")
    axes.grid(alpha=0.3)
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize="small", frameon=False)
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
