"""What is attacked: a policy at an instance, in a form that other processes understand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from bounds.exact.game import optimum_slots
from paging.course import Course
from paging.exact import Value
from paging.model import Instance, Page
from paging.policies.named import NamedPolicy


@dataclass(frozen=True, slots=True)
class Problem:
    """``slots``: of the optimum, at most those of the policy. ``seeds``: cycles to begin with. ``upper``: a proven upper
    bound on the ratio, at which a search may stop. ``finite``: whether the policy has a canonical state.
    """

    instance: Instance
    policy: NamedPolicy
    slots: int
    seeds: tuple[tuple[Page, ...], ...]
    upper: Value
    deterministic: bool
    finite: bool

    @classmethod
    def of(
        cls,
        instance: Instance,
        policy: NamedPolicy,
        seeds: Sequence[Sequence[Page]] = (),
        upper: Value = math.inf,
        optimum: int | None = None,
    ) -> Problem:
        """Look at the policy: is it deterministic, has it a canonical state? ``optimum``: its slots (default: k).

        Raises InvalidArgument for slots that there cannot be.
        """
        slots = optimum_slots(instance, optimum)
        course = Course(policy, instance, slots=slots)
        for layer in range(instance.layers):
            course.request(instance.page(layer, 0))
        deterministic = course.player.policy.deterministic
        return cls(
            instance,
            policy,
            slots,
            tuple(tuple(int(page) for page in seed) for seed in seeds if len(seed)),
            upper,
            deterministic,
            deterministic and course.situation() is not None,
        )
