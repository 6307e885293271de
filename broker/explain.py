"""What would be decided about a task, why, and the nearest request that would pass. Pure: nothing is made or recorded.

The effective right is task policy ∩ ceiling ∩ request, limit by limit; the table shows each of them. What a role of
Vault's own allows is not asked for: it caps each credential when it is made, and only there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from broker.authenticate.identity import Identity
from broker.authorise import LADDER, StartDecision, authorise_start
from broker.ceiling import Ceiling
from broker.errors import Refused
from broker.grant import Grant
from broker.issue.registry import require_fit
from broker.narrow import LIMITS, NO_CAP_IS_ZERO, Narrow, NarrowTask, within
from broker.policy.policy_set import PolicySet
from broker.task_policy import TaskPolicy
from broker.workplace import Workplace, settled
from secretguard.policy.request import Request


@dataclasses.dataclass(frozen=True, slots=True)
class Question:
    """A start that somebody thinks of. `grant` limits what is shown to one grant, "" to none; `said` is where the
    launcher states that it works."""

    caller: Identity
    policy: str
    grant: str
    narrow: NarrowTask | None
    said: Workplace


@dataclasses.dataclass(frozen=True, slots=True)
class Step:
    """One limit of one grant (`grant` is "" for the task's own), by each of those who set it; None: sets none."""

    grant: str
    limit: str
    policy: int | str
    ceiling: int | str | None
    request: int | None
    effective: int | str | None


def explained(held: PolicySet, question: Question) -> dict[str, object]:
    """The answer of `POST /v1/explain`: `allowed`, `rule`, `reason`. Where it is allowed, what each grant would give;
    where not, `would_pass` in words and `nearest`, the `narrow` of a request that passes, or None where there is none.
    `steps` is the table (Step)."""
    found = held.tasks.get(question.policy)
    if found is None:
        have = ", ".join(sorted(held.tasks)) or "none"
        no = Refused(f"no task policy {question.policy[:64]!r}", f"there are: {have}", rule="unknown-policy")
        return _refusal(no, None, [])
    try:
        ceiling, where = held.ceilings.of(question.caller), settled(question.caller.workplace, question.said)
    except Refused as no:
        return _refusal(no, None, [])
    try:
        start = authorise_start(question.caller, found, question.narrow, held.rules, ceiling, where)
        if question.grant and question.grant not in {grant.name for grant in start.grants}:
            raise Refused(f"no grant {question.grant!r} is left", "see its file", rule="unknown-grant")
    except Refused as no:
        if no.rule == "launchers":  # what is in it is the business of those who may start it
            return _refusal(no, None, [])
        near = nearest(held, question.caller, found, question.narrow, ceiling, where)
        return _refusal(no, near, _told(question, found, ceiling, None))
    return {
        "allowed": True,
        "deadline": start.deadline,
        "rule": start.decision.rule,
        "reason": start.decision.reason,
        "ceilings": list(ceiling.names),
        "grants": {one.name: _shown(held, found, start, one) for one in start.grants if _asked(question, one)},
        "steps": _told(question, found, ceiling, start),
    }


def nearest(
    held: PolicySet,
    caller: Identity,
    task_policy: TaskPolicy,
    narrow: NarrowTask | None,
    ceiling: Ceiling,
    where: Workplace,
) -> NarrowTask | None:
    """The request that passes and gives up least of what was asked: every grant that passes by itself, each limit no
    higher than allowed. None where nothing passes. It was decided like any other, so it does pass, now."""
    asked = narrow or NarrowTask()
    deadline = None if asked.deadline is None else min(asked.deadline, task_policy.deadline)
    kept: dict[str, Narrow] = {}
    for grant in task_policy.grants:
        if asked.grants and grant.name not in asked.grants:
            continue
        limits = _nearest(grant, (asked.grants or {}).get(grant.name), ceiling)
        alone = NarrowTask(deadline=deadline, grants={grant.name: limits})
        if _passes(held, caller, task_policy, alone, ceiling, where):
            kept[grant.name] = limits
    found = NarrowTask(deadline=deadline, grants=kept)
    return found if kept and _passes(held, caller, task_policy, found, ceiling, where) else None


def _nearest(grant: Grant, limits: Narrow | None, ceiling: Ceiling) -> Narrow:
    """What was asked of a grant, each limit cut to what policy and ceiling allow."""
    allowed = dataclasses.replace(grant, ttl=min(grant.ttl, ceiling.ttl or grant.ttl))
    given = {} if limits is None else limits.model_dump(exclude_none=True)
    return Narrow(**{name: within(name, value, getattr(allowed, name)) for name, value in given.items()})


def _passes(
    held: PolicySet, caller: Identity, found: TaskPolicy, narrow: NarrowTask, ceiling: Ceiling, where: Workplace
) -> bool:
    """Whether the task starts and the policy set denies the credential of none of its grants."""
    try:
        start = authorise_start(caller, found, narrow, held.rules, ceiling, where)
    except Refused:
        return False
    return all(_outcome(held, found, one) in LADDER for one in start.grants)


def _outcome(held: PolicySet, found: TaskPolicy, grant: Grant) -> str:
    return held.rules.decide(Request("issue", "plain", found.environment, grant.data)).outcome


def _refusal(no: Refused, near: NarrowTask | None, steps: list[dict[str, object]]) -> dict[str, object]:
    told = {"allowed": False, "rule": no.rule, "reason": no.message, "would_pass": no.fix}
    return {**told, "nearest": near.model_dump(exclude_none=True) if near else None, "steps": steps}


def _shown(held: PolicySet, found: TaskPolicy, start: StartDecision, grant: Grant) -> dict[str, object]:
    decision = held.rules.decide(Request("issue", "plain", found.environment, grant.data))
    shown = {
        "allowed": decision.outcome in LADDER,
        "approvals": max(grant.approvals, start.approvals, LADDER.get(decision.outcome, 0)),
        "ttl": grant.ttl,
        "uses": grant.uses,
        "delivery": grant.delivery,
        "rule": decision.rule,
        "reason": decision.reason,
    }
    try:
        require_fit(grant, "inject", grant.ttl)  # where it may go, its asker decides
    except Refused as no:
        return {**shown, "allowed": False, "rule": no.rule, "reason": f"{no.message}: {no.fix}"}
    return shown


def _asked(question: Question, grant: Grant) -> bool:
    return question.grant in ("", grant.name)


def _told(
    question: Question, found: TaskPolicy, ceiling: Ceiling, start: StartDecision | None
) -> list[dict[str, object]]:
    return [dataclasses.asdict(step) for step in _steps(question, found, ceiling, start)]


def _steps(question: Question, found: TaskPolicy, ceiling: Ceiling, start: StartDecision | None) -> Iterator[Step]:
    """The table; without `start` nothing is effective."""
    narrow = question.narrow or NarrowTask()
    low = ceiling if ceiling.names else None
    environment, deadline = (found.environment, start.deadline) if start else (None, None)
    yield Step("", "environment", found.environment, low.environment if low else None, None, environment)
    yield Step("", "deadline", found.deadline, None, narrow.deadline, deadline)
    given = {one.name: one for one in start.grants} if start else {}
    for grant in filter(lambda one: _asked(question, one), found.grants):
        asked, effective = (narrow.grants or {}).get(grant.name), given.get(grant.name)
        sources = ", ".join(sorted(low.sources)) if low and low.sources is not None else None
        source, data = (effective.source, effective.data) if effective else (None, None)
        yield Step(grant.name, "source", grant.source, sources, None, source)
        yield Step(grant.name, "data", grant.data, low.data if low else None, None, data)
        for name in LIMITS:
            cap = (ceiling.ttl or None) if name == "ttl" else None
            request = getattr(asked, name) if asked else None
            last = getattr(effective, name) if effective else None
            shown = None if last is None else _cap(name, last)
            yield Step(grant.name, name, _cap(name, getattr(grant, name)), cap, request, shown)


def _cap(name: str, value: int) -> int | str:
    return "no cap" if value == 0 and name in NO_CAP_IS_ZERO else value
