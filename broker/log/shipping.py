"""The broker's log as a source of `secretguard.audit.ship`: numbered records after a cursor, in the order of the tree.

Only numbered records are sent: a transaction that began earlier and commits later gets the later number, so nothing is
passed over. A cursor counts leaves; the leaf before it must still be the one that was sent last.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from broker.store.database import Database
from broker.store.log import newest_note
from broker.store.tables import events, leaves
from secretguard.audit import ocsf
from secretguard.audit.ship.batch import BYTES, Batch, Event, made
from secretguard.audit.ship.cursor import Cursor
from secretguard.errors import ConfigError
from secretguard.rawjson import JsonError, loads

METHOD = "RFC 6962 leaf: SHA-256 of a zero byte and raw_data"
"""How the fingerprint of a record is made of `raw_data`. Erased records no longer fit it."""


class LogSource:
    """The log in `database`; each record is named `origin of the checkpoints:leaf`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def batches(self, cursor: Cursor, limit: int) -> Iterator[Batch]:
        """Records after `cursor` as they are now. No transaction is held while a batch is under way.

        Raises RecordFailed, and ConfigError when the cursor is not of this log.
        """
        origin = self._checked(cursor)
        if not origin:
            return
        source = ocsf.Source(origin, os.uname().nodename, chain=origin)
        while rows := self._rows(cursor.number, limit):
            lost = rows[0].leaf - cursor.number
            batch = _batch(rows, source, lost)
            yield batch
            cursor = batch.cursor

    def _checked(self, cursor: Cursor) -> str:
        """The log's origin; empty while it has no checkpoint. Raises ConfigError."""
        with self._database.read() as tx:
            note = newest_note(tx)
            query = sa.select(leaves.c.hash).where(leaves.c.leaf == cursor.number - 1)
            known = tx.execute(query).scalar()
        if cursor.number and known != cursor.hash:
            raise ConfigError(
                "the cursor does not belong to this log: the store was replaced or put back",
                "`broker log verify --pin` says what happened; without the cursor file all of it is sent again",
            )
        return note.split("\n", 1)[0] if note else ""

    def _rows(self, first: int, limit: int) -> Sequence[Any]:
        query = sa.select(leaves.c.leaf, leaves.c.hash, events.c.payload).join(events, events.c.seq == leaves.c.seq)
        with self._database.read() as tx:
            return tx.execute(query.where(leaves.c.leaf >= first).order_by(leaves.c.leaf).limit(limit)).all()


def _batch(rows: Sequence[Any], source: ocsf.Source, lost: int) -> Batch:
    """As many of `rows` as a batch may hold."""
    taken: list[Event] = []
    size, cursor = 0, Cursor()
    for row in rows:
        event = _event(row, source)
        if taken and (size + len(event.line) > BYTES or row.leaf != cursor.number):
            break
        taken.append(event)
        size, cursor = size + len(event.line), Cursor(row.leaf + 1, row.hash)
    return Batch(tuple(taken), cursor, lost)


def _event(row: Any, source: ocsf.Source) -> Event:
    text = str(row.payload)
    try:
        record = loads(text.encode("utf-8", "backslashreplace"))
    except JsonError:
        record = None
    said = {key: value for key, value in record.items() if key != "salt"} if isinstance(record, dict) else {}
    return made(said, source, ocsf.Sealed(row.leaf, text, row.hash, "", METHOD))
