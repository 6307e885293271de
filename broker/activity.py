"""What agents did, from the broker's record: runs to choose from, one run as a story, any record, and the log's state.

A *run* is one task. Everything here is read from the store as it is and is frozen; nothing is changed. A page or a
command shows it; neither can prove more than the store says, which `integrity` tells, and better `broker log verify`
on another machine.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.store.database import Database
from broker.store.log import newest_at, newest_note
from broker.store.tables import approvals, events, leases, leaves, tasks
from broker.store.verify import verify
from broker.story import ALARMS, Line, line_of

PAGE, MAX_PAGE = 50, 500
MAX_LINES = 20_000
"""Lines of one story; a longer run is cut and says so."""

SALT, SALT_DIGITS = '"salt": "', 32
"""What stands before a record's salt, and how long that is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Filter:
    """Which runs. All that is given must hold; "" and None ask for nothing.

    `text` is looked for in ids, names, purpose, policy, and in every record of the run (case is ignored, no wildcards).
    `since` and `until` bound the start (Unix seconds). `attention`: only runs with an alarm. `after` is the `cursor`
    of the last run of the page before; newest runs come first, at most `limit` (up to MAX_PAGE).
    """

    text: str = ""
    who: str = ""
    state: str = ""
    environment: str = ""
    policy: str = ""
    since: int | None = None
    until: int | None = None
    attention: bool = False
    after: str = ""
    limit: int = PAGE


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """One task. Times are Unix seconds, `ended_at` is 0 while it lives. `leases` and `approvals` are counts; `alarms`
    the different events of the run that a reviewer must see. `lines` is the story: filled by `run`, empty in `runs`;
    `cut` when it is longer than MAX_LINES."""

    task_id: str
    policy: str
    policy_digest: str
    environment: str
    purpose: str
    launcher: str
    on_behalf_of: str
    state: str
    created_at: int
    expires_at: int
    ended_at: float
    leases: int
    approvals: int
    alarms: tuple[str, ...]
    lines: tuple[Line, ...] = ()
    cut: bool = False

    @property
    def cursor(self) -> str:
        """Where the page after this run begins."""
        return f"{self.created_at}.{self.task_id}"


@dataclasses.dataclass(frozen=True, slots=True)
class Record:
    """One record: `payload` is its exact text, whose RFC 6962 leaf hash (hex) is `hash`; `leaf` its number in the tree,
    None while it has none."""

    seq: int
    event: str
    task_id: str
    payload: str
    leaf: int | None
    hash: str


@dataclasses.dataclass(frozen=True, slots=True)
class Integrity:
    """The log's state: `outcome` is `intact`, `tampered`, `incomplete` or `cannot tell`, with `findings` in words and
    what it rests on (`anchor`). `size` entries are numbered, `waiting` not yet; `note` is the newest checkpoint
    with its cosignatures, `root` its tree head (base64), `at` when it was made; `checked_at` is the moment of this
    check (Unix seconds). `notes` say what is in order and worth knowing: what was pruned or erased."""

    outcome: str
    size: int
    waiting: int
    root: str
    note: str
    at: int
    findings: tuple[str, ...]
    anchor: str
    checked_at: float
    notes: tuple[str, ...] = ()


def runs(database: Database, wanted: Filter | None = None) -> list[Run]:
    """The runs that fit, newest first. Raises RecordFailed."""
    wanted = wanted or Filter()
    order = (tasks.c.created_at.desc(), tasks.c.id.desc())
    query = sa.select(tasks).where(*_conditions(wanted, database.kind)).order_by(*order)
    with database.read() as tx:
        rows = tx.execute(query.limit(max(1, min(wanted.limit, MAX_PAGE)))).all()
        return _with_counts(tx, rows)


def run(database: Database, task_id: str) -> Run | None:
    """One run with its story, oldest line first; None when there is no such task. Raises RecordFailed."""
    with database.read() as tx:
        row = tx.execute(sa.select(tasks).where(tasks.c.id == task_id.replace("\0", ""))).first()
        if row is None:
            return None
        (found,) = _with_counts(tx, [row])
        query = _records().where(events.c.task_id == task_id).order_by(events.c.seq).limit(MAX_LINES + 1)
        told = [_record(one) for one in tx.execute(query)]
    lines = tuple(line_of(one.seq, one.leaf, one.event, one.payload) for one in told[:MAX_LINES])
    return dataclasses.replace(found, lines=lines, cut=len(told) > MAX_LINES)


def record(database: Database, seq: int) -> Record | None:
    """The record with this number in the store (`Line.seq`). Raises RecordFailed."""
    with database.read() as tx:
        row = tx.execute(_records().where(events.c.seq == seq)).first()
    return _record(row) if row else None


def records(
    database: Database, after: int = 0, limit: int = PAGE, event: str = "", newest: bool = True, before: int = 0
) -> list[Record]:
    """Records of every task and of none, newest first (or oldest first above `after`); with `before` those below that
    number alone. Raises RecordFailed."""
    query = _records().where(events.c.seq > after)
    if before:
        query = query.where(events.c.seq < before)
    if event:
        query = query.where(events.c.event == event)
    order = events.c.seq.desc() if newest else events.c.seq
    with database.read() as tx:
        return [_record(row) for row in tx.execute(query.order_by(order).limit(max(1, min(limit, MAX_PAGE))))]


