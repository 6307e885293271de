"""Whoever changes the policy does so alone; whoever acts on it holds it still until they have recorded.

On PostgreSQL an advisory lock, whose queue is fair: a change that waits is let in before those who came after it, so
that a tightening is fast however many requests there are (a row's lock can be shared past a waiter without end). On
SQLite every write is alone.
"""

from __future__ import annotations

import sqlalchemy as sa

LOCK = 0x9011C7
"""Key of the lock among PostgreSQL's advisory locks; it ends with the transaction."""


def alone(tx: sa.Connection) -> None:
    """Wait until nobody acts on the policy or changes it. What is read after that is what counts."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))


def beside(tx: sa.Connection) -> None:
    """Wait until nobody changes the policy; others may act on it at the same time."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock_shared(LOCK)))
