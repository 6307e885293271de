"""Heads of journals elsewhere: how far the guard's journal on a machine has come, kept where that machine cannot write.

A journal belongs to the user whose agent it records, who can rewrite all of it. What was sent here before cannot be
taken back: a journal that was cut off, replaced or rewritten contradicts it, at the latest when it is verified against
the pin that `pin_of` makes of the last head. A head goes forward only:

  the same journal (hash of its first record), a higher number          received, recorded
  the same journal, number and hash                                     heard of, nothing new
  a lower number, another hash for the same number, another journal     conflict, recorded, the known head stays

More than a few heads a minute from one caller are kept as the last one and counted, not recorded one by one
(`broker/log/refusals.py`).

A head belongs to whoever sent it: nobody can speak for another's journal. One that comes no more is seen by its age.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable

import sqlalchemy as sa

from broker.errors import Conflict, TooMany
from broker.log.refusals import admitted
from broker.store.database import Database
from broker.store.log import append
from broker.store.tables import journal_heads
from secretguard.audit.pin import VERSION, Pin

MAX_SOURCES = 100
"""How many journals one caller may have."""

PAGE = 1000


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """Record `seq` (from 1) of the journal whose first record has the hash `journal` has the hash `hash`."""

    journal: str
    seq: int
    hash: str


def receive(database: Database, clock: Callable[[], float], caller: str, source: str, head: Head) -> bool:
    """Take the head of `caller`'s journal `source`; True when it is a new one.

    Raises Conflict (recorded), TooMany, RecordFailed.
    """
    here = (journal_heads.c.caller == caller) & (journal_heads.c.source == source)
    with database.write() as tx:
        known = _known(tx, caller, source, here)
        told = {"caller": caller, "source": source, **dataclasses.asdict(head)}
        wrong = _contradiction(known, head)
        if wrong:
            tx.execute(journal_heads.update().where(here).values(conflicts=journal_heads.c.conflicts + 1))
            before = {"known_journal": known.journal, "known_seq": known.seq, "known_hash": known.hash}
            if admitted(tx, f"heads of {caller}", clock()):
                append(tx, "journal:head:conflict", "", clock(), {**told, **before, "reason": wrong})
        elif head != known and admitted(tx, f"heads of {caller}", clock()):
            append(tx, "journal:head:received", "", clock(), told)
        if not wrong:
            tx.execute(journal_heads.update().where(here).values(**dataclasses.asdict(head), heard_at=int(clock())))
    if wrong:
        fix = "verify it against the pin that `broker log heads` shows; a new journal is sent under a new --source"
        raise Conflict(f"{source}: {wrong}", fix, rule="journal-head")
    return head != known


def known_heads(database: Database, now: int) -> list[dict[str, object]]:
    """The last head of each journal, the longest silent first; `age` in seconds. At most PAGE."""
    query = sa.select(journal_heads).order_by(journal_heads.c.heard_at, journal_heads.c.caller, journal_heads.c.source)
    with database.read() as tx:
        rows = tx.execute(query.limit(PAGE)).all()
    return [
        {
            "caller": row.caller,
            "source": row.source,
            "seq": row.seq,
            "heard_at": row.heard_at,
            "age": max(0, now - row.heard_at),
            "conflicts": row.conflicts,
            "pin": pin_of(Head(row.journal, row.seq, row.hash), row.heard_at),
        }
        for row in rows
    ]


def pin_of(head: Head, at: int) -> dict[str, object]:
    """The head as a document that `secretguard audit verify --pin` reads."""
    moment = datetime.datetime.fromtimestamp(at, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"version": VERSION, **dataclasses.asdict(Pin(head.journal, head.seq, head.hash, moment))}


def _known(tx: sa.Connection, caller: str, source: str, here: sa.ColumnElement[bool]) -> Head:
    """What is known, locked; an empty head, in a row made now, where that is nothing."""
    query = sa.select(journal_heads).where(here).with_for_update()
    row = tx.execute(query).first()
    if row is None:
        mine = sa.select(sa.func.count()).select_from(journal_heads).where(journal_heads.c.caller == caller)
        if (tx.execute(mine).scalar() or 0) >= MAX_SOURCES:
            raise TooMany(f"{caller} has {MAX_SOURCES} journals here", "send it under a known --source", rule="sources")
        try:
            with tx.begin_nested():
                fresh = {"journal": "", "seq": 0, "hash": "", "heard_at": 0, "conflicts": 0}
                tx.execute(journal_heads.insert().values(caller=caller, source=source, **fresh))
        except sa.exc.IntegrityError:  # another request made it in this moment: it is locked, and read, like any other
            pass
        row = tx.execute(query).one()
    return Head(row.journal, row.seq, row.hash)


def _contradiction(known: Head, head: Head) -> str:
    """Why both cannot be true, or ""."""
    if known.seq == 0:
        return ""
    if head.journal != known.journal:
        return f"it is another journal than the one whose record {known.seq} is known"
    if head.seq < known.seq:
        return f"it goes back to record {head.seq}, and {known.seq} is known"
    if head.seq == known.seq and head.hash != known.hash:
        return f"record {head.seq} is known with another hash"
    return ""
