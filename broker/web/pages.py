"""The reviewer's pages under `/activity`: runs, one run as a story, the record, one entry, the log's integrity.

Read only: they ask `broker/activity.py` and fill templates. Each works without JavaScript; with it htmx fetches the
same pages and swaps the part that changed.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from urllib.parse import urlencode

import sqlalchemy as sa
from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from broker import activity as record
from broker.errors import NotFound, RecordFailed
from broker.journal_heads import known_heads
from broker.store.database import Database
from broker.store.rows import task_leases
from broker.store.tables import cosignatures, events
from broker.story import ALARMS, Line
from broker.task import TaskState
from broker.web.activity import Activity
from broker.web.ask import MAX_TEXT, Asked
from broker.web.guarded import guarded
from secretguard.audit.sentences import pieces
from secretguard.policy.request import ENVIRONMENTS

PAGE = 50
STEPS = 500
"""Steps of a story on one page."""

Text = Annotated[str, Query(max_length=MAX_TEXT)]
Number = Annotated[int, Query(ge=0, lt=2**53)]

KINDS = {
    "asked": "request",
    "started": "start",
    "approval": "approval",
    "credential": "credential",
    "parent": "credential",
    "sandbox": "sandbox",
    "claimed": "claim",
    "ended": "end",
    "refused": "refusal",
    "policy": "policy",
    "other": "other",
    "alarms": "needs attention",
}
"""Kind of a line → the word beside it."""

BESIDE = {"reported_by", "salt", "claimed_event", "about", "v", "seq", "event", "time", "client", "client_version"}
BESIDE |= {"session_id", "prompt_id", "tool_use_id"}
"""Fields of a report that its sentence has already, or that a story leaves to the record's own page."""

ALARM_WORDS = {
    "broker:bootstrap:stolen": "stolen bootstrap",
    "broker:bootstrap:refused": "refused bootstrap",
    "broker:lease:uncertain": "uncertain lease",
    "broker:lease:queued": "lease not taken back",
    "broker:lease:refused": "refused credential",
    "broker:lease:failed": "failed credential",
    "broker:parent:failed": "failed credential of the run",
    "broker:approval:denied": "denied by a person",
    "broker:approval:expired": "nobody decided",
    "broker:task:killed": "killed",
    "broker:task:refused": "refused run",
    "journal:head:conflict": "journal conflict",
    "broker:refusals:counted": "many refusals",
    "broker:kill:ordered": "ordered end",
    "broker:policy:recovered": "policy past its owners",
    "broker:log:contradicted": "another history at a witness",
    "broker:exposure:reported": "leaked credential",
    "broker:stray:revoked": "credential that nobody recorded",
    "broker:store:restored": "restored from a copy",
    "sandbox:event:capped": "said more than is kept",
}


def router(activity: Activity) -> APIRouter:
    """The pages of one broker, for whoever has a session."""
    api = APIRouter(prefix="/activity", include_in_schema=False, route_class=guarded(activity, signed_in=True))
    _runs(api, activity)
    _one_run(api, activity)
    _state(api, activity)
    return api


def nowhere(activity: Activity) -> APIRouter:
    """Every other address under `/activity`: a page that says so, behind the same gate. To be added last."""
    api = APIRouter(prefix="/activity", include_in_schema=False, route_class=guarded(activity, signed_in=True))

    @api.get("/{path:path}")
    def other() -> HTMLResponse:
        raise NotFound("there is no such page", rule="no-page")

    return api


def _state(api: APIRouter, activity: Activity) -> None:

    @api.get("/badge")
    def badge() -> HTMLResponse:
        return HTMLResponse(activity.page("badge.html"))

    @api.get("/integrity")
    def integrity() -> HTMLResponse:
        heads = known_heads(activity.database, int(activity.clock()))
        seen = witnesses(activity.database)
        return HTMLResponse(activity.page("integrity.html", here="Integrity", heads=heads, witnesses=seen))


