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
        size, frontier = head(connection)
        rows = connection.execute(
            sa.select(events.c.seq, events.c.payload).where(events.c.leaf.is_(None)).order_by(events.c.seq).limit(BATCH)
        ).all()
        if not rows:
            return 0
        placed = []
        for leaf, (seq, payload) in enumerate(rows, size):
            digest = leaf_hash(payload)
            frontier = extend(frontier, digest)
            placed.append({"at": seq, "leaf": leaf, "leaf_hash": digest.hex()})
        connection.execute(events.update().where(events.c.seq == sa.bindparam("at")), placed)
        size += len(rows)
        note = checkpoint.sign(signer.origin, size, root(frontier), signer.key)
        stored = json.dumps([[level, digest.hex()] for level, digest in frontier])
        connection.execute(checkpoints.insert().values(size=size, note=note, frontier=stored, at=int(now())))
        return len(rows)


def head(connection: sa.Connection) -> tuple[int, list[tuple[int, bytes]]]:
    """Size and frontier of the tree at the newest checkpoint."""
    row = connection.execute(
        sa.select(checkpoints.c.size, checkpoints.c.frontier).order_by(checkpoints.c.size.desc()).limit(1)
    ).first()
    if row is None:
        return 0, []
    return row.size, [(level, bytes.fromhex(digest)) for level, digest in json.loads(row.frontier)]


def leaf_hash(payload: str) -> bytes:
    """RFC 6962 section 2.1: SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + payload.encode()).digest()


def extend(frontier: list[tuple[int, bytes]], leaf: bytes) -> list[tuple[int, bytes]]:
    """The frontier (roots of the perfect subtrees, largest first, each with its height) after one more leaf."""
    level, frontier = 0, list(frontier)
    while frontier and frontier[-1][0] == level:
        leaf = hashlib.sha256(b"\x01" + frontier.pop()[1] + leaf).digest()
        level += 1
    frontier.append((level, leaf))
    return frontier


def root(frontier: list[tuple[int, bytes]]) -> bytes:
    """The RFC 6962 tree head that a frontier stands for."""
    if not frontier:
        return hashlib.sha256().digest()
    *left, (_, digest) = frontier
    for _, other in reversed(left):
        digest = hashlib.sha256(b"\x01" + other + digest).digest()
    return digest


def _bounded(value: object) -> object:
    if isinstance(value, str) and len(value) > MAX_FIELD:
        return {"cut": value[:200], "length": len(value), "sha256": hashlib.sha256(value.encode()).hexdigest()}
    return value
