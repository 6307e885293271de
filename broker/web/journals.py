"""Guard journals beside the broker's record: the sessions of each, and one session as a story.

A journal is written by the user whose agent it records; what it is worth, its own check says, shown beside it. A long
journal takes time to read, so a page gives it SECONDS and says when that did not reach.
"""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Iterator

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from broker.errors import NotFound
from broker.web.activity import Activity
from broker.web.guarded import guarded
from broker.web.pages import STEPS, Number, Text
from secretguard.audit import reader
from secretguard.audit.record import Record
from secretguard.audit.story import words
from secretguard.audit.timeline import Run, run_of
from secretguard.audit.verify import Result, verify
from secretguard.errors import SecretguardError

SECONDS = 8.0
MAX_SESSIONS = 500
"""Sessions that are listed, the newest."""
MAX_VERIFIED = 64 << 20
"""Bytes of a journal that is verified for a page; a longer one takes `secretguard audit verify`."""


@dataclasses.dataclass(slots=True)
class Session:
    """One session of an agent as the list shows it: first and last record's time (ISO 8601), how many there are, and
    how many of them refused, kept back or exposed something."""

    id: str
    client: str
    first: str
    last: str
    records: int = 0
    refused: int = 0
    kept: int = 0
    exposed: int = 0


def router(activity: Activity) -> APIRouter:
    """The pages of the journals that this broker was told of."""
    api = APIRouter(prefix="/activity/journals", include_in_schema=False, route_class=guarded(activity, signed_in=True))

    @api.get("")
    def listed(journal: Text = "") -> HTMLResponse:
        name, folder = _chosen(activity, journal)
        found, complete = sessions(folder)
        values = {"journal": name, "sessions": found, "complete": complete, "checked": checked(folder)}
        return HTMLResponse(activity.page("journals.html", here="Journals", **values))

    @api.get("/session")
    def one(session: Text, journal: Text = "", after: Number = 0) -> HTMLResponse:
        name, folder = _chosen(activity, journal)
        within = _within(reader.records(folder))
        run = run_of(within, session)
        if run is None:
            raise NotFound("there is no such session in this journal", rule="unknown-session")
        complete = within.complete and not run.cut
        values = {"journal": name, "run": run, "complete": complete, "checked": checked(folder), **steps(run, after)}
        return HTMLResponse(activity.page("session.html", here="Journals", **values))

    return api


def sessions(folder: str) -> tuple[list[Session], bool]:
    """The journal's sessions, newest first, and whether all of it could be read in time; nothing where there is no
    journal yet."""
    found: dict[str, Session] = {}
    try:
        within = _within(reader.records(folder))
        for record in within:
            _count(found, record)
    except SecretguardError:
        return [], True
    return [found[name] for name in reversed(found)], within.complete


def checked(folder: str) -> Result | None:
    """What the journal's own check says; None where it is too long to be checked while a page waits."""
    try:
        size = sum(entry.stat().st_size for entry in os.scandir(folder) if entry.is_file())
    except OSError:
        size = 0
    return verify(folder) if size <= MAX_VERIFIED else None


def steps(run: Run, after: int) -> dict[str, object]:
    """The part of a run that one page shows, from its step `after` on, in the words of `secretguard audit timeline`."""
    shown = run.steps[after : after + STEPS]
    rest = after + STEPS < len(run.steps)
    return {
        "steps": [(step, words(step)) for step in shown],
        "alarms": [(step, words(step)) for step in run.alarms[:STEPS]],
        "next": after + STEPS if rest else 0,
    }


class _within:
    """Records until SECONDS have gone by; `complete` says whether that was all of them."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self.complete = True

    def __iter__(self) -> Iterator[Record]:
        deadline = time.monotonic() + SECONDS
        for record in self._records:
            yield record
            if time.monotonic() > deadline:
                self.complete = False
                return


def _chosen(activity: Activity, name: str) -> tuple[str, str]:
    """A journal by its name, the first one where none is named. Raises NotFound."""
    name = name or next(iter(activity.journals), "")
    if name not in activity.journals:
        raise NotFound("there is no such journal here", "see [activity] in the configuration", rule="unknown-journal")
    return name, activity.journals[name]


def _count(found: dict[str, Session], record: Record) -> None:
    """Add a record to its session, which moves to the end as the newest; the oldest goes where there are too many."""
    name, moment, event = (str(record.get(key) or "") for key in ("session_id", "time", "event"))
    if not name:
        return
    session = found.pop(name, None) or Session(name, "", moment, moment)
    if len(found) >= MAX_SESSIONS:
        del found[next(iter(found))]
    found[name] = session
    session.client = session.client or str(record.get("client") or "")
    session.last, session.records = moment, session.records + 1
    session.refused += event.endswith((":denied", ":unreadable"))
    session.kept += event.endswith((":redacted", ":withheld"))
    session.exposed += event.endswith(":exposed")
