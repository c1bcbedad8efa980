"""Forged policy-upper and deterministic-upper: the game is solved with one illegal way to answer at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from tests.proofs.forgers.board import Board, Claim, Document, start
from tests.proofs.forgers.solve import Option, Solved, policy_wins

Answers = Callable[[Board, int], list[list[int]]]
"""Victims as written, on a request of a position that is not cached. As the rules would have it each of them changes sides."""


def toggled(board: Board, position: int, victims: list[int]) -> list[int]:
    tokens = [token for _, token in board.labels]
    for v in (position, *victims):
        tokens[v] ^= 1
    return tokens


def honest(board: Board, position: int) -> list[list[int]]:
    cached = board.cached()
    return [[]] if len(cached) < board.claim.slots else [[v] for v in cached]


def nobody(board: Board, position: int) -> list[list[int]]:
    return [[]]


def itself(board: Board, position: int) -> list[list[int]]:
    """The requested page leaves at once."""
    return [*honest(board, position), [position]]


def absent(board: Board, position: int) -> list[list[int]]:
    """A page that is not cached leaves, so it comes."""
    return [
        *honest(board, position),
        *([v] for v in range(len(board.labels)) if not board.labels[v][1] & 1 and v != position),
    ]


def twice(board: Board, position: int) -> list[list[int]]:
    """A page leaves twice, so it stays."""
    return [[v, v] for v in board.cached()] or [[]]


def negative(board: Board, position: int) -> list[list[int]]:
    """Positions counted from the end."""
    return [
        *honest(board, position),
        *([v - len(board.labels)] for v in range(len(board.labels)) if v != position),
    ]


CHEATS: dict[str, Answers] = {
    "honest": honest, "nobody leaves": nobody, "it leaves itself": itself, "an absent page leaves": absent,
    "a page leaves twice": twice, "counted from the end": negative,
}  # fmt: skip


def requests(answers: Answers) -> Callable[[Board], dict[int, list[Option]]]:
    def of(board: Board) -> dict[int, list[Option]]:
        result = {}
        for i in board.firsts():
            hit = board.labels[i][1] & 1
            options = []
            for victims in [[]] if hit else answers(board, i):
                tokens = toggled(board, i, victims) if not hit else [t for _, t in board.labels]
                growth, after = board.grown(i, tokens)
                options.append(Option(1 - hit, growth, after, [victims, tokens]))
            result[i] = options
        return result

    return of


def as_table(claim: Claim, solved: Solved, policy: str = "x") -> Document:
    return claim.document(
        "policy-upper",
        policy=policy,
        moves={b.text: {str(i): o.written for i, o in best.items()} for b, (_, best) in solved.items()},
        states={b.text: [str(v)] for b, (v, _) in solved.items()},
    )


def as_game(claim: Claim, solved: Solved) -> Document:
    """The first victim alone is written."""
    states = {}
    for board, (v, best) in solved.items():
        misses = {str(i): o.written[0][0] for i, o in best.items() if o.cost and o.written[0]}
        states[board.text] = [str(v), misses]
    return claim.document("deterministic-upper", states=states)


def frozen(claim: Claim, full: bool, tokens: list[int] | None) -> Solved:
    """All potentials 0, honest answers: the inequality itself is false."""
    first = start(claim, full, tokens)
    result: Solved = {}
    waiting = [first]
    for board in waiting:
        if board not in result:
            best = {i: options[0] for i, options in requests(honest)(board).items()}
            result[board] = Fraction(0), best
            waiting += [o.after for o in best.values()]
    return result


def policy_upper(claim: Claim) -> Iterator[Document]:
    """A false upper bound of some transducer, and of LRU."""
    for answers in CHEATS.values():
        solved = policy_wins(start(claim, False), requests(answers), Fraction(claim.ratio))
        if solved:
            yield as_table(claim, solved)
    yield as_table(claim, frozen(claim, False, None))
    # pages that are in the cache before they were requested
    tokens = [1] * (claim.layers * claim.experts)
    solved = policy_wins(start(claim, False, tokens), requests(honest), Fraction(claim.ratio))
    if solved:
        document = {**as_table(claim, solved), "start": tokens}
        yield document
        document = {**document, "policy": "lru"}
        yield document
        del document["moves"]
        yield document
    yield from everything_cached(claim)
    for first in (False, 0.0):
        yield from two_labels(claim, first)


def everything_cached(claim: Claim) -> Iterator[Document]:
    """The tokens say that all pages are in the cache, whatever was loaded; or the last ones are not given."""

    def free(board: Board) -> dict[int, list[Option]]:
        result = {}
        for i in board.firsts():
            hit = board.labels[i][1] & 1
            victims = [] if hit or len(board.cached()) < claim.slots else board.cached()[:1]
            tokens = [1] * len(board.labels)
            growth, after = board.grown(i, tokens)
            result[i] = [Option(1 - hit, growth, after, [victims, tokens])]
        return result

    solved = policy_wins(start(claim, False), free, Fraction(claim.ratio))
    if solved:
        yield as_table(claim, solved)


def two_labels(claim: Claim, zero: object) -> Iterator[Document]:
    """Two tokens that are equal as numbers and different as text: the second label is never asked for."""
    solved = policy_wins(start(claim, False), requests(honest), Fraction(claim.slots + 1))
    if solved:
        document = as_table(claim, solved)
        tokens: list[object] = [0] * (claim.layers * claim.experts)
        tokens[claim.experts - 1] = zero
        yield {**document, "start": tokens}


def deterministic_upper(claim: Claim) -> Iterator[Document]:
    """A false upper bound of the best deterministic policy."""
    for answers in (itself, absent, negative):
        solved = policy_wins(start(claim, True), requests(answers), Fraction(claim.ratio))
        if solved:
            yield as_game(claim, solved)
    yield as_game(claim, frozen(claim, True, None))
    document = as_game(claim, frozen(claim, True, None))
    yield {**document, "start": [1] * (claim.layers * claim.experts), "policy": "lru"}
    yield {**document, "states": {}}
