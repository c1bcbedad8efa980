"""``layered-paging optimum``: how good any deterministic policy can be."""

from __future__ import annotations

from layered_paging.cli.options import CacheSize, CertificateFile, Experts, Json, Layers, Side


def optimum(
    layers: Layers,
    experts: Experts,
    cache: CacheSize,
    certificate: CertificateFile = None,
    bound: Side = "lower",
    json: Json = False,
) -> None:
    """The exact competitive ratio of the best deterministic policy, by solving the paging game."""
    from bounds.exact.deterministic import best_deterministic
    from layered_paging.cli.output import print_json
    from paging.exact import readable
    from paging.files import check_folder
    from paging.model import Instance
    from proofs.certificates import deterministic as certificates
    from proofs.certificates.document import write_certificate

    instance = Instance(layers, experts, cache)
    if certificate is not None:
        check_folder(certificate)
    if instance.trivial:
        if json:
            print_json({"ratio": "1", "lower": "1", "upper": "1", "states": 0, "trivial": True})
        else:
            print("ratio 1: trivial, all pages fit into the cache")
        return
    found = best_deterministic(instance)
    if certificate is not None:
        make = certificates.lower_certificate if bound == "lower" else certificates.upper_certificate
        write_certificate(make(found), certificate)
    if json:
        print_json(found.to_dict())
    else:
        print(
            f"best deterministic policy at {instance}: ratio {readable(found.ratio)}  "
            f"({found.game.states:,} states, {found.game.moves:,} moves)"
        )
