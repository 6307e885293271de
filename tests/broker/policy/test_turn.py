"""Who waits for whom: on a real PostgreSQL, whose queue must be fair, and on SQLite, where every write is alone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.policy.turn import alone, beside
from broker.store.database import Database, open_database
from tests.broker.stores import fresh_url

Take = Callable[[sa.Connection], None]


@pytest.fixture
def postgres(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A store whose writes wait for others only briefly."""
    return open_database(fresh_url("postgresql", tmp_path, request))


def gets(database: Database, take: Take) -> bool:
    """Whether another transaction gets its turn now."""
    try:
        with database.write() as tx:
            tx.execute(sa.text("SET LOCAL lock_timeout = '100ms'"))
            take(tx)
    except RecordFailed:
        return False
    return True


@pytest.mark.postgres
def test_one_who_changes_is_alone_and_those_who_act_are_not(postgres: Database) -> None:
    """Until the end of their transaction, and no longer."""
    for held, other, expected in ((beside, beside, True), (beside, alone, False), (alone, beside, False)):
        with postgres.write() as tx:
            held(tx)
            assert gets(postgres, other) is expected
        assert gets(postgres, alone)
    with postgres.write() as tx:
        alone(tx)
        assert not gets(postgres, alone)


@pytest.mark.postgres
def test_a_change_that_waits_is_let_in_before_those_who_came_later(postgres: Database) -> None:
    """So that requests without a pause cannot keep a tightening out."""
    done = threading.Event()

    def change() -> None:
        with postgres.write() as tx:
            alone(tx)
        done.set()

    with postgres.write() as tx:
        beside(tx)
        changer = threading.Thread(target=change)
        changer.start()
        waiting = sa.text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        until = time.monotonic() + 20
        while tx.execute(waiting).scalar_one() == 0:
            assert time.monotonic() < until
            time.sleep(0.01)
        assert not gets(postgres, beside), "they wait behind the change"
        assert not done.is_set()
    changer.join(20)
    assert done.is_set()
    assert gets(postgres, beside)


def test_sqlite_needs_no_lock_of_its_own(tmp_path: Path) -> None:
    """One write at a time is what it does anyway."""
    with open_database(f"sqlite:///{tmp_path}/store/broker.db").write() as tx:
        alone(tx)
        beside(tx)
