"""Retention and erasure: what may go from the record, and how that is on record itself.

Both need the rights of the tables' owner, which the service does not have (`broker/store/roles.py`); docs/adr/0010
says why it is done so and what it does not reach.

*Prune*: below a minimum number the records' texts go, all of them; numbers, leaf hashes and checkpoints stay, so every
proof of what is kept, and every checkpoint that anybody holds, goes on to verify (C2SP tlog-tiles' minimum index).

*Erase*: in single records the personal texts are replaced; the leaf hash stays that of the whole record. Each record
has 128 random bits in it, which go with the texts: nobody can try names until the hash fits.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator

import sqlalchemy as sa

from broker.errors import Conflict, NotFound, RecordFailed
from broker.store.database import Database
from broker.store.log import append
from broker.store.tables import approvals, checkpoints, erasures, events, journal_heads, leaves, retention, tasks, votes
from broker.task import TaskState
from secretguard.audit.record import stamp

PERSONAL = frozenset({
    "launcher", "on_behalf_of", "purpose", "approver", "by", "reason", "requester", "caller", "host", "user", "title",
    "about", "claimed",
})  # fmt: skip
"""Fields that may name a person or hold what one wrote; of what a sandbox said of itself, all."""

GONE = "erased"
CHUNK = 1000
LIVING = (TaskState.CREATED.value, TaskState.ACTIVE.value)


def prune(database: Database, before: float, by: str, reason: str, now: float) -> tuple[int, int]:
    """Drop the records from before `before` (Unix seconds): (the minimum number that is kept, how many went).

    It ends at the first record that is younger, of a task that lives, or under no checkpoint yet. The decision is one
    transaction with its event; the texts then go in batches, and a run that was stopped is finished by the next.
    Raises RecordFailed.
    """
    with database.write() as tx:
        database.lock_sequencer(tx)
        old = int(tx.execute(sa.select(sa.func.max(retention.c.minimum))).scalar() or 0)
        minimum = _first_kept(tx, old, before)
        if minimum > old:
            told = {"minimum": minimum, "before": stamp(before), "by": by, "reason": reason, "signer": _signer(tx)}
            append(tx, "broker:log:pruned", "", now, told)
            tx.execute(retention.insert().values(minimum=minimum, at=int(now)))
    gone = 0
    while True:
        with database.write() as tx:
            below = sa.select(events.c.seq).join(leaves, leaves.c.seq == events.c.seq).where(leaves.c.leaf < minimum)
            seqs = tx.execute(below.limit(CHUNK)).scalars().all()
            if not seqs:
                return minimum, gone
            tx.execute(events.delete().where(events.c.seq.in_(seqs)))
            gone += len(seqs)


def erase(database: Database, now: float, by: str, reason: str, *, task_id: str = "", who: str = "") -> int:
    """Erase the personal texts of one task, or a person's identity wherever it is told; how many records that were.

    Raises NotFound (nothing is told of them), Conflict (a task of theirs lives, or records wait for their number).
    """
    with database.write() as tx:
        database.lock_sequencer(tx)
        _require_over(tx, task_id, who)
        found = list(_stand_ins(tx, task_id, who))
        state = _erase_state(tx, task_id, who)
        if not found and not state:
            raise NotFound("the record tells nothing of them", "an identity is written as `broker task list` shows it")
        for start in range(0, max(len(found), 1), CHUNK):
            part = [leaf for leaf, _, _ in found[start : start + CHUNK]]
            append(tx, "broker:log:erased", "", now, {"entries": part, "count": len(part), "by": by, "reason": reason})
        for _, seq, payload in found:
            turn = tx.execute(sa.select(sa.func.count()).where(erasures.c.seq == seq)).scalar_one()
            tx.execute(erasures.insert().values(seq=seq, turn=turn, payload=payload, at=int(now)))
            tx.execute(events.update().where(events.c.seq == seq).values(payload=payload))
    return len(found)


def compact(database: Database) -> None:
    """Write the store anew, so that what was overwritten does not stay in free pages.

    Raises RecordFailed while somebody else uses a SQLite store, or without the right to."""
    statements = ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)") if database.kind == "sqlite" else ("VACUUM events",)
    try:
        with database.engine.connect() as connection:
            if database.kind == "sqlite":
                connection.exec_driver_sql("COMMIT")  # the one that every connection begins with
            else:
                connection = connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in statements:
                connection.exec_driver_sql(statement)
    except sa.exc.SQLAlchemyError:
        fix = "the texts are erased; their old pages go with VACUUM, with the broker stopped where the store is SQLite"
        raise RecordFailed("the store could not be written anew", fix) from None


def without(payload: str, task: bool, who: str) -> str | None:
    """The record without its personal fields (`task`) or the texts that name `who`; None when it has none of them."""
    told = json.loads(payload)
    kept = {
        name: _clean(value, name in PERSONAL if task else False, who)
        for name, value in told.items()
        if name not in ("salt", GONE)
    }
    if kept == {name: value for name, value in told.items() if name not in ("salt", GONE)}:
        return None
    return json.dumps(kept | {GONE: True}, sort_keys=True)


def _clean(value: object, personal: bool, who: str) -> object:
    if isinstance(value, str):
        return GONE if personal or (who and _names(value, who)) else value
    if isinstance(value, list):
        return [_clean(one, personal, who) for one in value]
    if isinstance(value, dict):
        return {name: _clean(one, personal, who) for name, one in value.items()}
    return value


def _names(text: str, who: str) -> bool:
    """Whether `text` holds the identity as a whole: ada is not adam, and not ada.b."""
    return re.search(rf"(?<![\w.:@-]){re.escape(who)}(?![\w@-]|[.:]\w)", text) is not None


def _first_kept(tx: sa.Connection, minimum: int, before: float) -> int:
    signed = int(tx.execute(sa.select(sa.func.max(checkpoints.c.size))).scalar() or 0)
    living = sa.select(sa.func.min(leaves.c.leaf)).join(events, events.c.seq == leaves.c.seq)
    oldest = tx.execute(living.join(tasks, tasks.c.id == events.c.task_id).where(tasks.c.state.in_(LIVING))).scalar()
    end = min(signed, signed if oldest is None else int(oldest))
    query = sa.select(leaves.c.leaf, events.c.payload).join(events, events.c.seq == leaves.c.seq)
    while minimum < end:
        page = query.where(leaves.c.leaf >= minimum, leaves.c.leaf < end).order_by(leaves.c.leaf).limit(CHUNK)
        rows = tx.execute(page).all()
        if not rows:
            break
        for leaf, payload in rows:
            if str(json.loads(payload)["time"]) >= stamp(before):
                return int(leaf)
            minimum = int(leaf) + 1
    return minimum


def _signer(tx: sa.Connection) -> str:
    """Who signs, as the newest start says: that record may be among those that go."""
    query = sa.select(events.c.payload).where(events.c.event.in_(("broker:server:started", "broker:log:pruned")))
    for payload in tx.execute(query.order_by(events.c.seq.desc()).limit(20)).scalars():
        told = json.loads(payload).get("signer")
        if told:
            return str(told)
    return ""


def _require_over(tx: sa.Connection, task_id: str, who: str) -> None:
    theirs = tasks.c.id == task_id if task_id else sa.or_(tasks.c.launcher == who, tasks.c.on_behalf_of == who)
    if tx.execute(sa.select(tasks.c.id).where(theirs, tasks.c.state.in_(LIVING)).limit(1)).first():
        raise Conflict("a task of theirs is not over", "end it first: its approvals need the names", rule="task-alive")


def _stand_ins(tx: sa.Connection, task_id: str, who: str) -> Iterator[tuple[int, int, str]]:
    """(number, seq, what stands in for it) of each record that tells of them."""
    quoted = json.dumps(who)[1:-1]
    theirs = events.c.task_id == task_id if task_id else events.c.payload.contains(quoted, autoescape=True)
    theirs &= events.c.event.not_like("broker:log:%") & (events.c.event != "broker:server:started")
    query = sa.select(events.c.seq, events.c.payload, leaves.c.leaf).join(
        leaves, leaves.c.seq == events.c.seq, isouter=True
    )
    for seq, payload, leaf in tx.execute(query.where(theirs).order_by(events.c.seq)).all():
        left = without(payload, bool(task_id), who)
        if left is None:
            continue
        if leaf is None:
            raise Conflict("records of theirs wait for their number", "run it again in a second", rule="unnumbered")
        yield int(leaf), int(seq), left


def _erase_state(tx: sa.Connection, task_id: str, who: str) -> int:
    """The same in the rows beside the record; how many there were."""
    mine = sa.select(approvals.c.id).where(approvals.c.task_id == task_id)
    changes: list[sa.Update | sa.Delete]
    if task_id:
        changes = [
            tasks.update().where(tasks.c.id == task_id).values(launcher=GONE, on_behalf_of=GONE, purpose=GONE),
            approvals.update().where(approvals.c.task_id == task_id).values(
                requester=GONE, on_behalf_of=GONE, request=GONE
            ),
        ]  # fmt: skip
    else:
        named = approvals.c.request.contains(json.dumps(who)[1:-1], autoescape=True)
        changes = [
            *(tasks.update().where(tasks.c[name] == who).values({name: GONE}) for name in ("launcher", "on_behalf_of")),
            *(
                approvals.update().where(approvals.c[name] == who).values({name: GONE})
                for name in ("requester", "on_behalf_of")
            ),
            approvals.update().where(named, approvals.c.state != "waiting").values(request=GONE),
            journal_heads.delete().where(journal_heads.c.caller == who),
        ]
    named_votes = votes.c.approval_id.in_(mine) if task_id else votes.c.approver == who
    for vote in tx.execute(sa.select(votes.c.approval_id, votes.c.approver).where(named_votes)).all():
        here = (votes.c.approval_id == vote.approval_id) & (votes.c.approver == vote.approver)
        changes.append(votes.update().where(here).values(approver=f"{GONE} {secrets.token_hex(4)}", reason=GONE))
    return sum(tx.execute(change).rowcount for change in changes)
