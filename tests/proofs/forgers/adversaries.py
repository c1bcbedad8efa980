"""Forged lower bounds: requests out of turn, requests that cost nothing, cycles that are none, weights that are none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction

from tests.proofs.forgers.board import Board, Claim, Document, start
from tests.proofs.forgers.solve import Option, adversary_wins, policy_wins
from tests.proofs.forgers.tables import as_table, honest, requests, toggled


def anywhere(positions: Callable[[Board], list[int]]) -> Callable[[Board], dict[int, list[Option]]]:
    """The honest answers to requests of positions of any layer, also counted from the end."""

    def of(board: Board) -> dict[int, list[Option]]:
        result = {}
        for i in positions(board):
            hit = board.labels[i][1] & 1
            options = []
            for victims in [[]] if hit else honest(board, i):
                tokens = toggled(board, i, victims) if not hit else [t for _, t in board.labels]
                options.append(Option(1 - hit, *board.grown(i, tokens), victims))
            result[i] = options
        return result

    return of


def deterministic_lower(claim: Claim) -> Iterator[Document]:
    """A false lower bound for all deterministic policies."""
    total, ratio = claim.layers * claim.experts, Fraction(claim.ratio)
    ways: list[Callable[[Board], list[int]]] = [
        lambda board: list(range(total)),
        lambda board: [*range(claim.experts), *range(-total, 0)],
        lambda board: [i for i in range(claim.experts) if board.labels[i][1] & 1] or [0],
        lambda board: [next((i for i in range(total) if not board.labels[i][1] & 1), 0)],
    ]
    for positions in ways:
        solved = adversary_wins(start(claim, True), anywhere(positions), ratio)
        if solved:
            states = {board.text: [str(v), i] for board, (v, i) in solved.items()}
            yield claim.document("deterministic-lower", states=states)
    everything = anywhere(lambda board: [0])
    solved = adversary_wins(start(claim, True), everything, Fraction(0))
    if solved:
        states = {board.text: ["0", i] for board, (_, i) in solved.items()}
        yield claim.document("deterministic-lower", states=states)
        yield claim.document(
            "deterministic-lower", states={text: [v, 0.0] for text, (v, _) in states.items()}
        )


def played(claim: Claim, turns: int, longest: int = 12) -> Iterator[tuple[list[int], list[int]]]:
    """Prefixes and cycles: nothing, the first misses, a state that does not recur, pages of other layers."""
    n, total = claim.experts, claim.layers * claim.experts
    yield [], []
    for count in range(1, longest):
        yield [], [n - 1] * count
        yield [n - 1] * count, [n - 1] * claim.layers
        yield [n - 1] * count, [total - 1] * claim.layers
        yield [n - 1] * count, [-1] * claim.layers
        yield [n - 1] * count, [0] * claim.layers
        yield [], [total - 1 - i % total for i in range(count)]
    yield [n - 1] * turns, [0.0] * claim.layers  # type: ignore[list-item]


def policy_lower(claim: Claim) -> Iterator[Document]:
    """A false lower bound of LRU and of a transducer."""
    for name in ("lru", "fifo"):
        for prefix, cycle in played(claim, 2 * claim.slots):
            yield claim.document("policy-lower", policy=name, prefix=prefix, cycle=cycle)
    solved = policy_wins(start(claim, False), requests(honest), Fraction(claim.slots))
    if solved:
        table = as_table(claim, solved)["moves"]
        for prefix, cycle in played(claim, 2 * claim.slots):
            yield claim.document("policy-lower", policy="x", prefix=prefix, cycle=cycle, moves=table)
    yield from half(claim)
    yield from two_answers(claim)
    yield from illegal(claim)


def half(claim: Claim) -> Iterator[Document]:
    """The requests of a bad cycle that OPT does not pay: LRU and FIFO miss, and nothing recurs."""
    for name in ("lru", "fifo"):
        waiting: list[tuple[Board, list[int]]] = [(start(claim, False), [])]
        seen = {waiting[0][0]}
        for board, path in waiting:
            for i in board.firsts():
                tokens = served(board, i, name)
                growth, after = board.grown(i, tokens)
                if not growth and not board.labels[i][1]:
                    yield claim.document("policy-lower", policy=name, prefix=path, cycle=[i])
                    return
                if after not in seen:
                    seen.add(after)
                    waiting.append((after, [*path, i]))


def served(board: Board, position: int, name: str) -> list[int]:
    """Tokens of LRU or FIFO: 1 the newest, 3 the next one, ..."""
    tokens = [token for _, token in board.labels]
    old = tokens[position]
    if name == "lru" or not old:
        tokens = [t + 2 if t and (not old or t < old) else t for t in tokens]
        tokens[position] = 1
    return [t if t < 2 * board.claim.slots else 0 for t in tokens]


def two_answers(claim: Claim) -> Iterator[Document]:
    """Of pages with one label each has an answer of its own: the second leads to a policy that evicts what comes next.

    The same table serves the first ones well: as the answers to equal labels differ, it is no policy.
    """
    moves: dict[str, dict[str, list[object]]] = {}
    board, cycle, seen = start(claim, False), list[int](), dict[Board, int]()
    while board not in seen and len(cycle) < 400:
        seen[board] = len(cycle)
        cached = board.cached()
        outside = [i for i in range(claim.experts) if not board.labels[i][1] & 1]
        position = max(outside, key=lambda i: (-board.labels[i][0], i), default=0)
        hit = board.labels[position][1] & 1
        victims = [] if hit or len(cached) < claim.slots else [min(cached, key=lambda i: board.labels[i][0])]
        tokens = [t for _, t in board.labels] if hit else toggled(board, position, victims)
        moves.setdefault(board.text, {})[str(position)] = [victims, tokens]
        cycle.append(position)
        _, board = board.grown(position, tokens)
    if board in seen:
        begin = seen[board]
        document = claim.document(
            "policy-lower", policy="x", moves=moves, prefix=cycle[:begin], cycle=cycle[begin:]
        )
        yield document
        yield {**document, "ratio": "inf"}


def illegal(claim: Claim) -> Iterator[Document]:
    """A table that loses a page on every hit, or never keeps what was requested: an illegal transducer with a bad cycle."""
    for way in ("a hit", "itself", "tokens"):
        moves: dict[str, dict[str, list[object]]] = {}
        board, cycle, seen = start(claim, False), list[int](), dict[Board, int]()
        while board not in seen and len(cycle) < 400:
            seen[board] = len(cycle)
            position = 0
            label = board.labels[0]
            tokens = [t for _, t in board.labels]
            victims: list[int] = []
            if label[1] & 1:
                tokens[0] ^= 1
                victims = [0] if way == "a hit" else []
            elif way == "itself":
                victims = [0]
            elif way == "a hit":
                tokens[0] ^= 1
            moves.setdefault(board.text, {})["0"] = [victims, tokens]
            cycle.append(position)
            _, board = board.grown(position, tokens)
        if board in seen:
            begin = seen[board]
            document = claim.document(
                "policy-lower", policy="x", moves=moves, prefix=cycle[:begin], cycle=cycle[begin:]
            )
            yield document
            yield {**document, "ratio": "inf"}


Weights = Callable[[Board], dict[str, str]]


def chains(claim: Claim) -> Iterator[tuple[Weights, str]]:
    """Weights by the state without a cache, and the one potential; "twice": twice as large where OPT does not grow."""

    def row(board: Board) -> list[str]:
        return [f"{level}.{token & ~1}" for level, token in board.labels[: claim.experts]]

    great = 1_000_000

    def negative(board: Board, labels: list[str]) -> dict[str, str]:
        """Growth has a negative probability, and so brings in what it costs."""
        outside = board.labels[claim.experts - 1][0] > claim.slots
        return {labels[0]: str(great), labels[-1]: str(1 - great)} if outside else {labels[-1]: "1"}

    yield lambda board: {row(board)[0]: "1"}, "0"
    yield lambda board: {row(board)[-1]: "1"}, "0"
    yield lambda board: {row(board)[0]: str(great), row(board)[-1]: str(1 - great)}, "0"
    yield lambda board: negative(board, row(board)), "0"
    yield lambda board: dict.fromkeys(row(board), "1") | {"99.0": str(great)}, "-1"
    yield lambda board: {row(board)[-1]: "1", "99.0": str(great)}, "-1"
    yield (
        lambda board: (
            {row(board)[0]: "1"} | ({row(board)[-1]: "0"} if row(board)[-1] != row(board)[0] else {})
        ),
        "0",
    )
    yield lambda board: {}, "0"
    # the label of two pages, drawn for each of them
    yield lambda board: {row(board)[-1]: "1"}, "twice"


def randomized_lower(claim: Claim) -> Iterator[Document]:
    """A false lower bound for all randomized policies."""
    everything = anywhere(lambda board: list(range(claim.experts)))
    for weights, v in chains(claim):
        boards, waiting = set[Board](), [start(claim, True)]
        for board in waiting:
            if board in boards:
                continue
            boards.add(board)
            drawn = weights(board)
            for i, options in everything(board).items():
                label = f"{board.labels[i][0]}.{board.labels[i][1] & ~1}"
                if drawn.get(label, "0") != "0":
                    waiting += [option.after for option in options]
        chain = {}
        for board in boards:
            hidden = hide(board)
            chain[hidden.text] = weights(hidden)
        states = {board.text: [v] for board in boards}
        if v == "twice":
            more = claim.ratio
            states = {
                board.text: [
                    str(2 * Fraction(claim.ratio))
                    if board.labels[claim.experts - 1][0] <= claim.slots
                    else more
                ]
                for board in boards
            }
        for memory in (0, "0", 0.0, -1, False):
            yield claim.document("randomized-lower", chain=chain, states=states, memory=memory)


def hide(board: Board) -> Board:
    """Without the cache."""
    n = board.claim.experts
    labels = [(level, token & ~1) for level, token in board.labels]
    rows = [sorted(labels[i : i + n]) for i in range(0, len(labels), n)]
    return Board(board.claim, tuple(label for row in rows for label in row), board.empty)
