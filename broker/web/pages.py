"""The reviewer's pages under `/activity`: runs, one run as a story, the record, one entry, the log's integrity.

Read only: they ask `broker/activity.py` and fill templates. Each works without JavaScript; with it htmx fetches the
same pages and swaps the part that changed.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse

from broker import activity as record
from broker.errors import NotFound
from broker.journal_heads import known_heads
from broker.story import ALARMS, Line
from broker.task import TaskState
from broker.web.activity import Activity
from broker.web.ask import MAX_TEXT, Asked
from broker.web.guarded import guarded
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
    "other": "other",
    "alarms": "needs attention",
}
"""Kind of a line → the word beside it."""

BESIDE = ("reported_by", "salt")
"""Fields of a report that a story leaves to the record's own page."""

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
}


def router(activity: Activity) -> APIRouter:
    """The pages of one broker, for whoever has a session."""
    api = APIRouter(prefix="/activity", include_in_schema=False, route_class=guarded(activity, signed_in=True))
    _runs(api, activity)
    _one_run(api, activity)

    @api.get("/badge")
    def badge() -> HTMLResponse:
        return HTMLResponse(activity.page("badge.html"))

    @api.get("/integrity")
    def integrity() -> HTMLResponse:
        heads = known_heads(activity.database, int(activity.clock()))
        last = activity.watch.state().full
        names = witnesses(last.note if last else "", activity.log_origin)
        return HTMLResponse(activity.page("integrity.html", here="Integrity", heads=heads, witnesses=names))

    return api


def _runs(api: APIRouter, activity: Activity) -> None:
    @api.get("")
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
        found = record.runs(activity.database, asked.filter(PAGE + 1))
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
        }
        return HTMLResponse(activity.page("runs.html", here="Runs", **values))


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
        }
        return HTMLResponse(activity.page("run.html", here="Runs", **values))


def wanted(line: Line, kind: str) -> bool:
    """Whether a step is of the kind that was asked for; "alarms" are those that a reviewer must see."""
    return not kind or line.kind == kind or (kind == "alarms" and line.event in ALARMS)


def told(line: Line) -> list[tuple[str, object]]:
    """Of what a sandbox did or claims: the fields that its sentence leaves out, the command first. Whose session said
    it is the run's own, and stands in the record."""
    if line.kind not in ("sandbox", "claimed"):
        return []
    found: dict[str, object] = {}
    for name, value in line.fields.items():
        found |= value if isinstance(value, dict) else {name: value}
    for name in BESIDE:
        found.pop(name, None)
    return sorted(found.items(), key=lambda item: item[0] != "command")


def witnesses(note: str, origin: str) -> list[str]:
    """Names on the checkpoint's signature lines other than the log's own. They are shown as claimed: their keys are
    with whoever verifies elsewhere."""
    lines = note.rpartition("\n\n")[2].splitlines()
    names = [line.removeprefix("\u2014 ").partition(" ")[0] for line in lines]
    return sorted({name for name in names if name and name != origin})
