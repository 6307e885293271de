"""`/v1/log`: the newest checkpoint, entries, RFC 6962 proofs, and heads of journals elsewhere. Entries and heads are
for operators; the checkpoint is for anybody who is known, since it tells nothing but that the log goes on; and anybody
who is known may send the heads of journals of their own."""

from __future__ import annotations

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from broker.api.caller import Callers
from broker.api.models import JournalHead
from broker.errors import BadRequest, NotFound
from broker.journal_heads import Head, known_heads, receive
from broker.log.tree import Tree, size_of
from broker.service import Broker
from broker.store.log import newest_note
from broker.store.tables import events, leaves

PAGE = 500
Number = Annotated[int, Query(ge=0, lt=2**53)]
"""What the store's numbers can be."""


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
        with broker.database.read() as tx:
            note = newest_note(tx)
        if note is None:
            raise NotFound("the log has no checkpoint yet", "ask again in a second", rule="empty-log")
        return note

    @api.get("/entries")
    def entries(request: Request, start: Number = 0, count: Number = PAGE) -> dict[str, list[dict[str, object]]]:
        callers.operator(request)
        columns = (leaves.c.leaf, leaves.c.hash, events.c.payload)
        joined = leaves.outerjoin(events, events.c.seq == leaves.c.seq)
        query = sa.select(*columns).select_from(joined).where(leaves.c.leaf >= start).order_by(leaves.c.leaf)
        with broker.database.read() as tx:
            rows = tx.execute(query.limit(min(count, PAGE))).all()
        return {"entries": [{"leaf": row.leaf, "hash": row.hash, "record": row.payload} for row in rows]}

    @api.get("/proof")
    def proof(
        request: Request, size: Number, leaf: Number | None = None, old_size: Number | None = None
    ) -> dict[str, object]:
        callers.operator(request)
        if (leaf is None) == (old_size is None):
            raise BadRequest("ask for size and either leaf or old_size", rule="request-shape")
        with broker.database.read() as tx:
            here = size_of(tx)
            if not 0 < size <= here:
                raise BadRequest(f"the tree has {here} leaves", rule="request-shape")
            try:
                path = Tree(tx, size).inclusion(leaf) if leaf is not None else Tree(tx, size).consistency(old_size or 0)
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
