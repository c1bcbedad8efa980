"""An explanation as one page of text."""

from __future__ import annotations

from paging.explain.explanation import PAYS, Explanation
from paging.explain.layers import QUANTILES
from paging.explain.loss import Loss

WORST_LAYERS = 8

NO_SIZES = "the trace names no sizes of its experts; --expert-bytes gives them"

LEFT_OUT = (
    "A count of misses is not a time. It leaves out that loads overlap with computing or are started ahead (prefetch),",
    "that experts loaded together may cost less than one after another (batch), and that experts differ in size; and OPT",
    "knows the future, which a policy does not.",
)


def page(found: Explanation, bandwidth: float | None) -> list[str]:
    """Lines; ``bandwidth`` in GB/s gives the load time per token as a bound."""
    part = found.loss
    total = part.requests
    return [
        found.verdict,
        "",
        counted(found),
        "",
        f"Misses of {found.policy}: {part.misses:,} ({part.misses / total:.1%} of the requests)",
        *(f"  {name:<32}  {misses:>9,}  {misses / total:6.1%}" for name, misses in parts(part)),
        "",
        "Hit rates: "
        + ", ".join(
            f"{row.policy} {row.hit_rate:.1%}" for row in sorted(found.rows, key=lambda r: -r.hit_rate)
        ),
        *facts(found, bandwidth),
        "",
        *_layers(found),
        "",
        *LEFT_OUT,
    ]


def counted(found: Explanation) -> str:
    """What the numbers are about."""
    return (
        f"{found.loss.requests:,} requests, {found.tokens:,} tokens, {found.demand} pages per token, "
        f"cache of {found.cache} slots ({found.cache / found.demand:.2f} tokens)"
        + (f", after a warm-up of {found.warmup:,} requests that are not counted" if found.warmup else "")
    )


def parts(part: Loss) -> tuple[tuple[str, int], ...]:
    """Each part of the misses in words, and its number."""
    return (
        ("first uses, unavoidable", part.compulsory),
        ("capacity: OPT misses too", part.capacity),
        ("policy: OPT would have hit", part.policy),
    )


def facts(found: Explanation, bandwidth: float | None) -> list[str]:
    """What else is to be known, a sentence each."""
    k = found.cache
    lines = [
        f"Evictions that Belady's rule would not have made: {found.wrong:,} of {found.evictions:,}"
        + (f" ({found.wrong / found.evictions:.0%})" if found.evictions else ""),
        f"LRU needs {found.reaches} slots to miss no more than OPT with {k} ({found.reaches / k:.2f} times as many)",
        f"A cache begins to pay ({float(PAYS):.0%} of the possible hits) at: "
        + ", ".join(
            f"{name} {'never' if size is None else f'{size} slots ({size / found.demand:.2f} tokens)'}"
            for name, size in zip(("LRU", "OPT"), found.pays, strict=True)
        ),
        _partition(found),
    ]
    if found.bytes_per_token is not None:
        lines += _bytes(found.bytes_per_token, found.policy, bandwidth)
    elif bandwidth is not None:
        lines.append(f"At {bandwidth:g} GB/s loading takes: unknown, since {NO_SIZES}")
    return lines


def _partition(found: Explanation) -> str:
    if found.divided_lru is None or found.divided_opt is None:
        return "An even share of the cache for each layer: not possible, some layer would get too few slots"
    return (
        "An even share for each layer instead of one cache: "
        f"LRU misses {_change(found.divided_lru, found.lru)}, OPT {_change(found.divided_opt, found.opt)}"
    )


def _change(now: int, before: int) -> str:
    return f"{now:,} instead of {before:,}" + (f" ({now / before - 1:+.1%})" if before else "")


def _bytes(per_token: tuple[float, float], policy: str, bandwidth: float | None) -> list[str]:
    names = (policy, "OPT")
    lines = [
        "Loaded per token: "
        + ", ".join(f"{name} {size / 1e6:,.1f} MB" for name, size in zip(names, per_token, strict=True))
    ]
    if bandwidth is not None:
        lines.append(
            f"At {bandwidth:g} GB/s loading takes at least: "
            + ", ".join(
                f"{name} {load_time(size, bandwidth)}" for name, size in zip(names, per_token, strict=True)
            )
        )
    return lines


def load_time(per_token: float, bandwidth: float) -> str:
    """Of so many bytes per token, at ``bandwidth`` GB/s."""
    return f"{1000 * per_token / (bandwidth * 1e9):,.2f} ms per token"


def _layers(found: Explanation) -> list[str]:
    """The layers where the policy loses most; where it loses nothing in all, those with the most misses."""
    loses = found.loss.policy > 0
    worst = sorted(found.layers, key=lambda layer: (-layer.loss.policy if loses else 0, -layer.loss.misses))[
        :WORST_LAYERS
    ]
    title = f"Where {found.policy} loses most to OPT"
    if not loses:
        title = f"Where misses are most, {found.policy} losing nothing to OPT"
    quantiles = " / ".join(f"{q:.0%}" for q in QUANTILES)
    lines = [
        f"{title} ({len(worst)} of {len(found.layers)} layers; reuse: rounds until an expert comes again, "
        f"quantiles {quantiles})",
        f"{'layer':>5}  {'misses':>8}  {'of OPT':>8}  {'lost':>8}  {'ratio':>7}  {'experts':>7}  reuse",
    ]
    for layer in worst:
        part = layer.loss
        optimal = part.misses - part.policy
        ratio = f"{part.misses / optimal:.2f}" if optimal else "-"
        reuse = "-" if layer.reuse is None else " / ".join(f"{value:g}" for value in layer.reuse)
        lines.append(
            f"{layer.layer:>5}  {part.misses:>8,}  {optimal:>8,}  {part.policy:>8,}  {ratio:>7}  {layer.experts:>7}  {reuse}"
        )
    return lines
