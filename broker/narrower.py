"""A narrower task policy than the one in force, from what its tasks used: grants that nobody asked for go, limits come
down to what was needed, with room. Pure; it goes through `broker policy propose` like any change.

What is proposed is within the policy, limit by limit, and admits every task and credential on record as they were asked
for: where somebody stated a limit, which shows by its being below the policy's, it stays one that may be stated. One
that is stated as the policy's own says it is on no record, and may be refused then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from broker.grant import Grant
from broker.task_policy import TaskPolicy
from broker.usage import Usage, UsedTask, usage

ROOM = 2
"""How many times what was used a limit leaves, for days that are busier than those on record."""

LEAST_SECONDS = 60


def narrower(policy: TaskPolicy, found: Sequence[UsedTask]) -> TaskPolicy:
    """The narrower policy; `policy` itself where nothing was used less than it was granted, or there are no tasks.

    Launchers, approvers, environment and what a grant reaches stay: who might ask tomorrow is on no record.
    """
    if not found:
        return policy
    told = usage(found)
    used = {one.name for one in told.grants if one.asked_by} | _named(policy, found)
    kept = [grant for grant in policy.grants if grant.name in used] or list(policy.grants)
    grants = tuple(_grant(grant, found, told) for grant in kept)
    needed = max(_round(ROOM * told.longest_task), *(grant.ttl for grant in grants))
    stated = _stated(policy.deadline, [task.expires_at - task.created_at for task in found])
    return dataclasses.replace(policy, grants=grants, deadline=min(policy.deadline, max(needed, stated)))


def _named(policy: TaskPolicy, found: Sequence[UsedTask]) -> set[str]:
    """Grants that a start named, which shows by its having some of them alone, or with smaller limits: without one of
    them it would be refused."""
    names: set[str] = set()
    for task in found:
        life = task.expires_at - task.created_at
        whole = {grant.name: dataclasses.replace(grant, ttl=min(grant.ttl, life)) for grant in policy.grants}
        if {grant.name: grant for grant in task.grants} != whole:
            names |= {grant.name for grant in task.grants}
    return names


def _grant(grant: Grant, found: Sequence[UsedTask], told: Usage) -> Grant:
    seen = next((one for one in told.grants if one.name == grant.name), None)
    if seen is None or not seen.asked_by:
        return grant
    held = [one for task in found for one in task.grants if one.name == grant.name]
    asked = [one.ttl for task in found for one in task.leases if one.grant == grant.name]

    def limit(name: str, needed: int) -> int:
        """Never above the grant's, and never below what a task was narrowed to."""
        before: int = getattr(grant, name)
        stated = _stated(before, [getattr(one, name) for one in held])
        wanted = max(needed, stated)
        return min(before, wanted) if before else wanted

    return dataclasses.replace(
        grant,
        ttl=max(limit("ttl", _round(ROOM * seen.longest_life)), _shortened(grant, found, asked)),
        max_issues=limit("max_issues", ROOM * seen.most_issues),
        max_leases=limit("max_leases", seen.most_at_once),
        rate=limit("rate", ROOM * seen.most_in_a_minute),
    )


def _shortened(grant: Grant, found: Sequence[UsedTask], asked: Sequence[int]) -> int:
    """The longest life that a request for one credential stated: shorter than grant and task would have given it."""
    stated = []
    for task in found:
        given = next((one.ttl for one in task.grants if one.name == grant.name), grant.ttl)
        for one in task.leases:
            most = min(given, grant.ttl, task.expires_at - one.created_at)
            if one.grant == grant.name and one.ttl < most:
                stated.append(one.ttl)
    return min(grant.ttl, max(stated, default=0)) if asked else 0


def _stated(limit: int, values: Sequence[int]) -> int:
    """The largest of `values` that is below `limit` (0: no limit), so that somebody stated it; 0 when none is."""
    return max((value for value in values if value and (not limit or value < limit)), default=0)


def _round(seconds: int) -> int:
    """Up to whole minutes, LEAST_SECONDS at least."""
    return max(LEAST_SECONDS, -(-seconds // 60) * 60)
