"""`broker/store/statements.py`: each statement fits the tables, in the dialect of each store."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from broker import journal
from broker.lease import Lease, LeaseState
from broker.store import statements
from broker.store.prepared import Prepared

DIALECTS = [sa.make_url(f"{name}://").get_dialect()() for name in ("sqlite", "postgresql+psycopg")]
ALL = {name: value for name, value in vars(statements).items() if isinstance(value, Prepared)}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda one: one.name)
@pytest.mark.parametrize("name", sorted(ALL))
def test_each_statement_is_whole(name: str, dialect: sa.Dialect) -> None:
    """Each compiles, and every parameter that its text has is either asked for or its own."""
    made = ALL[name]._compile(dialect)
    assert "POSTCOMPILE" not in made.text
    assert set(made.order or made.asked | made.fixed.keys()) == made.asked | made.fixed.keys()


def test_a_new_lease_has_every_column() -> None:
    """What the journal gives is what the statement takes: no column of a lease is left to chance."""
    lease = Lease("lease-1", "task-1", "notes", "vault_token", LeaseState.INTENDED, created_at=1, expires_at=2)
    assert statements.NEW_LEASE._compile(DIALECTS[0]).asked == journal._values(lease).keys()


def test_rows_that_others_change_are_locked() -> None:
    """A transition holds its task; a read does not."""
    for held in (statements.TASK_LOCKED, statements.TOPMOST_LOCKED):
        assert "FOR UPDATE" in held._compile(DIALECTS[1]).text
    assert "FOR UPDATE" not in statements.TASK._compile(DIALECTS[1]).text
