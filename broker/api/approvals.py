"""`/v1/approvals`: what waits for a person, and a person's word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice

import sqlalchemy as sa
from fastapi import APIRouter, Request

from broker.api import models
from broker.api.caller import Callers
from broker.approve import tickets
from broker.authenticate.identity import Identity
from broker.errors import NotFound
from broker.service import Broker
from broker.store.tables import approvals, votes

LIMIT = 200


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker. Nothing is approved by GET."""
    api = APIRouter(prefix="/v1/approvals")

    @api.get("")
    def waiting(request: Request) -> dict[str, list[dict[str, object]]]:
        caller = callers.identity(request)
        here = approvals.c.state == tickets.State.WAITING.value
        query = sa.select(approvals).where(here & (approvals.c.expires_at > broker.clock()))
        with broker.database.read() as tx:  # seen first, then cut: what others ask for pushes nothing out of this list
            rows = tx.execute(query.order_by(approvals.c.created_at).execution_options(yield_per=LIMIT))
            mine = [_shown(row, ()) for row in islice((row for row in rows if _visible(row, caller, callers)), LIMIT)]
        return {"approvals": mine}

    @api.get("/{approval_id}")
    def show(approval_id: str, request: Request) -> dict[str, object]:
        caller = callers.identity(request)
        with broker.database.read() as tx:
            row = tickets.find(tx, approval_id)
            cast = tx.execute(sa.select(votes).where(votes.c.approval_id == approval_id)).all()
        if not _visible(row, caller, callers):
            raise NotFound(f"no approval {approval_id[:64]!r} for {caller.id}", rule="unknown-approval")
        return _shown(row, cast)

    @api.post("/{approval_id}/decide")
    def decide(approval_id: str, body: models.Decide, request: Request) -> dict[str, object]:
        person, now = callers.identity(request), int(broker.clock())
        with broker.database.write() as tx:
            state = tickets.decide(tx, approval_id, person, body.decision == "approve", body.reason, now)
        return {"approval_id": approval_id, "state": state.value}

    @api.post("", status_code=201)
    def open_ticket(body: models.OpenTicket, request: Request) -> models.WaitingAnswer:
        caller, now = callers.identity(request), int(broker.clock())
        text, digest = tickets.canonical_text(dict(body.request))
        ask = tickets.Ask(text, digest, body.policy_digest, body.rule, body.approvals, broker.approvers)
        with broker.database.write() as tx:
            waiting = tickets.open_ticket(tx, caller, ask, now)
        return models.waiting(waiting)

    @api.post("/{approval_id}/consume")
    def consume(approval_id: str, body: models.ConsumeTicket, request: Request) -> dict[str, object]:
        caller, now = callers.identity(request), int(broker.clock())
        with broker.database.write() as tx:
            tickets.consume_ticket(tx, approval_id, caller, body.request_digest, now)
        return {"approval_id": approval_id, "state": tickets.State.CONSUMED.value}

    return api


def _visible(row: sa.Row[tuple[object, ...]], caller: Identity, callers: Callers) -> bool:
    values = row._mapping
    if caller.id in (values["requester"], values["on_behalf_of"]) or callers.is_operator(caller):
        return True
    patterns = json.loads(values["approvers"])
    return caller.may_be_person and any(pattern == "jwt:*" or caller.matches(pattern) for pattern in patterns)


def _shown(row: sa.Row[tuple[object, ...]], cast: Sequence[sa.Row[tuple[object, ...]]]) -> dict[str, object]:
    values = row._mapping
    names = ("task_id", "requester", "on_behalf_of", "request_digest", "policy_digest", "needed", "state", "expires_at")
    said = [{"approver": vote._mapping["approver"], "decision": vote._mapping["decision"]} for vote in cast]
    shown = {name: values[name] for name in names}
    return {"approval_id": values["id"], "request": json.loads(values["request"]), "votes": said, **shown}
