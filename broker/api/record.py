"""`/v1/log`: the newest checkpoint, entries, RFC 6962 proofs, and heads of journals elsewhere. Entries and heads are
for operators; the checkpoint is for anybody who is known, since it tells nothing but that the log goes on; and anybody
who is known may send the heads of journals of their own."""

from __future__ import annotations

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from broker.api.caller import Callers
from broker.api.models import JournalHead
from broker.errors import BadRequest, NotFound
from broker.journal_heads import Head, known_heads, receive
from broker.service import Broker
from broker.store.tables import checkpoints, events
from secretguard.audit.merkle import consistency_proof, inclusion_proof

PAGE = 500
MAX_PROOF_SIZE = 1_000_000
"""Largest tree a proof is built for here; beyond it, build one from exported entries."""


def router(broker: Broker, callers: Callers) -> APIRouter:
    """The routes, over one broker."""
    api = APIRouter(prefix="/v1/log")
    _own(api, broker, callers)
    _elsewhere(api, broker, callers)
    return api


def _own(api: APIRouter, broker: Broker, callers: Callers) -> None:

    @api.get("/checkpoint", response_class=PlainTextResponse)
    def checkpoint(request: Request) -> str:
        callers.identity(request)
        query = sa.select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
        with broker.database.read() as tx:
            note = tx.execute(query).scalar()
        if note is None:
            raise NotFound("the log has no checkpoint yet", "ask again in a second", rule="empty-log")
        return str(note)

    @api.get("/entries")
    def entries(request: Request, start: int = 0, count: int = PAGE) -> dict[str, list[dict[str, object]]]:
        callers.operator(request)
        columns = (events.c.leaf, events.c.leaf_hash, events.c.payload)
        query = sa.select(*columns).where(events.c.leaf >= start).order_by(events.c.leaf)
        with broker.database.read() as tx:
            rows = tx.execute(query.limit(max(0, min(count, PAGE)))).all()
        return {"entries": [{"leaf": row.leaf, "hash": row.leaf_hash, "record": row.payload} for row in rows]}

    @api.get("/proof")
    def proof(request: Request, size: int, leaf: int | None = None, old_size: int | None = None) -> dict[str, object]:
        callers.operator(request)
        if (leaf is None) == (old_size is None) or not 0 < size <= MAX_PROOF_SIZE:
            raise BadRequest("ask for size and either leaf or old_size", rule="request-shape")
        query = sa.select(events.c.leaf_hash).where(events.c.leaf < size).order_by(events.c.leaf)
        with broker.database.read() as tx:
            leaves = [bytes.fromhex(one) for one in tx.execute(query).scalars()]
        try:
            if len(leaves) != size:
                raise IndexError(f"the tree has fewer than {size} leaves")
            path = inclusion_proof(leaves, leaf) if leaf is not None else consistency_proof(leaves, old_size or 0)
        except IndexError as error:
            raise BadRequest(str(error), rule="request-shape") from None
        return {"size": size, "proof": [one.hex() for one in path]}


def _elsewhere(api: APIRouter, broker: Broker, callers: Callers) -> None:
    @api.post("/heads", status_code=201)
    def send(body: JournalHead, request: Request) -> dict[str, object]:
        caller = callers.identity(request)
        head = Head(body.journal, body.seq, body.hash)
        fresh = receive(broker.database, broker.clock, caller.id, body.source, head)
        return {"source": body.source, "seq": body.seq, "new": fresh}

    @api.get("/heads")
    def heads(request: Request) -> dict[str, list[dict[str, object]]]:
        callers.operator(request)
        return {"heads": known_heads(broker.database, int(broker.clock()))}
