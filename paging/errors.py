"""Every error that this project raises on purpose.

A message says what is wrong, where, and what was expected; the command line prints it as one line
and ends with exit status 2.
"""


class LayeredPagingError(Exception):
    """Base of all errors of this project."""


class InvalidInstance(LayeredPagingError):
    """Layers, experts or cache outside what the model defines."""


class InvalidRequests(LayeredPagingError):
    """A request sequence that breaks the model: range, layer order, repeated pages."""


class IllegalEviction(LayeredPagingError):
    """A policy answered with something other than pages it was offered."""


class InvalidPartition(LayeredPagingError):
    """Slot counts per layer that do not fit the instance."""


class PreconditionNotMet(LayeredPagingError):
    """A construction was asked for outside the instances it is defined on."""


class UnknownName(LayeredPagingError):
    """A name that no registry holds."""


class InvalidTrace(LayeredPagingError):
    """A trace that cannot be read; names file and line."""


class UnsupportedProblem(LayeredPagingError):
    """An engine was asked for a variant of the problem that it does not solve."""


class SolverFailed(LayeredPagingError):
    """A solver ended without a usable answer."""


class InvalidArgument(LayeredPagingError):
    """An argument outside its range."""


class NotProven(LayeredPagingError):
    """A claimed optimum without a valid proof; says which condition fails."""


class StoreDamaged(LayeredPagingError):
    """A campaign's store is not as it was written; ``campaign recover`` salvages what is intact."""


class StoreInUse(LayeredPagingError):
    """Another coordinator writes this store; names it."""


class StoreFailed(LayeredPagingError):
    """A store cannot be opened or written: no such file, no right to, a full disk."""


class WorkerRefused(LayeredPagingError):
    """A worker has another version of the package than the coordinator, or none."""


class WorkersLost(LayeredPagingError):
    """The connection to the workers is gone, and with it what they were doing."""


class OutOfSeconds(LayeredPagingError):
    """The time for what is done with a policy is over."""
