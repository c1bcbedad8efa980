"""The ids of the theorems, for those who only name them: the theorems themselves load SymPy. A test compares both."""

IDS = (
    "fixed-partition",
    "deterministic-lower",
    "lru-lower",
    "lru-cycle-lower",
    "lru-value-lower",
    "fifo-lower",
    "lru-upper",
    "lru-value-upper",
    "augmented-upper",
    "one-slot-partition-upper",
    "llru-lower",
    "llru-upper",
    "guided-upper",
    "randomized-lower",
    "randomized-uniform-lower",
    "randomized-one-layer-lower",
    "marker-upper",
    "randomized-upper",
)
