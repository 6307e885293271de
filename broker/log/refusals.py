"""Refusals are recorded one by one up to a number a minute and caller, and counted beyond it.

Whoever asks for refused things without end would otherwise fill the disk, and then nothing is issued to anybody. What
is not recorded as a row is recorded as a number: `broker:refusals:counted`, when the minute is over. A caller has one
row of state, however often it asks.
"""

from __future__ import annotations

import sqlalchemy as sa

from broker.store.log import append
from broker.store.tables import refusals

EACH = 20
"""Refusals of one caller in a minute that get a record of their own."""

SECONDS = 60


def admitted(tx: sa.Connection, caller: str, now: float) -> bool:
    """Count one refusal of `caller` (an identity, or a task's id); whether it is to be recorded by itself.

    Call it in the transaction that records: the caller's row stays locked until that ends.
    """
    who = caller[:700]
    here = refusals.c.caller == who
    fresh = "INSERT INTO refusals (caller, since, count) VALUES (:who, :now, 0) ON CONFLICT (caller) DO NOTHING"
    tx.execute(sa.text(fresh), {"who": who, "now": int(now)})
    row = tx.execute(sa.select(refusals).where(here).with_for_update()).one()._mapping
    if now >= row["since"] + SECONDS or now < row["since"]:  # the minute is over, or the clock was set back
        _tell(tx, row, now)
        tx.execute(refusals.update().where(here).values(since=int(now), count=1))
        return True
    tx.execute(refusals.update().where(here).values(count=row["count"] + 1))
    return bool(row["count"] < EACH)


def settle(tx: sa.Connection, now: float) -> int:
    """Record the counts of all minutes that are over and forget their callers; how many those are."""
    over = sa.select(refusals).where(refusals.c.since <= now - SECONDS).with_for_update(skip_locked=True)
    rows = tx.execute(over).mappings().all()
    for row in rows:
        _tell(tx, row, now)
        tx.execute(refusals.delete().where(refusals.c.caller == row["caller"]))
    return len(rows)


def _tell(tx: sa.Connection, row: sa.RowMapping, now: float) -> None:
    caller, since, count = row["caller"], row["since"], row["count"]
    if count > EACH:
        task_id = caller if caller.startswith("task-") else ""
        told = {"caller": caller, "since": since, "recorded": EACH, "more": count - EACH}
        append(tx, "broker:refusals:counted", task_id, now, told)
