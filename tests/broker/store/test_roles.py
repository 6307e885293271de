"""The service's role on a real PostgreSQL: it does all of the broker's work, and cannot change what it recorded."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from broker.commands.store import store
from broker.errors import RecordFailed
from broker.grant import Grant
from broker.log.signer import Signer
from broker.recover import recover
from broker.revoke import end_task
from broker.store.database import Database, open_database
from broker.store.log import append, sequence
from broker.store.roles import RIGHTS, excess, grant, rights, statements
from broker.store.tables import metadata
from broker.store.verify import INTACT, verify
from broker.task import TaskState
from broker.testing import MemorySource, memory_broker, task_policy
from secretguard.errors import ConfigError
from tests.broker.scenario import active_task, issue
from tests.broker.stores import fresh_url
from tests.servers.postgres import PostgresServer


class Split:
    """A store whose tables belong to one role while the service logs in as another."""

    def __init__(self, server: PostgresServer, url: str) -> None:
        self.owner_url, self.role = url, f"svc_{secrets.token_hex(5)}"
        password = secrets.token_hex(12)
        with server.connect() as link:
            link.execute(f"CREATE ROLE {self.role} LOGIN PASSWORD '{password}'")
        self.owner = open_database(url)
        grant(self.owner, self.role)
        made = sa.make_url(url).set(username=self.role, password=password)
        self.service_url = made.render_as_string(hide_password=False)
        self.service: Database = open_database(self.service_url)


@pytest.fixture
def split(tmp_path: Path, request: pytest.FixtureRequest, postgres_server: PostgresServer) -> Iterator[Split]:
    """Such a store."""
    made = Split(postgres_server, fresh_url("postgresql", tmp_path, request))
    yield made
    made.service.close()
    made.owner.close()


pytestmark = pytest.mark.postgres


def test_the_service_works_with_its_own_rights_alone(split: Split) -> None:
    """A whole task, recovery, numbering, checkpoint and verification."""
    source = MemorySource()
    grants = Grant("db", "memory", {}, ttl=300)
    broker = memory_broker("", {"work": task_policy(grants)}, {"memory": source}, database=split.service)
    task = active_task(broker)
    issue(broker, task)
    recover(broker)
    assert end_task(broker, task.id, TaskState.ENDED, "test", "done").complete
    assert isinstance(broker.signer, Signer)
    assert sequence(split.service, broker.signer, broker.clock) == 7
    assert verify(split.service, broker.signer.public_key, None).code == INTACT
    assert excess(split.service) == []


@pytest.mark.parametrize("table", sorted(set(RIGHTS) - {"unnumbered"}))
@pytest.mark.parametrize("attack", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {}", "DROP TABLE {}", "trigger"])
def test_the_service_cannot_change_the_record(split: Split, table: str, attack: str) -> None:
    """PostgreSQL refuses by rights, before any trigger is asked."""
    column = metadata.tables[table].columns.keys()[0]
    statement = (
        f"ALTER TABLE {table} DISABLE TRIGGER ALL"
        if attack == "trigger"
        else attack.format(table, f"{column} = {column}")
    )
    with pytest.raises(RecordFailed, match="InsufficientPrivilege"), split.service.write() as tx:
        tx.exec_driver_sql(statement)


@pytest.mark.parametrize(
    "attack",
    [
        "INSERT INTO retention (minimum, at) VALUES (1000000, 0)",
        "INSERT INTO erasures (seq, payload, at) VALUES (1, '{}', 0)",
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION secretguard_event_kept() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'",
        "SET ROLE postgres",
    ],
)
def test_the_service_cannot_allow_itself_more(split: Split, attack: str) -> None:
    """Neither by retention or erasure, nor by switching triggers off, replacing them or becoming another role."""
    with pytest.raises(RecordFailed, match="InsufficientPrivilege"), split.service.write() as tx:
        tx.exec_driver_sql(attack)


def test_the_owners_function_is_no_tool_of_the_service(split: Split) -> None:
    """It runs with the owner's rights: as the trigger of a table of one's own it would write to the queue."""
    trigger = "CREATE TRIGGER t AFTER INSERT ON mine FOR EACH ROW EXECUTE FUNCTION secretguard_event_queued()"
    both = f"CREATE TEMP TABLE mine (seq bigint); {trigger}"
    with pytest.raises(RecordFailed, match="InsufficientPrivilege"), split.service.write() as tx:
        tx.exec_driver_sql(both)


def test_a_temporary_table_does_not_stand_in_for_the_queue(split: Split) -> None:
    """Temporary tables come first in a search path that does not say otherwise: the record would never be numbered."""
    with split.service.write() as tx:
        tx.exec_driver_sql("CREATE TEMP TABLE unnumbered (seq bigint)")
        append(tx, "broker:server:started", "", 1.0, {})
        assert tx.exec_driver_sql("SELECT count(*) FROM public.unnumbered").scalar() == 1


def test_a_start_says_what_the_role_may(split: Split, caplog: pytest.LogCaptureFixture) -> None:
    """In its record, and for the operator where it is more than it should be."""
    with caplog.at_level(logging.WARNING):
        assert rights(split.service) == "adds to the record"
        assert not caplog.records
        assert rights(split.owner) == "could change the record"
    assert "broker store setup" in caplog.text
    assert split.owner_url not in caplog.text


def test_a_superuser_is_no_service_role(split: Split) -> None:
    """No right can be kept from it, so it is not said to have few."""
    with pytest.raises(ConfigError, match="superuser"):
        grant(split.owner, "postgres")
    assert "own events, and drop its triggers" in excess(split.owner)


def test_a_role_that_may_become_the_owner_is_told(split: Split, postgres_server: PostgresServer) -> None:
    """Membership gives by a back door what GRANT did not."""
    owner = f"own_{secrets.token_hex(5)}"
    with split.owner.write() as tx:
        tx.exec_driver_sql(f"CREATE ROLE {owner}")
        tx.exec_driver_sql(f"ALTER TABLE events OWNER TO {owner}")
        tx.exec_driver_sql(f"GRANT {owner} TO {split.role}")
    assert excess(split.service)
    with pytest.raises(ConfigError, match="still could"):
        grant(split.owner, split.role)


@pytest.mark.parametrize("name", ["", "a b", "x; DROP TABLE events", 'x"', "X", "a" * 64])
def test_a_name_that_is_none_reaches_no_statement(name: str) -> None:
    """It would be part of the SQL."""
    with pytest.raises(ConfigError, match="role name"):
        statements(name)


def test_the_commands_set_up_and_check(split: Split, tmp_path: Path) -> None:
    """`store setup` as the owner; its URL comes from a private file."""
    file = tmp_path / "owner.url"
    file.write_text(split.owner_url)
    file.chmod(0o600)
    done = CliRunner().invoke(store, ["setup", "--role", split.role, "--owner-url-file", str(file)])
    assert (done.exit_code, "neither change nor delete" in done.output) == (0, True)
    printed = CliRunner().invoke(store, ["setup", "--role", split.role, "--print"])
    assert f"GRANT SELECT, INSERT ON events TO {split.role};" in printed.output
