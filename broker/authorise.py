"""Step 2: task policy ∩ narrowing ∩ policy set → what may be issued, and after how many approvals. Pure.

Every refusal carries the deciding rule and, in `fix`, the nearest request that would pass or who may ask.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from broker.authenticate.identity import Identity
from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask, intersection, narrowed
from broker.task import Task
from broker.task_policy import TaskPolicy
from secretguard.policy.request import DATA, OUTCOMES, Decision, Request
from secretguard.policy.table import Policy

LADDER = {"allow": 0, "ask": 1, "two_persons": 2}


@dataclasses.dataclass(frozen=True, slots=True)
class StartDecision:
    """What a task would get: its grants, its life in seconds, and approvals that each of its credentials needs."""

    grants: tuple[Grant, ...]
    deadline: int
    approvals: int
    decision: Decision


@dataclasses.dataclass(frozen=True, slots=True)
class IssueDecision:
    """What a credential would be: the effective grant, approvals needed, and the policy set's decision."""

    grant: Grant
    approvals: int
    decision: Decision


def authorise_start(
    caller: Identity, task_policy: TaskPolicy, narrow: NarrowTask | None, policy: Policy
) -> StartDecision:
    """Decide on a new task. Raises Refused.

    A Unix peer proves no more than "some process of this user", so it may not start a task any of whose credentials
    needs an approval: the agent itself could be asking in its person's name.
    """
    if not any(caller.matches(pattern) for pattern in task_policy.launchers):
        allowed = ", ".join(task_policy.launchers)
        raise Refused(f"{caller.id} may not start {task_policy.name}", f"launchers are: {allowed}", rule="launchers")
    grants = _kept(task_policy, narrow)
    deadline = _deadline(task_policy, narrow)
    most = max((grant.data for grant in grants), key=DATA.index)
    decision = _decide(policy, "start_task", task_policy.environment, most)
    floor = LADDER[decision.outcome]
    if caller.kind == "unix":
        _refuse_unattended(task_policy, grants, floor, policy)
    grants = tuple(dataclasses.replace(grant, ttl=min(grant.ttl, deadline)) for grant in grants)
    return StartDecision(grants, deadline, floor, decision)


def authorise_issue(
    task: Task, policies: Mapping[str, TaskPolicy], name: str, narrow: Narrow | None, policy: Policy
) -> IssueDecision:
    """Decide on one credential for `task`. Raises Refused.

    The task policy is read as it is now: a grant that was tightened or removed since the task began is tighter or gone.
    """
    held = task.grant(name)
    if held is None:
        have = ", ".join(grant.name for grant in task.grants)
        raise Refused(
            f"task policy {task.policy} has no grant {name!r}", f"its grants are: {have}", rule="unknown-grant"
        )
    now = policies[task.policy].grant(name) if task.policy in policies else None
    if now is None or (now.source, dict(now.scope)) != (held.source, dict(held.scope)):
        raise Refused(
            f"grant {name} was changed or withdrawn", "start a new task under today's policy", rule="withdrawn"
        )
    grant = narrowed(intersection(held, now), narrow)
    decision = _decide(policy, "issue", policies[task.policy].environment, grant.data)
    return IssueDecision(grant, max(grant.approvals, LADDER[decision.outcome], task.approvals), decision)


def _kept(task_policy: TaskPolicy, narrow: NarrowTask | None) -> tuple[Grant, ...]:
    wanted = narrow.grants if narrow else None
    if wanted is None:
        return task_policy.grants
    have = {grant.name: grant for grant in task_policy.grants}
    for name in wanted:
        if name not in have:
            fix = f"its grants are: {', '.join(have)}"
            raise Refused(f"task policy {task_policy.name} has no grant {name!r}", fix, rule="unknown-grant")
    if not wanted:
        raise Refused("a task without grants does nothing", "keep at least one", rule="narrow-only")
    return tuple(narrowed(have[name], limits) for name, limits in wanted.items())


def _deadline(task_policy: TaskPolicy, narrow: NarrowTask | None) -> int:
    wanted = narrow.deadline if narrow and narrow.deadline is not None else task_policy.deadline
    if wanted > task_policy.deadline:
        fix = f"ask for deadline <= {task_policy.deadline}"
        raise Refused(f"deadline {wanted} s is longer than {task_policy.name} allows", fix, rule="narrow-only")
    return wanted


def _decide(policy: Policy, action: str, environment: str, data: str) -> Decision:
    decision = policy.decide(Request(action, "plain", environment, data))
    if decision.outcome not in LADDER:
        raise Refused(decision.reason, _nearest(policy, action, environment, data), rule=decision.rule)
    return decision


def _nearest(policy: Policy, action: str, environment: str, data: str) -> str:
    """The most sensitive data class below `data` that the policy set would let through here."""
    for lower in reversed(DATA[: DATA.index(data)]):
        outcome = policy.decide(Request(action, "plain", environment, lower)).outcome
        if outcome in LADDER:
            return f"in {environment}, {lower} data would pass ({OUTCOMES[LADDER[outcome]]})"
    return f"nothing of this kind passes in {environment}; choose a task policy of a lower environment"


def _refuse_unattended(task_policy: TaskPolicy, grants: tuple[Grant, ...], floor: int, policy: Policy) -> None:
    free = []
    for grant in grants:
        issue = policy.decide(Request("issue", "plain", task_policy.environment, grant.data))
        if max(floor, grant.approvals, LADDER.get(issue.outcome, 9)) == 0:
            free.append(grant.name)
    if len(free) == len(grants):
        return
    waiting = ", ".join(grant.name for grant in grants if grant.name not in free)
    keep = f", or narrow to the grants {', '.join(free)}" if free else ""
    raise Refused(
        f"{waiting} needs an approval, and a Unix peer alone may start only tasks that need none",
        f"start it with an OIDC token of a launcher{keep}",
        rule="unattended",
    )
