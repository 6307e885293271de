"""The store: the same on SQLite and PostgreSQL, append-only where it records, silent about values when it fails."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from broker import pipeline
from broker.errors import RecordFailed, TooMany
from broker.grant import Grant
from broker.heartbeat import Listener
from broker.revoke import end_task
from broker.store import database as database_room
from broker.store.database import Database, attach_database, open_database
from broker.store.log import append
from broker.store.rows import find_task
from broker.store.tables import checkpoints, events, leaves, metadata, proofs
from broker.task import TaskState
from broker.task_journal import StoredReplays
from broker.testing import MemoryParents, MemorySource, memory_broker, task_policy
from secretguard.errors import ConfigError
from tests.broker.scenario import active_task, issue, recorded
from tests.broker.stores import KINDS, fresh_url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store of each kind."""
    return fresh_url(request.param, tmp_path, request)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """An open store of each kind."""
    opened = open_database(url)
    yield opened
    opened.close()


def test_migrations_make_the_tables_that_the_code_uses(database: Database) -> None:
    """The migrated schema and the table definitions do not differ."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": _not_alembic})
        assert compare_metadata(context, metadata) == []


def test_opening_again_keeps_what_is_there(url: str) -> None:
    """A second start finds the first one's records."""
    for _ in range(2):
        opened = open_database(url)
        with opened.write() as tx:
            append(tx, "broker:server:started", "", 0.0, {})
        opened.close()
    opened = attach_database(url)
    with opened.read() as tx:
        assert tx.execute(sa.select(sa.func.count()).select_from(events)).scalar() == 2
    opened.close()


def test_a_store_of_the_first_release_is_brought_up_to_date(url: str) -> None:
    """Its tasks stay what they are: they have no heartbeat, so nobody's silence ends them."""
    engine = database_room._engine(url, create=True)
    database_room.migrate(engine, "0001")
    with engine.begin() as connection:
        old = sa.Table("tasks", sa.MetaData(), autoload_with=connection)
        row: dict[str, object] = {
            column.name: "" if isinstance(column.type, sa.String) else 0 for column in old.columns
        }
        row |= {"id": "task-1", "state": "active", "grants": "[]", "session_digest": None, "parent_ciphertext": None}
        connection.execute(old.insert().values(row))
    engine.dispose()
    opened = open_database(url)
    with opened.read() as tx:
        assert find_task(tx, "task-1").heartbeat == 0
    assert Listener(opened, lambda: 2_000_000_000.0, threading.Event()).look() == 0
    opened.close()


def test_a_whole_task_lives_on_both_stores(database: Database) -> None:
    """Start to receipt, with caps, on each kind of store."""
    source, parents = MemorySource(needs_parent=True), MemoryParents()
    grant = Grant("db", "memory", {}, ttl=300, max_leases=2)
    broker = memory_broker("", {"work": task_policy(grant)}, {"memory": source}, parents=parents, database=database)
    task = active_task(broker)
    issue(broker, task)
    issue(broker, task, "key-0002")
    with pytest.raises(TooMany):
        issue(broker, task, "key-0003")
    assert end_task(broker, task.id, TaskState.ENDED, "test", "done").complete
    assert (source.alive, parents.alive) == ({}, {})
    assert len(recorded(broker)) == 15


def test_caps_hold_between_two_replicas(url: str) -> None:
    """Two brokers over one store, sixteen requests at once: the cap of three live leases holds."""
    source, grant = MemorySource(), Grant("db", "memory", {}, ttl=300, max_leases=3)
    replicas = [
        memory_broker("", {"work": task_policy(grant)}, {"memory": source}, database=open_database(url))
        for _ in range(2)
    ]
    task = active_task(replicas[0])
    refused: list[int] = []

    def ask(number: int) -> None:
        try:
            pipeline.credentials(replicas[number % 2], task, "db", None, f"key-{number:04}")
        except TooMany:
            refused.append(number)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(source.minted) == 3
    assert len(refused) == 13
    for replica in replicas:
        replica.database.close()


