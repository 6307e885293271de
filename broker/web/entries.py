"""The record behind the pages: every event in order, one entry, its exact bytes, its proof."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Path, Response
from fastapi.responses import HTMLResponse

from broker import activity as record
from broker.errors import Conflict, NotFound
from broker.log.proof import prove
from broker.store.tables import erasures
from broker.story import line_of
from broker.web.activity import Activity
from broker.web.guarded import guarded
from broker.web.pages import PAGE, Number, Text, said
from secretguard.audit.merkle import leaf_hash
from secretguard.audit.vocabulary import EVENTS

Seq = Annotated[int, Path(ge=0, lt=2**53)]


def router(activity: Activity) -> APIRouter:
    """The pages of single records, for whoever has a session."""
    api = APIRouter(prefix="/activity/record", include_in_schema=False, route_class=guarded(activity, signed_in=True))
    _listed(api, activity)
    _single(api, activity)
    return api


def _listed(api: APIRouter, activity: Activity) -> None:
    @api.get("")
    def listed(event: Text = "", before: Number = 0) -> HTMLResponse:
        found = record.records(activity.database, before=before, limit=PAGE + 1, event=event)
        shown = found[:PAGE]
        more = {**({"event": event} if event else {}), "before": shown[-1].seq} if len(found) > PAGE else {}
        values = {
            "event": event,
            "said": said,
            "events": sorted(EVENTS),
            "found": [(line_of(one.seq, one.leaf, one.event, one.payload), one.task_id) for one in shown],
            "older": f"?{urlencode(more)}" if more else "",
            "first": f"?{urlencode({'event': event} if event else {})}" if before else "",
        }
        return HTMLResponse(activity.page("record.html", here="Record", **values))


def _single(api: APIRouter, activity: Activity) -> None:
    @api.get("/{seq}")
    def entry(seq: Seq) -> HTMLResponse:
        one = _record(activity, seq)
        values = {
            "record": one,
            "says": EVENTS.get(one.event, ("", "An event that this version does not know."))[1],
            "fields": fields(one.payload),
            "matches": not one.hash or leaf_hash(one.payload.encode()).hex() == one.hash,
            "erased": erased_at(activity, one),
        }
        return HTMLResponse(activity.page("entry.html", here="Record", **values))

    @api.get("/{seq}/proof")
    def proof(seq: Seq) -> Response:
        text = _proof(activity, _record(activity, seq))
        return Response(text, media_type="text/plain", headers=_file(f"entry-{seq}.tlog-proof"))

    @api.get("/{seq}/raw")
    def raw(seq: Seq) -> Response:
        text = _record(activity, seq).payload.encode()
        return Response(text, media_type="application/json", headers=_file(f"entry-{seq}.json"))


def _file(name: str) -> dict[str, str]:
    """A file to keep, not a page to look at."""
    return {"Content-Disposition": f'attachment; filename="{name}"'}


def _proof(activity: Activity, one: record.Record) -> str:
    """The file that `broker log verify-proof` reads. Raises Conflict, NotFound, RecordFailed."""
    if one.leaf is None:
        raise Conflict("this entry has no number yet", "ask again in a second", rule="unnumbered")
    with activity.database.read() as tx:
        return prove(tx, one.leaf)


def erased_at(activity: Activity, one: record.Record) -> int:
    """When the personal texts of the record were erased (Unix seconds); 0 when what is here is what was recorded."""
    query = sa.select(sa.func.max(erasures.c.at)).where(erasures.c.seq == one.seq, erasures.c.payload == one.payload)
    with activity.database.read() as tx:
        return int(tx.execute(query).scalar() or 0)


def _record(activity: Activity, seq: int) -> record.Record:
    found = record.record(activity.database, seq)
    if found is None:
        raise NotFound("there is no such entry", "it may have been left out by retention", rule="unknown-entry")
    return found


def fields(payload: str) -> list[tuple[str, str]] | None:
    """The record's fields in its own order, nested ones by `outer.inner`; None when it is no JSON object."""
    try:
        told = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    return list(_flat("", told)) if isinstance(told, dict) else None


def _flat(before: str, told: dict[str, object]) -> list[tuple[str, str]]:
    found = []
    for name, value in told.items():
        if isinstance(value, dict) and value and before.count(".") < 3:
            found += _flat(f"{before}{name}.", value)
        else:
            found.append((before + name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)))
    return found
