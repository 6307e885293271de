"""`broker/store/prepared.py` against SQLAlchemy's own way of running the same statements, on each store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.store.database import Database, open_database
from broker.store.prepared import Prepared, run_text
from broker.store.tables import proofs
from tests.broker.stores import KINDS, fresh_url

NEW = Prepared(proofs.insert().values(digest=sa.bindparam("digest"), expires_at=sa.bindparam("expires_at")).inline())
ONE = Prepared(sa.select(proofs).where(proofs.c.digest == sa.bindparam("digest")))
LATER = Prepared(
    proofs.update().where(proofs.c.expires_at > 5).values(expires_at=proofs.c.expires_at + sa.bindparam("more"))
)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open store of each kind."""
    opened = open_database(fresh_url(request.param, tmp_path, request))
    yield opened
    opened.close()


def test_it_reads_and_writes_what_sqlalchemy_does(database: Database) -> None:
    """Rows that it wrote are SQLAlchemy's, and it reads them by column name; a value of the statement's own is kept."""
    with database.write() as tx:
        assert NEW.run(tx, digest="a", expires_at=5) == 1
        assert NEW.run(tx, digest="b", expires_at=6) == 1
        assert LATER.run(tx, more=10) == 1
    with database.read() as tx:
        assert ONE.first(tx, digest="a") == {"digest": "a", "expires_at": 5}
        assert ONE.first(tx, digest="none") is None
        assert tx.execute(sa.select(proofs.c.expires_at).order_by(proofs.c.digest)).scalars().all() == [5, 16]


def test_it_runs_in_the_transaction_of_the_caller(database: Database) -> None:
    """What was written is gone when the block around it fails."""
    with pytest.raises(TypeError), database.write() as tx:  # noqa: PT012  # the first call is what must be undone
        NEW.run(tx, digest="a", expires_at=5)
        NEW.run(tx)
    with database.read() as tx:
        assert ONE.first(tx, digest="a") is None


def test_a_read_is_one_snapshot(database: Database) -> None:
    """Two reads of one block see the same, whatever is committed in between."""
    with database.read() as tx:
        assert ONE.first(tx, digest="a") is None
        with database.write() as other:
            NEW.run(other, digest="a", expires_at=5)
        assert ONE.first(tx, digest="a") is None


def test_a_failure_of_the_store_is_a_failed_record(database: Database) -> None:
    """The driver's error comes out as SQLAlchemy's, so that the block says RecordFailed, without the values."""
    with pytest.raises(RecordFailed) as failed, database.write() as tx:  # noqa: PT012
        NEW.run(tx, digest="hush-hush", expires_at=1)
        NEW.run(tx, digest="hush-hush", expires_at=2)
    assert "hush" not in str(failed.value)
    with pytest.raises(RecordFailed), database.write() as tx:
        run_text(tx, "INSERT INTO nowhere VALUES (1)", ())
    with database.write() as tx:  # the connection is as good as new
        assert NEW.run(tx, digest="hush-hush", expires_at=3) == 1


@pytest.mark.parametrize("given", [{}, {"digest": "a"}, {"digest": "a", "expires_at": 1, "state": "x"}])
def test_a_parameter_too_few_or_too_many_is_an_error(database: Database, given: dict[str, object]) -> None:
    """Nothing is left out in silence."""
    with pytest.raises(TypeError), database.write() as tx:
        NEW.run(tx, **given)
