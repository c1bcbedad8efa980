"""Counts inside the proofs of the lower bounds and of LLRU: cycles, windows, phases."""

from __future__ import annotations

import sympy

from bounds.theorems.symbols import H, h, k, l, n
from proofs.symbolic.model import SymbolicCheck, Table
from proofs.symbolic.tools import a, b, cycle_ratio, equal, nonnegative

_N, _w, _g, _q, _mu, _m = sympy.symbols("N w g q mu m", positive=True)


def _cycle_share(table: Table) -> bool:
    hits = k - 1  # of the N-1 requests after any request: OPT holds that page and k-1 others
    share = 1 - hits / (_N - 1)
    formula = cycle_ratio(table.formulas["lru-cycle-lower"], _N)
    return equal(share, (_N - k) / (_N - 1)) and equal(formula, 1 / share)


def _cycle_shortest(table: Table) -> bool:
    return equal(
        cycle_ratio(table.formulas["lru-cycle-lower"], _N).subs(_N, k + 1), table.formulas["lru-lower"]
    )


def _windows(table: Table) -> bool:
    (windows,) = sympy.solve(sympy.Eq(l + (_w - 1), k), _w)  # l new pages, then one per window, are k
    return equal(windows, table.formulas["deterministic-lower"])


def _one_layer_is_paging(table: Table) -> bool:
    free = k - (l - 1)  # slots left by one fixed page in each other layer
    return equal(table.formulas["deterministic-lower"], free) and equal(
        table.formulas["randomized-one-layer-lower"], H(free)
    )


def _window_constant(table: Table) -> bool:
    r = table.formulas["deterministic-lower"]
    misses = r * (_g - 1) + 1  # g phase starts enclose g-1 whole phases; the last start is a miss too
    deficit = sympy.expand(r * _g - misses)
    return nonnegative((table.constants["deterministic-lower"] - deficit).subs({l: 1 + a, k: 1 + a + b}))


def _partition_pages(_: Table) -> bool:
    return equal((l - 1) + (k - l + 1), k)


def _partition_pigeonhole(_: Table) -> bool:
    excess = l * (k - l + 1) - k
    least = excess.subs({l: 2 + a, k: 3 + a + b}, simultaneous=True)
    return equal(excess, (l - 1) * (k - l)) and nonnegative(least - 1)


def _llru_window(_: Table) -> bool:
    rest = sympy.Symbol("rest", nonnegative=True)
    layers = rest + 1 + a  # t - s + 1 = l q + rest, 0 <= rest <= l - 1
    return nonnegative(layers * _q - (layers * _q + rest + 1 - layers))


def _llru_misses(table: Table) -> bool:
    first, last = sympy.symbols("s e")
    evicted_again = (last - first + 1).subs(last, first + l - 2)
    return equal(k + evicted_again, table.formulas["llru-upper"].subs(h, k))


def _one_layer_phase(table: Table) -> bool:
    pages = k - l + 2
    rounds = pages * H(pages - 1)
    collector = equal(sympy.expand_func(_m * H(_m)).subs(H(_m), H(_m - 1) + 1 / _m) - 1, _m * H(_m - 1))
    return collector and equal(rounds / pages, table.formulas["randomized-one-layer-lower"])


def _wald(table: Table) -> bool:
    ids = ("randomized-one-layer-lower", "randomized-uniform-lower")
    stated = all(equal(table.constants[i], 2 * table.formulas[i]) for i in ids)
    rate, requests = sympy.symbols("rate W", positive=True)
    r = rate * _mu
    starts = requests / _mu + 1 + 1 / _mu
    deficit = sympy.expand(r * starts - rate * requests)
    return stated and nonnegative(sympy.expand(2 * r - deficit).subs(_mu, 1 + a))


def _geometric_difference(_: Table) -> bool:
    q = sympy.Symbol("q", positive=True)
    p = 1 - q
    mass = p**2 / (1 - q**2)  # P(D = 0) = sum over t of (p q^(t-1))^2; P(D = d) = mass q^|d|
    total = mass * (1 + 2 * q / (1 - q))
    mean = 2 * mass * q / (1 - q) ** 2
    last = mean.subs(q, (n - 1) / n)
    return (
        equal(mass, p / (2 - p))
        and equal(total, 1)
        and equal(last, 2 * n * (n - 1) / (2 * n - 1))
        and nonnegative(last.subs(n, 3 + a) - sympy.Rational(3, 2))
        and equal(last.subs(n, 2) + (1 + mass.subs(q, sympy.Rational(1, 2))) / 2, sympy.Integer(2))
    )


COUNTING = (
    SymbolicCheck(
        "cycle-share",
        "OPT misses (N-k)/(N-1) of the requests of a cycle of N pages; lru-cycle-lower is the inverse",
        "proved",
        _cycle_share,
    ),
    SymbolicCheck("cycle-shortest", "with N = k+1, lru-cycle-lower is lru-lower", "proved", _cycle_shortest),
    SymbolicCheck(
        "windows", "l + (w-1) = k new pages need w = deterministic-lower windows", "proved", _windows
    ),
    SymbolicCheck(
        "one-layer-is-paging",
        "one fixed page in l-1 layers leaves k-l+1 slots",
        "proved",
        _one_layer_is_paging,
    ),
    SymbolicCheck(
        "window-constant", "g phase starts cost >= r (g-1) + 1, so r g - c", "proved", _window_constant
    ),
    SymbolicCheck("partition-pages", "(l-1) + (k-l+1) = k pages fit", "proved", _partition_pages),
    SymbolicCheck(
        "partition-pigeonhole",
        "l (k-l+1) - k = (l-1)(k-l) >= 1 for 2 <= l < k: not all layers can have k-l+1 slots",
        "proved",
        _partition_pigeonhole,
    ),
    SymbolicCheck(
        "llru-window", "l floor((t-s+1)/l) >= t-s+2-l, so last(p) <= s+l-2", "proved", _llru_window
    ),
    SymbolicCheck("llru-misses", "k first requests and l-1 returns: llru-upper", "proved", _llru_misses),
    SymbolicCheck(
        "one-layer-phase",
        "m H_m - 1 = m H_{m-1}; at 1/m a round, a phase costs H_{m-1} for m = k-l+2",
        "proved",
        _one_layer_phase,
    ),
    SymbolicCheck("wald", "r (W/mu + 1 + 1/mu) - r W/mu <= 2 r for mu >= 1", "proved", _wald),
    SymbolicCheck(
        "geometric-difference",
        "E|D| = 2n(n-1)/(2n-1) for two geometric waits with p = 1/n; with (1 + P(D=0))/2 it is 2 at n = 2, more above",
        "proved",
        _geometric_difference,
    ),
)
