"""Lists for people, lease revocation, the kill switch and explain."""

from __future__ import annotations

import dataclasses

import sqlalchemy as sa
from fastapi import APIRouter, Request

from broker.api import models
from broker.api.caller import Callers
from broker.errors import RecordFailed
from broker.explain import Question, explained
from broker.receipt import Receipt, Revocation
from broker.revoke import kill_scope, revoke_lease
from broker.service import Broker
from broker.store.rows import find_lease
from broker.store.tables import leases, tasks
from broker.workplace import stated

LIMIT = 500
MOST_LINES, MOST_LEFT = 3000, 5
"""A kill of more leases is answered with what is left alone, so many of a task: clients take an answer of 1 MiB."""

BY_VAULT_ALONE = "on the broker's machine: `broker kill all --from-vault --config FILE`, which needs no store"


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker."""
    api = APIRouter(prefix="/v1")

    @api.get("/tasks")
    def list_tasks(request: Request) -> dict[str, list[dict[str, object]]]:
        columns = (tasks.c.id, tasks.c.policy, tasks.c.state, tasks.c.launcher, tasks.c.purpose, tasks.c.expires_at)
        query = sa.select(*columns).where(_mine(request)).order_by(tasks.c.created_at.desc()).limit(LIMIT)
        return {"tasks": _read(query)}

    @api.get("/leases")
    def list_leases(request: Request) -> dict[str, list[dict[str, object]]]:
        names = ("id", "task_id", "grant_name", "source", "state", "expires_at", "revocation", "detail")
        query = sa.select(*(leases.c[name] for name in names)).join(tasks, leases.c.task_id == tasks.c.id)
        query = query.where(_mine(request)).order_by(leases.c.created_at.desc()).limit(LIMIT)
        return {"leases": _read(query)}

    @api.post("/leases/{lease_id}/revoke")
    def revoke(lease_id: str, request: Request) -> models.ReceiptAnswer:
        with broker.database.read() as tx:
            lease = find_lease(tx, lease_id)
        _, who = callers.owner(request, lease.task_id)
        return models.receipt(revoke_lease(broker, lease_id, who))

    @api.post("/kill")
    def kill(body: models.KillScope, request: Request) -> dict[str, object]:
        caller = callers.identity(request)
        if body.scope != f"launcher:{caller.id}":  # everybody may stop what they started
            caller = callers.operator(request)
        return _killed(broker, body, caller.id)

    @api.post("/explain")
    def explain(body: models.Explain, request: Request) -> dict[str, object]:
        caller, said = callers.identity(request), stated(body.repository, body.branch)
        question = Question(caller, body.policy, body.grant or "", body.narrow, said)
        return explained(broker.policies.current(), question)

    def _mine(request: Request) -> sa.ColumnElement[bool]:
        caller = callers.identity(request)
        return sa.true() if callers.is_operator(caller) else tasks.c.launcher == caller.id

    def _read(query: sa.Select[tuple[object, ...]]) -> list[dict[str, object]]:
        with broker.database.read() as tx:
            return [dict(row._mapping) for row in tx.execute(query).all()]

    return api


def _killed(broker: Broker, body: models.KillScope, by: str) -> dict[str, object]:
    try:
        found = kill_scope(broker, body.scope, by, body.reason)
    except RecordFailed as down:
        raise RecordFailed(down.message, BY_VAULT_ALONE) from None
    complete = all(one.complete for one in found)
    if sum(len(one.lines) for one in found) > MOST_LINES:
        found = tuple(_shortened(one) for one in found)
    return {"receipts": [models.receipt(one) for one in found], "complete": complete}


def _shortened(receipt: Receipt) -> Receipt:
    """What is left to be done, as far as an answer has room; all of it is in the store (`GET /v1/leases`)."""
    left = [line for line in receipt.lines if line.revocation not in (Revocation.CONFIRMED, Revocation.NOTHING)]
    return dataclasses.replace(receipt, lines=tuple(left[:MOST_LEFT]))
