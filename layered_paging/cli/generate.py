"""``layered-paging generate``: an adversary's sequence, or a synthetic one, as a trace file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from layered_paging.cli.options import Experts, Json, Layers, Seed

if TYPE_CHECKING:
    from paging.model import Instance
    from paging.traces.trace import Trace

SYNTHETIC = "synthetic"


def generate(
    adversary: Annotated[str, typer.Argument(metavar="NAME", help="id of an adversary, or synthetic")],
    layers: Layers,
    experts: Experts,
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="tokens to write")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="text format, or .npy, .npz; .gz packs")
    ],
    cache: Annotated[
        int | None, typer.Option("-k", "--cache", help="slots of the cache (adversaries)")
    ] = None,
    seed: Seed = 0,
    against: Annotated[
        str | None, typer.Option("--against", metavar="POLICY", help="whom an adaptive adversary attacks")
    ] = None,
    zipf: Annotated[float, typer.Option("--zipf", help="synthetic: exponent of the popularity")] = 1.0,
    stickiness: Annotated[
        float, typer.Option("--stickiness", help="synthetic: chance to repeat the layer's last set")
    ] = 0.0,
    coupling: Annotated[
        float, typer.Option("--coupling", help="synthetic: chance to follow the previous layer's set")
    ] = 0.0,
    width: Annotated[int, typer.Option("--width", help="synthetic: experts per token and layer")] = 1,
    json: Json = False,
) -> None:
    """Write a request sequence: the instance of a theorem, or a synthetic routing trace."""
    import numpy as np

    from layered_paging.cli.output import print_json
    from paging.errors import InvalidArgument
    from paging.files import check_folder
    from paging.model import Instance
    from paging.traces.formats import write_trace
    from paging.traces.synthetic import synthetic

    check_folder(output)
    rng = np.random.default_rng(seed)
    if adversary == SYNTHETIC:
        trace = synthetic(
            layers, experts, rounds, zipf=zipf, stickiness=stickiness, coupling=coupling, width=width, rng=rng
        )
    elif cache is None:
        raise InvalidArgument(f"-k: adversary {adversary} needs the size of the cache")
    else:
        trace = _attack(adversary, Instance(layers, experts, cache), rounds, against, rng)
    write_trace(trace, output)
    if json:
        print_json({"requests": trace.routing.size, "path": str(output)})
    else:
        print(f"{output}: {trace.routing.size} requests")


def _attack(name: str, instance: Instance, rounds: int, against: str | None, rng: object) -> Trace:
    import numpy as np

    from adversaries.base import ObliviousAdversary
    from adversaries.duel import duel
    from adversaries.registry import ADVERSARIES
    from bounds.checker.lower import make_adversary
    from layered_paging.policy_spec import as_policy
    from paging.errors import InvalidArgument
    from paging.names import look_up
    from paging.traces.trace import Trace

    assert isinstance(rng, np.random.Generator)
    kind = look_up("adversary", name, {**ADVERSARIES, SYNTHETIC: ObliviousAdversary})
    if issubclass(kind, ObliviousAdversary):
        if against is not None:
            raise InvalidArgument(f"--against: {name} does not look at the policy; leave the option out")
        pages = kind(instance).sequence(rounds, rng)
    else:
        if against is None:
            raise InvalidArgument(f"--against: {name} is adaptive, expected a policy to attack")
        policy = as_policy(against)()
        policy.start(instance, np.random.default_rng(0))
        pages = duel(policy, make_adversary(name, instance, policy), rounds, rng).requests.stream
    return Trace.from_array(
        pages.reshape(rounds, instance.layers) % instance.experts, experts=instance.experts, name=name
    )
