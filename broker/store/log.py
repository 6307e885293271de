"""The broker's audit record: event rows, and later their place in an RFC 6962 tree with signed checkpoints.

An event row is written in the transaction of the state change that it records; that commit is the record. Numbering
comes after, in batches under the sequencer's lock, so that the fast path never waits for a tree.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.log.signer import LogSigner, Signer
from broker.log.tree import Subtree, edge, grow, size_of
from broker.store.database import Database
from broker.store.prepared import run_text
from broker.store.statements import DIGEST
from broker.store.tables import checkpoints, cosignatures, events, subtrees, unnumbered
from secretguard.audit import checkpoint
from secretguard.audit.merkle import leaf_hash
from secretguard.audit.record import stamp
from secretguard.audit.vocabulary import durability

__all__ = ["BATCH", "MAX_FIELD", "Signer", "append", "sequence"]

BATCH = 2000
MAX_FIELD = 2000
"""Longest text in one field of an event, in characters; longer text is cut and says so by its digest."""

DIGESTED = "policy_digest"

INSERT_LEAVES = "INSERT INTO leaves (leaf, seq, hash) SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[])"


INSERT_EVENTS = "INSERT INTO events (event, task_id, payload) VALUES "

Event = tuple[str, Mapping[str, object]]
"""Name and fields of one event."""


def append(connection: sa.Connection, event: str, task_id: str, now: float, fields: Mapping[str, object]) -> None:
    """Insert one event row in the caller's transaction. Raises KeyError for an event outside of the vocabulary."""
    append_all(connection, task_id, now, [(event, fields)])


def append_all(connection: sa.Connection, task_id: str, now: float, told: Sequence[Event]) -> None:
    """Insert events of one task, in order, as one statement of the caller's transaction. Raises KeyError.

    Each names the policy: by the digest in its fields, else that under which the task was created.
    The salt keeps a record whose texts were erased from being guessed by its leaf hash (`broker/log/keep.py`).
    """
    time = stamp(now)
    values: list[str] = []
    policy: Mapping[str, object] = {}
    if task_id and any(DIGESTED not in fields for _, fields in told):
        policy = DIGEST.first(connection, task_id=task_id) or {}
    for event, fields in told:
        durability(event)
        record = {**policy, "v": 1, "time": time, "event": event, "task": task_id}
        record |= {name: _bounded(value) for name, value in fields.items()}
        values += (event, task_id, json.dumps(record | {"salt": secrets.token_hex(16)}, sort_keys=True))
    row = "(%s, %s, %s)" if connection.dialect.name == "postgresql" else "(?, ?, ?)"
    run_text(connection, INSERT_EVENTS + ", ".join([row] * len(told)), values)


def sequence(database: Database, signer: LogSigner, now: Callable[[], float]) -> int:
    """Number the events that have no leaf yet, in order, and sign a checkpoint; how many there were.

    At most BATCH events a call, so that writers wait for no longer than a batch takes. Numbers and checkpoint are one
    transaction; a remote signer is asked after it, about what is committed: nothing is ever signed that the log does
    not go on from. Raises RecordFailed, and SourceFailed of a remote signer: the numbers stand then.
    """
    with database.write() as connection:
        database.lock_sequencer(connection)
        size, count = _number(connection)
        if not signer.remote and size > _signed(connection):
            note = checkpoint.sign(signer.origin, size, edge(connection, size).head(), signer.key)
            connection.execute(_stored(size, note, now))
    if signer.remote:
        _sign_remotely(database, signer, now)
    return count


def newest_note(connection: sa.Connection, size: int | None = None) -> str | None:
    """The newest checkpoint (or the one of `size`) with the cosignatures that it has; None when there is none."""
    query = sa.select(checkpoints.c.size, checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
    row = connection.execute(query if size is None else query.where(checkpoints.c.size == size)).first()
    if row is None:
        return None
    lines = sa.select(cosignatures.c.line).where(cosignatures.c.size == row.size).order_by(cosignatures.c.witness)
    return str(row.note) + "".join(f"{line}\n" for line in connection.execute(lines).scalars())


def newest_at(connection: sa.Connection) -> int:
    """When the newest checkpoint was made (Unix seconds); 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(checkpoints.c.at))).scalar() or 0)


def _number(connection: sa.Connection) -> tuple[int, int]:
    """Give the next numbers; the tree's size after them, and how many they are."""
    query = sa.select(events.c.seq, events.c.payload).join(unnumbered, unnumbered.c.seq == events.c.seq)
    rows = connection.execute(query.order_by(events.c.seq).limit(BATCH)).all()
    size = size_of(connection)
    if not rows:
        return size, 0
    frontier = edge(connection, size)
    placed: list[tuple[int, int, str]] = []
    complete: list[Subtree] = []
    for seq, payload in rows:
        digest = leaf_hash(payload.encode())
        placed.append((frontier.size, seq, digest.hex()))
        complete += grow(frontier, digest)
    _place(connection, placed, complete)
    return frontier.size, len(placed)


def _place(connection: sa.Connection, placed: list[tuple[int, int, str]], complete: list[Subtree]) -> None:
    if connection.dialect.name == "postgresql":  # one statement a batch: a row at a time costs ten times as much
        numbers, seqs, hashes = (list(column) for column in zip(*placed, strict=True))
        connection.exec_driver_sql(INSERT_LEAVES, (numbers, seqs, hashes))
        taken = connection.exec_driver_sql("DELETE FROM unnumbered WHERE seq = ANY(%s)", (seqs,)).rowcount
    else:
        connection.exec_driver_sql("INSERT INTO leaves (leaf, seq, hash) VALUES (?, ?, ?)", placed)
        bounds = (placed[0][1], placed[-1][1])  # SQLite's writer is alone: nothing came in between
        taken = connection.exec_driver_sql("DELETE FROM unnumbered WHERE seq BETWEEN ? AND ?", bounds).rowcount
    if taken != len(placed):
        raise RecordFailed("records were numbered elsewhere at the same time", "run one broker version on a store")
    if complete:
        rows = [{"level": one.level, "number": one.number, "hash": one.hash.hex()} for one in complete]
        connection.execute(subtrees.insert(), rows)


def _sign_remotely(database: Database, signer: LogSigner, now: Callable[[], float]) -> None:
    with database.read() as connection:
        size = size_of(connection)
        if size <= _signed(connection):
            return
        root = edge(connection, size).head()
    note = checkpoint.sign(signer.origin, size, root, signer.key)
    database.insert_once(_stored(size, note, now))  # another replica may have stored the same


def _stored(size: int, note: str, now: Callable[[], float]) -> sa.Insert:
    return checkpoints.insert().values(size=size, note=note, at=int(now()))


def _signed(connection: sa.Connection) -> int:
    """The size of the newest checkpoint, 0 when there is none."""
    return int(connection.execute(sa.select(sa.func.max(checkpoints.c.size))).scalar() or 0)


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_FIELD:
        return {"cut": value[:200], "length": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value
