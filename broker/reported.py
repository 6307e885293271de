"""What a guard inside a sandbox recorded, handed out through `task.sock`: its journal dies with the sandbox.

Whoever is inside can say anything. So each record is kept as *claimed*, inside a record of the broker's own that says
which task it came from, and how much one task can say is bounded: MAX_RECORDS records and MAX_BYTES bytes. The first
record beyond that is answered with a refusal and one event that says so. The supervisor outside tells the sandbox's
steps; whoever may launch a task may say so, too, and is bounded likewise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from broker.errors import BadRequest, Conflict, TooMany
from broker.store.database import Database
from broker.store.log import append
from broker.store.rows import find_task
from broker.store.tables import events
from broker.task import TaskState
from secretguard.audit.vocabulary import EVENTS

EVENT, CAPPED = "sandbox:event:reported", "sandbox:event:capped"
MAX_RECORDS = 2_000
MAX_BYTES = 4 * 1024 * 1024
MAX_RECORD = 8 * 1024
"""Bytes of one record as JSON."""
MAX_BATCH = 20
MAX_STEPS = 1_000
"""Steps of the sandbox that its supervisor may tell of one task."""
_DEEPEST = 5
_MOST_FIELDS = 60
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_ABOUT = ("command", "path", "tool", "reason")


def take(database: Database, clock: Callable[[], float], task_id: str, records: Sequence[Mapping[str, object]]) -> int:
    """Record what `task_id`'s sandbox claims; how many records were kept, which is all of them.

    Raises BadRequest for what no guard writes (nothing is kept), Conflict when the task is not active, TooMany when the
    task has said too much: what fitted is kept. Raises RecordFailed.
    """
    texts = [_checked(record) for record in records]
    with database.write() as tx:
        if find_task(tx, task_id, lock=True).state is not TaskState.ACTIVE:
            raise Conflict("the task is not active", "report while it runs", rule="task-state")
        count, size, capped = _said(tx, task_id)
        kept = 0
        for record, text in zip(records, texts, strict=True):
            if count + kept >= MAX_RECORDS or size + len(text) > MAX_BYTES:
                break
            kept, size = kept + 1, size + len(text)
            about = next((str(record[name])[:200] for name in _ABOUT if record.get(name)), "")
            told = {"claimed_event": record["event"], "about": about, "claimed": dict(record)}
            append(tx, EVENT, task_id, clock(), told)
        if kept < len(records) and not capped:
            append(tx, CAPPED, task_id, clock(), {"records": count + kept, "bytes": size})
    if kept < len(records):
        raise TooMany(
            f"this task has reported {count + kept} records of {size} bytes, which is all that is kept",
            "nothing more is recorded of what the sandbox says",
            rule="report-cap",
        )
    return kept


def step(
    database: Database, clock: Callable[[], float], task_id: str, by: str, event: str, fields: Mapping[str, object]
) -> None:
    """Record a step of the sandbox as its supervisor, `by`, tells it from outside; the task may be over by then.

    Raises BadRequest (an event that is none, a record that is too large), TooMany, RecordFailed.
    """
    if event not in EVENTS or event in (EVENT, CAPPED):
        raise BadRequest(f"no event {event!r} to report", "see the event vocabulary", rule="event")
    if len(json.dumps(fields)) > MAX_RECORD:
        raise _bad("the step", f"at most {MAX_RECORD} bytes of JSON")
    told = events.c.event.like("sandbox:%") & events.c.event.not_in((EVENT, CAPPED))
    count = sa.select(sa.func.count()).where((events.c.task_id == task_id) & told)
    with database.write() as tx:
        find_task(tx, task_id, lock=True)
        if tx.execute(count).scalar_one() >= MAX_STEPS:
            raise TooMany(f"{MAX_STEPS} steps of this task are told", "start a new task", rule="report-cap")
        append(tx, event, task_id, clock(), {"reported_by": by, "reported": dict(fields)})


def _said(tx: sa.Connection, task_id: str) -> tuple[int, int, bool]:
    """Number and bytes of what the task has said, and whether its cap was reached."""
    query = sa.select(events.c.event, sa.func.count(), sa.func.sum(sa.func.length(events.c.payload)))
    mine = (events.c.task_id == task_id) & events.c.event.in_((EVENT, CAPPED))
    rows = {name: (count, size) for name, count, size in tx.execute(query.where(mine).group_by(events.c.event)).all()}
    count, size = rows.get(EVENT, (0, 0))
    return int(count), int(size or 0), CAPPED in rows


def _checked(record: Mapping[str, object]) -> str:
    """The record as JSON. Raises BadRequest naming the field where it is not of the form that a guard's record has."""
    event, seq, moment = record.get("event"), record.get("seq"), record.get("time")
    if not (isinstance(event, str) and event in EVENTS and event.startswith(("guard:", "journal:"))):
        raise _bad("event", "an event of the guard's vocabulary")
    if type(seq) is not int or not 0 < seq < 2**53:
        raise _bad("seq", "a number from 1")
    if not isinstance(moment, str) or len(moment) > 40:
        raise _bad("time", "a time of at most 40 characters")
    if len(record) > _MOST_FIELDS or not all(_NAME.fullmatch(name) for name in record):
        raise _bad("a field's name", f"lower-case letters, digits and _, in at most {_MOST_FIELDS} fields")
    if _depth(record) > _DEEPEST:
        raise _bad("a field", f"nested at most {_DEEPEST} deep")
    try:
        text = json.dumps(record, allow_nan=False)
    except ValueError:
        raise _bad("a number", "one that JSON can hold") from None
    if len(text) > MAX_RECORD:
        raise _bad("the record", f"at most {MAX_RECORD} bytes of JSON")
    return text


def _depth(value: object) -> int:
    """Nesting of a JSON value, level by level: no recursion, whatever it holds."""
    level, depth = [value], 0
    while level and depth <= _DEEPEST:
        level = [
            inner
            for one in level
            if isinstance(one, (Mapping, list))
            for inner in (one.values() if isinstance(one, Mapping) else one)
        ]
        depth += bool(level)
    return depth


def _bad(what: str, form: str) -> BadRequest:
    return BadRequest(f"{what} is not {form}", "send records of the guard's journal as they are", rule="report-form")