@pytest.mark.parametrize(
    "change",
    [
        events.delete(),
        events.update().values(payload="{}"),
        events.update().values(task_id="x"),
        checkpoints.delete(),
        checkpoints.update().values(note="x"),
        leaves.delete(),
        leaves.update().values(hash="ff"),
    ],
    ids=["delete", "payload", "task", "checkpoint-delete", "checkpoint-update", "leaf-delete", "leaf-update"],
)
def test_the_record_is_append_only(database: Database, change: sa.Update | sa.Delete) -> None:
    """Events and checkpoints cannot be changed or deleted through the broker's own connection."""
    with database.write() as tx:
        append(tx, "broker:server:started", "task-1", 0.0, {})
        tx.execute(checkpoints.insert().values(size=1, note="n", at=0))
        tx.execute(leaves.insert().values(leaf=0, seq=1, hash="00"))
    with pytest.raises(RecordFailed), database.write() as tx:
        tx.execute(change)


def test_a_leaf_number_is_given_once(database: Database) -> None:
    """Neither one number to two records nor two numbers to one."""
    with database.write() as tx:
        tx.execute(leaves.insert().values(leaf=0, seq=1, hash="00"))
    for row in ({"leaf": 0, "seq": 2}, {"leaf": 1, "seq": 1}):
        with pytest.raises(RecordFailed), database.write() as tx:
            tx.execute(leaves.insert().values(hash="00", **row))


@pytest.mark.postgres
def test_postgresql_refuses_truncate(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """TRUNCATE fires no row trigger, so it has its own."""
    opened = open_database(fresh_url("postgresql", tmp_path, request))
    with pytest.raises(RecordFailed), opened.write() as tx:
        tx.execute(sa.text("TRUNCATE events"))
    opened.close()


def test_a_failed_write_says_nothing_of_its_values(database: Database) -> None:
    """Neither message nor chain of the error quotes a statement or a parameter."""
    row = {"digest": "canary-value", "expires_at": 1}
    with pytest.raises(RecordFailed) as failed, database.write() as tx:
        tx.execute(proofs.insert(), [row, row])
    error: BaseException | None = failed.value
    assert "canary" not in str(error)
    assert failed.value.__suppress_context__


def test_a_proof_is_used_once_among_many(database: Database) -> None:
    """Sixteen uses of one proof at once: one first."""
    replays, first = StoredReplays(database), []
    threads = [
        threading.Thread(target=lambda: first.append(replays.first_use("digest", 2_000_000_000))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(first) == [False] * 15 + [True]


def test_sqlite_survives_power_loss_and_is_ours_alone(tmp_path: Path) -> None:
    """WAL with synchronous=FULL; folder 0700, file 0600."""
    opened = open_database(f"sqlite:///{tmp_path}/store/broker.db")
    with opened.read() as tx:
        assert tx.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert tx.exec_driver_sql("PRAGMA synchronous").scalar() == 2
    opened.close()
    assert stat.S_IMODE(os.stat(tmp_path / "store").st_mode) == 0o700
    assert stat.S_IMODE(os.stat(tmp_path / "store" / "broker.db").st_mode) == 0o600


@pytest.mark.parametrize(
    "url",
    ["nonsense", "mysql://x/y", "sqlite://", "postgresql://nobody:x@127.0.0.1:1/none"],
    ids=["no-url", "mysql", "in-memory", "unreachable"],
)
def test_an_unusable_url_is_a_configuration_error(url: str) -> None:
    """Named as such, and without the password."""
    with pytest.raises(ConfigError) as refused:
        open_database(url)
    assert ":x@" not in str(refused.value)


def test_attaching_creates_nothing(tmp_path: Path) -> None:
    """A typing error in a path must not start an empty record that verifies."""
    with pytest.raises(ConfigError, match="no such store"):
        attach_database(f"sqlite:///{tmp_path}/other.db")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "empty.db").touch()
    with pytest.raises(ConfigError, match="not a broker's store"):
        attach_database(f"sqlite:///{tmp_path}/empty.db")


def _not_alembic(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name == "alembic_version")