def _runs(api: APIRouter, activity: Activity) -> None:
    @api.get("")
    @api.get("/")
    def runs(
        text: Text = "",
        state: Text = "",
        environment: Text = "",
        since: Text = "",
        until: Text = "",
        attention: Text = "",
        after: Text = "",
    ) -> HTMLResponse:
        asked = Asked(text, state, environment, since, until, bool(attention), after)
        found = _found(activity, asked)
        shown = found[:PAGE]
        values = {
            "asked": asked,
            "narrowed": asked.narrowed,
            "found": shown,
            "older": asked.query(shown[-1].cursor) if len(found) > PAGE else "",
            "first": (asked.query("") if asked.narrowed else "?") if after else "",
            "states": [one.value for one in TaskState],
            "environments": ENVIRONMENTS,
            "alarm_words": ALARM_WORDS,
            "loose": loose_alarms(activity.database),
        }
        return HTMLResponse(activity.page("runs.html", here="Runs", **values))


def _found(activity: Activity, asked: Asked) -> list[record.Run]:
    """One run more than a page has. Raises BadRequest, RecordFailed."""
    try:
        return record.runs(activity.database, asked.filter(PAGE + 1))
    except RecordFailed as error:
        fix = "narrow the time: the store gives a search a few seconds" if asked.narrowed else error.fix
        raise RecordFailed(error.message, fix) from None


def _one_run(api: APIRouter, activity: Activity) -> None:
    @api.get("/runs/{task_id}")
    def one(task_id: str, kind: Text = "", after: Number = 0) -> HTMLResponse:
        run = record.run(activity.database, task_id[:MAX_TEXT])
        if run is None:
            raise NotFound("there is no such run", "search for what you know of it", rule="unknown-task")
        fits = [line for line in run.lines if line.seq > after and wanted(line, kind)]
        further = {"kind": kind, "after": fits[STEPS - 1].seq} if len(fits) > STEPS else {}
        values = {
            "run": run,
            "alarms": [line for line in run.lines if line.alarm],
            "kind": kind,
            "kinds": sorted(Counter(line.kind for line in run.lines).items()),
            "kind_words": KINDS,
            "lines": fits[:STEPS],
            "more": f"?{urlencode(further)}" if further else "",
            "told": told,
            "said": said,
            "leases": credentials(activity.database, run.task_id),
        }
        return HTMLResponse(activity.page("run.html", here="Runs", **values))


def wanted(line: Line, kind: str) -> bool:
    """Whether a step is of the kind that was asked for; "alarms" are those that a reviewer must see."""
    return not kind or line.kind == kind or (kind == "alarms" and line.event in ALARMS)


def said(line: Line) -> list[tuple[str, bool]]:
    """The line's sentence in pieces, each with whether it is a value: a purpose may be worded like the broker's own
    words, and must not look like them."""
    found = pieces(line.event, line.fields)
    return found if "".join(text for text, _ in found) == line.text else [(line.text, True)]


def told(line: Line) -> list[tuple[str, object]]:
    """Of what a sandbox did or claims: the fields that its sentence leaves out, the command first."""
    if line.kind not in ("sandbox", "claimed"):
        return []
    found: dict[str, object] = {}
    for name, value in line.fields.items():
        found |= value if isinstance(value, dict) else {name: value}
    said = line.fields.get("about")
    shown = [(name, value) for name, value in found.items() if name not in BESIDE and value not in (said, "")]
    return sorted(shown, key=lambda item: item[0] != "command")


def loose_alarms(database: Database) -> list[sa.Row[tuple[str, int]]]:
    """Events of no run that a reviewer must see, each with how many there are. Raises RecordFailed."""
    here = events.c.event.in_(ALARMS) & (events.c.task_id == "")
    query = sa.select(events.c.event, sa.func.count().label("number")).where(here).group_by(events.c.event)
    with database.read() as tx:
        return list(tx.execute(query.order_by(events.c.event)))


def witnesses(database: Database) -> list[sa.Row[tuple[str, int, int]]]:
    """Who else has signed checkpoints of this log, how far (entries) and when last (Unix seconds): as the store has it,
    for their keys are with whoever verifies elsewhere. Raises RecordFailed."""
    columns = cosignatures.c.witness, sa.func.max(cosignatures.c.size).label("size"), sa.func.max(cosignatures.c.at)
    query = sa.select(*columns[:2], columns[2].label("at")).group_by(cosignatures.c.witness)
    with database.read() as tx:
        return list(tx.execute(query.order_by(cosignatures.c.witness).limit(PAGE)))


def credentials(database: Database, task_id: str) -> list[sa.RowMapping]:
    """The run's leases, oldest first: which credentials there were, and what became of each. Raises RecordFailed."""
    with database.read() as tx:
        return [row._mapping for row in task_leases(tx, task_id)[:STEPS]]
