"""Step 2: task policy ∩ ceiling ∩ narrowing ∩ policy set → what may be issued, after how many approvals. Pure.

Every refusal carries the deciding rule and, in `fix`, the nearest request that would pass or who may ask.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from broker.authenticate.identity import Identity
from broker.ceiling import UNBOUNDED, Ceiling
from broker.errors import Refused
from broker.grant import Grant
from broker.narrow import Narrow, NarrowTask, intersection, narrowed
from broker.task import Task
from broker.task_policy import TaskPolicy
from broker.workplace import NOWHERE, PROVED, STATED, Workplace, allowed
from secretguard.policy.request import DATA, OUTCOMES, Decision, Request
from secretguard.policy.table import Policy

MAX_DEPTH = 3
"""How many tasks may be above a sub-task."""

LADDER = {"allow": 0, "ask": 1, "two_persons": 2}


@dataclasses.dataclass(frozen=True, slots=True)
class StartDecision:
    """What a task would get: its grants, its life in seconds, and approvals that each of its credentials needs."""

    grants: tuple[Grant, ...]
    deadline: int
    approvals: int
    decision: Decision
    ceiling: Ceiling = UNBOUNDED


@dataclasses.dataclass(frozen=True, slots=True)
class IssueDecision:
    """What a credential would be: the effective grant, approvals needed, and the policy set's decision. `today` is the
    grant as the task policy has it now, for any task."""

    grant: Grant
    approvals: int
    decision: Decision
    today: Grant


def authorise_start(
    caller: Identity,
    task_policy: TaskPolicy,
    narrow: NarrowTask | None,
    policy: Policy,
    ceiling: Ceiling = UNBOUNDED,
    workplace: Workplace = NOWHERE,
) -> StartDecision:
    """Decide on a new task. Raises Refused.

    A Unix peer proves no more than "some process of this user", so it may not start a task any of whose credentials
    needs an approval: the agent itself could be asking in its person's name.
    """
    if not any(caller.matches(pattern) for pattern in task_policy.launchers):
        allowed = ", ".join(task_policy.launchers)
        raise Refused(f"{caller.id} may not start {task_policy.name}", f"launchers are: {allowed}", rule="launchers")
    require_place(task_policy, workplace)
    ceiling.admits(task_policy.environment)
    grants = tuple(map(ceiling.limited, _kept(task_policy, narrow, ceiling)))
    deadline = _deadline(task_policy, narrow)
    decision = _started(policy, task_policy.environment, grants)
    floor = LADDER[decision.outcome]
    if caller.kind == "unix":
        _refuse_unattended(task_policy, grants, floor, policy)
    grants = tuple(dataclasses.replace(grant, ttl=min(grant.ttl, deadline)) for grant in grants)
    return StartDecision(grants, deadline, floor, decision, ceiling)


def authorise_child(
    above: Task,
    policies: Mapping[str, TaskPolicy],
    narrow: NarrowTask | None,
    policy: Policy,
    ceiling: Ceiling,
    now: int,
) -> StartDecision:
    """Decide on a sub-task of `above`: its grants at most, and no longer than it lives (`now` is Unix seconds). Raises
    Refused."""
    if above.depth >= MAX_DEPTH:
        fix = "let the task above do it"
        raise Refused(f"sub-tasks go {MAX_DEPTH} deep, and {above.id} is there", fix, rule="depth")
    task_policy = policies.get(above.policy)
    if task_policy is None:
        raise Refused(f"task policy {above.policy} was withdrawn", "start a new task", rule="withdrawn")
    ceiling.admits(task_policy.environment)
    held = tuple(intersection(one, today) for one in above.grants if (today := _unchanged(one, task_policy)))
    within = dataclasses.replace(task_policy, grants=held, deadline=max(1, above.expires_at - now))
    grants = tuple(map(ceiling.limited, _kept(within, narrow, ceiling)))
    if not grants:
        raise Refused("the grants of the task above were withdrawn", "start a new task", rule="withdrawn")
    deadline = _deadline(within, narrow)
    decision = _started(policy, task_policy.environment, grants)
    grants = tuple(dataclasses.replace(grant, ttl=min(grant.ttl, deadline)) for grant in grants)
    return StartDecision(grants, deadline, max(above.approvals, LADDER[decision.outcome]), decision)


def authorise_issue(
    task: Task,
    policies: Mapping[str, TaskPolicy],
    name: str,
    narrow: Narrow | None,
    policy: Policy,
    ceiling: Ceiling = UNBOUNDED,
) -> IssueDecision:
    """Decide on one credential for `task`. Raises Refused.

    Task policy and ceiling are read as they are now: what was tightened or removed since the task began is tighter or
    gone.
    """
    held = task.grant(name)
    if held is None:
        have = ", ".join(grant.name for grant in task.grants)
        raise Refused(
            f"task policy {task.policy} has no grant {name!r}", f"its grants are: {have}", rule="unknown-grant"
        )
    now = _unchanged(held, policies[task.policy]) if task.policy in policies else None
    if now is None:
        raise Refused(
            f"grant {name} was changed or withdrawn", "start a new task under today's policy", rule="withdrawn"
        )
    require_place(policies[task.policy], Workplace(task.repository, task.branch, task.repository_known))
    ceiling.admits(policies[task.policy].environment)
    today = ceiling.limited(now)
    grant = narrowed(intersection(held, today), narrow)
    decision = _decide(policy, "issue", policies[task.policy].environment, grant.data)
    return IssueDecision(grant, max(grant.approvals, LADDER[decision.outcome], task.approvals), decision, today)


def require_place(task_policy: TaskPolicy, workplace: Workplace) -> None:
    """Raises Refused unless a task of this policy may work there, and it is known as well as the policy asks."""
    if not task_policy.repositories and not task_policy.branches:
        return
    where = " on ".join(filter(None, (", ".join(task_policy.repositories), ", ".join(task_policy.branches))))
    if workplace.known != PROVED and not (task_policy.accept_stated and workplace.known == STATED):
        how = "only stated, not proved" if workplace.known == STATED else "not known"
        fix = "start it with a token of a CI system whose [[issuers]] entry names repository_claim and ref_claim"
        also = ", or state --repository and --branch" if task_policy.accept_stated else ""
        raise Refused(f"{task_policy.name} is for {where}, and where this works is {how}", fix + also, rule="workplace")
    for patterns, name in ((task_policy.repositories, workplace.repository), (task_policy.branches, workplace.branch)):
        if not allowed(patterns, name):
            told = f"{task_policy.name} is not for {name or 'what is not known'}"
            raise Refused(told, f"it is for {', '.join(patterns)}", rule="workplace")


def _unchanged(held: Grant, task_policy: TaskPolicy) -> Grant | None:
    """The grant as the policy has it now; None where it is gone or stands for something else."""
    now = task_policy.grant(held.name)
    return now if now and (now.source, dict(now.scope)) == (held.source, dict(held.scope)) else None


def _kept(task_policy: TaskPolicy, narrow: NarrowTask | None, ceiling: Ceiling) -> tuple[Grant, ...]:
    """The grants that the request keeps, narrowed within what the ceiling leaves of each."""
    wanted = narrow.grants if narrow else None
    if wanted is None:
        return task_policy.grants
    have = {grant.name: grant for grant in task_policy.grants}
    for name in wanted:
        if name not in have:
            fix = f"its grants are: {', '.join(have)}"
            raise Refused(f"task policy {task_policy.name} has no grant {name[:64]!r}", fix, rule="unknown-grant")
    if not wanted:
        raise Refused("a task without grants does nothing", "keep at least one", rule="narrow-only")
    return tuple(narrowed(ceiling.limited(have[name]), limits) for name, limits in wanted.items())


def _deadline(task_policy: TaskPolicy, narrow: NarrowTask | None) -> int:
    wanted = narrow.deadline if narrow and narrow.deadline is not None else task_policy.deadline
    if wanted > task_policy.deadline:
        fix = f"ask for deadline <= {task_policy.deadline}"
        raise Refused(f"deadline {wanted} s is longer than {task_policy.name} allows", fix, rule="narrow-only")
    return wanted


def _started(policy: Policy, environment: str, grants: tuple[Grant, ...]) -> Decision:
    """What the policy set says to a task that reaches the most sensitive data of these grants."""
    return _decide(policy, "start_task", environment, max((grant.data for grant in grants), key=DATA.index))


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
