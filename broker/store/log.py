"""The broker's audit record: event rows, and later their place in an RFC 6962 tree with signed checkpoints.

An event row is written in the transaction of the state change that it records; that commit is the record. Numbering
comes after, in batches under the sequencer's lock, so that the fast path never waits for a tree.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Callable

import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broker.store.database import Database
from broker.store.tables import checkpoints, events
from secretguard.audit import checkpoint
from secretguard.audit.merkle import Frontier, leaf_hash
from secretguard.audit.vocabulary import durability

BATCH = 2000
MAX_FIELD = 2000
"""Longest text in one field of an event, in characters; longer text is cut and says so by its digest."""


@dataclasses.dataclass(frozen=True, slots=True)
class Signer:
    """Names the log (`origin`, as in the C2SP note) and signs its checkpoints."""

    origin: str
    key: Ed25519PrivateKey


def append(connection: sa.Connection, event: str, task_id: str, now: float, fields: dict[str, object]) -> None:
    """Insert one event row in the caller's transaction. Raises KeyError for an event outside of the vocabulary."""
    durability(event)
    moment = datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="milliseconds")
    record = {"v": 1, "time": moment.replace("+00:00", "Z"), "event": event, "task": task_id}
    payload = json.dumps(record | {name: _bounded(value) for name, value in fields.items()}, sort_keys=True)
    connection.execute(events.insert().values(event=event, task_id=task_id, payload=payload))


def sequence(database: Database, signer: Signer, now: Callable[[], float]) -> int:
    """Number the events that have no leaf yet, in order, and sign a checkpoint; how many there were.

    Raises RecordFailed. At most BATCH events a call, so that writers wait for no longer than a batch takes.
    """
    with database.write() as connection:
        database.lock_sequencer(connection)
        frontier = head(connection)
        rows = connection.execute(
            sa.select(events.c.seq, events.c.payload).where(events.c.leaf.is_(None)).order_by(events.c.seq).limit(BATCH)
        ).all()
        if not rows:
            return 0
        placed = []
        for seq, payload in rows:
            digest = leaf_hash(payload.encode())
            placed.append({"at": seq, "number": frontier.size, "hash": digest.hex()})
            frontier.append(digest)
        values: dict[str, sa.BindParameter[object]] = {
            "leaf": sa.bindparam("number"),
            "leaf_hash": sa.bindparam("hash"),
        }
        place = events.update().where(events.c.seq == sa.bindparam("at")).values(values)
        connection.execute(place, placed)
        note = checkpoint.sign(signer.origin, frontier.size, frontier.head(), signer.key)
        stored = json.dumps([one.hex() for one in frontier.hashes])
        connection.execute(checkpoints.insert().values(size=frontier.size, note=note, frontier=stored, at=int(now())))
        return len(rows)


def head(connection: sa.Connection) -> Frontier:
    """The tree's edge at the newest checkpoint."""
    query = sa.select(checkpoints.c.size, checkpoints.c.frontier).order_by(checkpoints.c.size.desc()).limit(1)
    row = connection.execute(query).first()
    return Frontier() if row is None else Frontier(row.size, [bytes.fromhex(one) for one in json.loads(row.frontier)])


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_FIELD:
        return {"cut": value[:200], "length": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value
