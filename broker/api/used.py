"""`/v1/tasks/ID/used` and `/v1/usage/NAME`: what was granted and what was used, and a narrower policy from that."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Query, Request

from broker.api.caller import Callers
from broker.errors import Conflict, NotFound
from broker.narrower import narrower
from broker.policy.policy_set import PolicySet
from broker.policy.task_changes import task_changes
from broker.policy_text import rewritten
from broker.service import Broker
from broker.task_policy import TaskPolicy
from broker.usage import UsedTask, of_policy, of_task, usage

MONTH = 30 * 86400
Seconds = Annotated[int, Query(ge=1, le=366 * 86400)]


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker. A task's report is for whoever may see the task, a policy's for operators."""
    api = APIRouter(prefix="/v1")

    @api.get("/tasks/{task_id}/used")
    def of_one(task_id: str, request: Request) -> dict[str, object]:
        task, _ = callers.owner(request, task_id)
        return {"task_id": task.id, "policy": task.policy, **_told(of_task(broker.database, task.id, broker.clock()))}

    @api.get("/usage/{name}")
    def of_all(name: str, request: Request, seconds: Seconds = MONTH) -> dict[str, object]:
        callers.operator(request)
        _policy(broker.policies.current(), name)
        found, cut = of_policy(broker.database, name, int(broker.clock()) - seconds, broker.clock())
        return {"policy": name, "seconds": seconds, **_told(found, cut)}

    @api.get("/usage/{name}/narrower")
    def proposal(name: str, request: Request, seconds: Seconds = MONTH) -> dict[str, object]:
        callers.operator(request)
        held = broker.policies.current()
        policy = _policy(held, name)
        found, cut = of_policy(broker.database, name, int(broker.clock()) - seconds, broker.clock())
        if cut:
            raise Conflict("more tasks than one report reads", "give a shorter time: `--since 7d`", rule="usage-cut")
        return _proposed(held, policy, found)

    return api


def _policy(held: PolicySet, name: str) -> TaskPolicy:
    if name not in held.tasks:
        have = ", ".join(sorted(held.tasks)) or "none"
        raise NotFound(f"no task policy {name[:64]!r}", f"there are: {have}", rule="unknown-policy")
    return held.tasks[name]


def _told(found: list[UsedTask], cut: bool = False) -> dict[str, object]:
    told = usage(found, cut)
    return {**dataclasses.asdict(told), "unused": list(told.unused)}


def _proposed(held: PolicySet, policy: TaskPolicy, found: list[UsedTask]) -> dict[str, object]:
    """`base` is the policy set that it was made from; `text` is that of the file as it would be."""
    new = narrower(policy, found)
    every = {name: one.text for name, one in held.tasks.items()}
    text = rewritten(every, policy, new) if new != policy else policy.text
    changes = task_changes({policy.name: policy}, {policy.name: new}, held.rules)
    told = [{"way": one.ways.word, "text": str(one.text)} for one in changes]
    texts = {"file": f"tasks/{policy.name}.toml", "before": policy.text, "text": text}
    return {"policy": policy.name, "tasks": len(found), "base": held.digest, **texts, "changes": told}