def integrity(database: Database, key: Ed25519PublicKey | None, now: float, pin: str | None = None) -> Integrity:
    """Verify the whole record here and now, which takes seconds a million entries. Raises RecordFailed."""
    found = verify(database, key, pin)
    with database.read() as tx:
        note, at = newest_note(tx) or "", newest_at(tx)
    root = note.split("\n")[2] if note.count("\n") > 2 else ""
    return Integrity(
        found.word, found.size, found.waiting, root, note, at, found.findings, found.anchor, now, found.notes
    )


def _conditions(wanted: Filter, kind: str) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if "\0" in "".join(map(str, dataclasses.astuple(wanted))):  # no stored text has one, and PostgreSQL refuses it
        return [sa.false()]
    for column, value in ((tasks.c.state, wanted.state), (tasks.c.environment, wanted.environment)):
        if value:
            found.append(column == value)
    if wanted.policy:
        found.append(tasks.c.policy == wanted.policy)
    if wanted.who:
        found.append(sa.or_(_has(tasks.c.launcher, wanted.who), _has(tasks.c.on_behalf_of, wanted.who)))
    if wanted.since is not None:
        found.append(tasks.c.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(tasks.c.created_at <= wanted.until)
    if wanted.text:
        own = (tasks.c.id, tasks.c.policy, tasks.c.purpose, tasks.c.launcher, tasks.c.on_behalf_of)
        told = sa.select(events.c.task_id).where(_told(wanted.text, kind))
        found.append(sa.or_(*(_has(column, wanted.text) for column in own), tasks.c.id.in_(told)))
    if wanted.attention:
        found.append(tasks.c.id.in_(sa.select(events.c.task_id).where(events.c.event.in_(ALARMS))))
    if wanted.after:
        created, _, task_id = wanted.after.partition(".")
        at = int(created) if created.isascii() and created.isdigit() and len(created) < 19 else 0
        found.append(sa.or_(tasks.c.created_at < at, sa.and_(tasks.c.created_at == at, tasks.c.id < task_id)))
    return found


def _told(text: str, kind: str) -> sa.ColumnElement[bool]:
    """A record in which the text is. A short name like `ada` is in one of some hundred salts by chance: where all of it
    could be part of one, the record is looked at without its salt and that of a record in it."""
    found = _has(events.c.payload, json.dumps(text)[1:-1])
    if set(text.lower()) - set("0123456789abcdef"):
        return found
    left: sa.ColumnElement[str] = events.c.payload
    place = sa.func.strpos if kind == "postgresql" else sa.func.instr
    for _ in range(2):
        at = place(left, SALT)
        salt = sa.case((at > 0, sa.func.substr(left, at, len(SALT) + SALT_DIGITS)), else_="")
        left = sa.func.replace(left, salt, "")
    return found & _has(left, text)


def _has(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    return column.icontains(text[:200], autoescape=True)


def _with_counts(tx: sa.Connection, rows: Sequence[sa.Row[tuple[object, ...]]]) -> list[Run]:
    ids = [row._mapping["id"] for row in rows]
    counts = [_counted(tx, table, ids) for table in (leases, approvals)]
    telling = (*ALARMS, "broker:task:ended", "broker:task:killed")
    query = sa.select(events.c.task_id, events.c.event, events.c.payload)
    alarms: dict[str, list[str]] = {}
    ended: dict[str, float] = {}
    here = events.c.task_id.in_(ids) & events.c.event.in_(telling)
    for task_id, event, payload in tx.execute(query.where(here).order_by(events.c.seq).limit(MAX_LINES)):
        if event in ALARMS and event not in alarms.setdefault(task_id, []):
            alarms[task_id].append(event)
        if event in ("broker:task:ended", "broker:task:killed"):
            ended.setdefault(task_id, line_of(0, None, event, payload).at)
    return [_run(row._mapping, counts, alarms, ended) for row in rows]


def _counted(tx: sa.Connection, table: sa.Table, ids: list[str]) -> dict[str, int]:
    here = table.c.task_id.in_(ids)
    rows = tx.execute(sa.select(table.c.task_id, sa.func.count()).where(here).group_by(table.c.task_id))
    return {row[0]: row[1] for row in rows}


def _run(
    values: sa.RowMapping, counts: list[dict[str, int]], alarms: dict[str, list[str]], ended: dict[str, float]
) -> Run:
    task_id = values["id"]
    same = ("policy", "policy_digest", "environment", "purpose", "launcher", "on_behalf_of", "state", "created_at")
    return Run(
        task_id=task_id,
        **{name: values[name] for name in same},
        expires_at=values["expires_at"],
        ended_at=ended.get(task_id, 0.0),
        leases=counts[0].get(task_id, 0),
        approvals=counts[1].get(task_id, 0),
        alarms=tuple(alarms.get(task_id, ())),
    )


def _records() -> sa.Select[tuple[int, str, str, str, int | None, str | None]]:
    columns = (events.c.seq, events.c.event, events.c.task_id, events.c.payload, leaves.c.leaf)
    joined = events.outerjoin(leaves, leaves.c.seq == events.c.seq)
    return sa.select(*columns, leaves.c.hash).select_from(joined)


def _record(row: sa.Row[tuple[int, str, str, str, int | None, str | None]]) -> Record:
    return Record(row.seq, row.event, row.task_id, row.payload, row.leaf, row.hash or "")
