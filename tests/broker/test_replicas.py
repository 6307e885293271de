"""Several brokers over one PostgreSQL: each does what another one began, and none fights another."""

from __future__ import annotations

import copy
import dataclasses
import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broker import pipeline
from broker.client import Credential
from broker.errors import BrokerError, Conflict
from broker.pipeline import Issued
from broker.recover import recover
from broker.revoke import kill_scope
from broker.service import Broker
from broker.store.database import Database, open_database
from broker.testing import Fault, ManualClock, MemoryParents, MemorySource, memory_broker, task_policy
from tests.broker.scenario import DB, active_task, attempt, issue, recorded
from tests.broker.served import Served
from tests.servers.postgres import PostgresServer
from tests.servers.provision import Provisioned

pytestmark = pytest.mark.postgres

TASK = """
name = "work"
environment = "development"
deadline = 900
launchers = ["unix:*"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
max_leases = 9
"""


class World:
    """Two brokers in this process that share a store, a source and the key of the store, and nothing else."""

    def __init__(self, url: str) -> None:
        self.clock, self.parents = ManualClock(), MemoryParents()
        self.source = MemorySource(needs_parent=True, clock=self.clock)
        self.databases = [open_database(url) for _ in range(2)]
        self.one, self.two = (self._broker(database) for database in self.databases)

    def _broker(self, database: Database) -> Broker:
        grant = dataclasses.replace(DB, max_leases=50)
        return memory_broker(
            "", {"work": task_policy(grant)}, {"memory": self.source}, parents=self.parents, clock=self.clock,
            database=database,
        )  # fmt: skip


@pytest.fixture
def world(postgres_server: PostgresServer) -> Iterator[World]:
    """On a new database."""
    name = f"replicas_{secrets.token_hex(5)}"
    with postgres_server.connect() as link:
        link.execute(f"CREATE DATABASE {name}")
    made = World(postgres_server.url(name))
    yield made
    for database in made.databases:
        database.close()


def test_a_task_of_one_goes_on_at_the_other(world: World) -> None:
    """The parent is unsealed there, the lease is below it, and what one issued the other takes back."""
    task = active_task(world.one)
    issue(world.one, task)
    issue(world.two, task, "key-0002")
    assert world.parents.opened == 1
    assert kill_scope(world.two, f"task:{task.id}", "test", "now")[0].complete
    assert (world.source.alive, world.parents.alive) == ({}, {})


def test_one_request_at_all_replicas_at_once_is_one_credential(world: World) -> None:
    """The same idempotency key, many times at the same moment: one mint; whoever does not get it is told why."""
    task = active_task(world.one)

    def ask(number: int) -> Issued | BrokerError:
        try:
            return issue(world.one if number % 2 else world.two, task, "key-0001")
        except BrokerError as error:
            return error

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(24)))
    given = [one for one in answers if isinstance(one, Issued)]
    assert len(world.source.minted) == 1
    assert {one.lease.id for one in given} == set(world.source.minted)
    assert [one.again for one in given].count(False) == 1
    refused = [one for one in answers if not isinstance(one, Issued)]
    assert {(type(one), one.rule) for one in refused} <= {(Conflict, "idempotency")}
    assert len(recorded(world.one, "broker:lease:issued")) == 1


def test_the_other_replica_names_the_lease_it_cannot_give_again(world: World) -> None:
    """No replica keeps secrets for another: the answer is a conflict that says how to go on, never a second one."""
    task = active_task(world.one)
    lease = issue(world.one, task).lease.id
    refused = attempt(lambda: issue(world.two, task))
    assert isinstance(refused, Conflict)
    assert lease in refused.fix
    assert issue(world.one, task).again


def test_recovery_at_both_at_once_takes_each_back_once(world: World) -> None:
    """No deadlock, no second record, nothing left."""
    tasks = [active_task(world.one) for _ in range(4)]
    for number in range(24):
        world.source.faults = [Fault.LOSE_REPLY]
        assert attempt(lambda number=number: issue(world.one, tasks[number % 4], f"key-{number:04}"))
    for task in tasks[:2]:
        world.one.tasks.over(task.id, task.state.ENDED, "test", "done")
    with ThreadPoolExecutor(6) as pool:
        rounds = list(pool.map(lambda number: recover(world.one if number % 2 else world.two), range(6)))
    assert rounds[-1].still_open == 0 or recover(world.one).still_open == 0
    assert world.source.alive == {}
    told = [record["lease"] for record in recorded(world.one, "broker:lease:revoked")]
    assert sorted(map(str, told)) == sorted(world.source.minted)
    assert len(recorded(world.one, "broker:parent:closed")) == 2


def test_a_kill_at_one_ends_what_the_other_is_making(world: World) -> None:
    """The task is over for both from that commit on: what was minted meanwhile is taken back, not released."""
    task = active_task(world.one)
    real = world.source.mint

    def mint(request: object) -> object:
        kill_scope(world.two, "all", "test", "now")
        return real(request)  # type: ignore[arg-type]

    world.source.mint = mint  # type: ignore[method-assign,assignment]
    with pytest.raises(Conflict):
        pipeline.credentials(world.one, task, "db", None, "key-0001")
    world.clock.advance(400)
    recover(world.one)
    assert world.source.alive == {}


@pytest.mark.vault
def test_two_processes_on_one_store(ready_vault: Provisioned, postgres_server: PostgresServer, tmp_path: Path) -> None:
    """Issued at one `broker serve` on a real Vault, seen, revoked and killed at another."""
    with postgres_server.connect() as link:
        link.execute("CREATE DATABASE two_processes")
    text = TASK.format(policy=ready_vault.token_grant.scope["policy"])
    first = Served(tmp_path, postgres_server.url("two_processes"), {"work": text}, ready_vault.toml())
    second = copy.copy(first)
    second.socket, second.config = tmp_path / "run2" / "launch.sock", tmp_path / "second.toml"
    second.config.write_text(first.config.read_text().replace(str(first.socket), str(second.socket)))
    with first.running(), second.running(), first.client() as one, second.client() as two:
        started = one.start_task("work", "a test")
        session = one.activate(started.task_id, started.bootstrap)
        credentials = [session.credentials("notes") for _ in range(3)]
        tokens = [one.fields["token"].reveal() for one in credentials if isinstance(one, Credential)]
        assert [ready_vault.server.alive(token) for token in tokens] == [True] * 3
        assert isinstance(credentials[0], Credential)
        assert two.revoke(credentials[0].lease_id).complete
        assert [ready_vault.server.alive(token) for token in tokens] == [False, True, True]
        assert two.kill(started.task_id, "now").complete
        assert not any(ready_vault.server.alive(token) for token in tokens)
        with pytest.raises(Conflict):
            session.credentials("notes")
    assert "Traceback" not in first.log()
