"""The answer in one sentence, with its number: is it the policy, or the size of the cache?"""

from __future__ import annotations

from paging.explain.loss import Loss


def verdict(policy: str, cache: int, part: Loss) -> str:
    """Which of the two parts of the misses that are not first uses is the larger one.

    First uses are neither's fault: every schedule has them, with a cache of any size. They are named apart, since a short
    trace always has many.
    """
    what = f"{policy} at k = {cache}"
    repeated = part.policy + part.capacity
    if not part.misses:
        return f"no failure: {what} misses nothing."
    if not repeated:
        return f"no failure: every miss of {what} is the first use of an expert."
    misses = f"of the misses of {what} that are not first uses"
    apart = f"; first uses: {part.compulsory:,}."
    by_policy = f"{share(part.policy, repeated)} {misses} ({part.policy:,} of {repeated:,}){apart}"
    if part.policy > part.capacity:
        return f"policy failure: OPT would avoid {by_policy}"
    if part.policy == part.capacity:
        return f"policy and working-set failure alike: OPT would avoid {by_policy}"
    return (
        f"working-set failure: no policy can avoid {share(part.capacity, repeated)} {misses} "
        f"({part.capacity:,} of {repeated:,}){apart}"
    )


def share(part: int, whole: int) -> str:
    """The larger part in whole percent; not rounded to a half or to all unless it is that."""
    percent = f"{part / whole:.0%}"
    if percent == "50%" and 2 * part > whole:
        return "over 50%"
    if percent == "100%" and part < whole:
        return "over 99%"
    return percent
