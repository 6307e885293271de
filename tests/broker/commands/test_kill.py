"""`broker kill` on a real `broker serve` with a real Vault and PostgreSQL, while one part after another is away."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from broker import kill_file
from broker.client import BrokerClient, Credential
from broker.commands import kill as kill_module
from broker.commands.kill import kill
from broker.errors import BrokerError, RecordFailed
from broker.receipt import Revocation
from broker.store.database import attach_database
from broker.store.tables import events, leases, tasks
from secretguard.errors import ConfigError
from tests.broker.served import Served
from tests.servers.postgres import PostgresServer
from tests.servers.provision import Provisioned

pytestmark = [pytest.mark.vault, pytest.mark.postgres]

STORE = "broker_kill_switch"
TASK = """
name = "{name}"
environment = "development"
deadline = 900
launchers = ["unix:*"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
max_leases = 9
"""


class Site:
    """A running broker, its store and its Vault."""

    def __init__(self, served: Served, vault: Provisioned, postgres: PostgresServer, token_file: Path) -> None:
        self.served, self.vault, self.postgres, self.token_file = served, vault, postgres, token_file

    def lease(self, client: BrokerClient, policy: str = "work") -> tuple[str, Credential]:
        """A new task, and one credential of it that lives."""
        started = client.start_task(policy, "a test")
        credential = client.activate(started.task_id, started.bootstrap).credentials("notes")
        assert isinstance(credential, Credential)
        assert self.alive(credential)
        return started.task_id, credential

    def alive(self, credential: Credential) -> bool:
        return self.vault.server.alive(credential.fields["token"].reveal())

    def run(self, *arguments: str, code: int = 0) -> str:
        """`broker kill ARGUMENTS`, as the operator where it asks the broker."""
        ours = ["--broker", f"unix:{self.served.socket}", "--token-file", str(self.token_file)]
        done = CliRunner().invoke(kill, [*arguments, *ours])
        assert done.exit_code == code, done.output + repr(done.exception)
        return done.output

    @contextlib.contextmanager
    def store(self, setting: str, back: str) -> Iterator[None]:
        """The store after `ALTER DATABASE … setting`, for every connection."""
        try:
            self._alter(setting)
            yield
        finally:
            self._alter(back)

    def _alter(self, setting: str) -> None:
        with self.postgres.connect() as link:
            link.execute(f"ALTER DATABASE {STORE} {setting}")
            link.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{STORE}'")

    def read(self, query: sa.Select[Any]) -> list[str]:
        """One column of the store."""
        database = attach_database(self.postgres.url(STORE))
        try:
            with database.read() as tx:
                return list(tx.execute(query).scalars())
        finally:
            database.close()

    def told(self, event: str) -> list[dict[str, object]]:
        """Records of one event."""
        return [json.loads(one) for one in self.read(sa.select(events.c.payload).where(events.c.event == event))]


@pytest.fixture(scope="module")
def site(
    ready_vault: Provisioned, postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One for all tests here: each starts tasks of its own."""
    with postgres_server.connect() as link:
        link.execute(f"CREATE DATABASE {STORE}")
    folder = tmp_path_factory.mktemp("kill")
    policy = ready_vault.token_grant.scope["policy"]
    policies = {name: TASK.format(name=name, policy=policy) for name in ("work", "other")}
    served = Served(folder, postgres_server.url(STORE), policies, ready_vault.toml())
    token_file = folder / "olga"
    token_file.write_text(served.token("olga").reveal())
    token_file.chmod(0o600)
    with served.running():
        yield Site(served, ready_vault, postgres_server, token_file)


def test_each_scope_kills_what_it_names(site: Site) -> None:
    """Lease, task, policy, launcher: at Vault, and nothing else; the receipt says confirmed."""
    with site.served.client() as client:
        (one, lease), (two, sibling), (_, third) = site.lease(client), site.lease(client), site.lease(client, "other")
        session_mate = sibling
        site.run(f"lease:{lease.lease_id}")
        assert [site.alive(each) for each in (lease, sibling, third)] == [False, True, True]
        assert client.task(one)["state"] == "active"
        assert "confirmed" in site.run(f"task:{two}")
        assert [site.alive(each) for each in (session_mate, third)] == [False, True]
        told = json.loads(site.run("policy:other", "--format", "json"))
        assert told["complete"] is True
        assert not site.alive(third)
        _, last = site.lease(client)
        launcher = str(client.tasks()[0]["launcher"])
        assert "1 of them" not in site.run(f"launcher:{launcher}")
        assert not site.alive(last)


def test_all_asks_first_on_a_terminal_alone(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A refusal kills nothing; a script is not asked; --yes is not asked."""

    def refuse(*_: object, **__: object) -> None:
        raise click.Abort

    monkeypatch.setattr(click, "confirm", refuse)
    monkeypatch.setattr(kill_module, "_on_a_terminal", lambda: True)
    with site.served.client() as client:
        _, first = site.lease(client)
        site.run("all", code=1)
        assert site.alive(first)
        site.run("all", "--yes")
        assert not site.alive(first)
        _, second = site.lease(client)
        monkeypatch.setattr(kill_module, "_on_a_terminal", lambda: False)
        assert "with nothing left alive" in site.run("all")
        assert not site.alive(second)


def test_it_works_while_nothing_can_be_issued(site: Site) -> None:
    """The issuer has lost its rights at Vault: the revoker is all that a kill needs."""
    table, server = site.vault.table, site.vault.server
    path = f"sys/policies/acl/{table.issuer_role}"
    with site.served.client() as client:
        task, lease = site.lease(client)
        policy = server.do("GET", path)["data"]["policy"]
        server.do("DELETE", path)
        try:
            other = client.start_task("work", "no parent yet")
            with pytest.raises(BrokerError):
                client.activate(other.task_id, other.bootstrap).credentials("notes")
            assert "confirmed" in site.run(f"task:{task}")
            assert not site.alive(lease)
        finally:
            server.do("POST", path, {"policy": policy})


def test_it_works_while_the_record_cannot_be_written(site: Site) -> None:
    """The tokens die; that the end is not on record is said; it is not taken for done, and a second kill completes."""
    with site.served.client() as client:
        task, lease = site.lease(client)
        with site.store("SET default_transaction_read_only = on", "RESET default_transaction_read_only"):
            told = json.loads(site.run(f"task:{task}", "--format", "json", code=1))
            assert not site.alive(lease)
            assert told["complete"] is False
            outcomes = {line["source"]: line["revocation"] for line in told["receipts"][0]["lines"]}
            assert outcomes == {"vault_token": Revocation.CONFIRMED.value, "store": Revocation.QUEUED.value}
        site.run(f"task:{task}")
        assert client.task(task)["state"] == "killed"


def test_by_vault_alone_while_the_store_is_away_and_on_record_when_it_is_back(site: Site) -> None:
    """The broker cannot even tell what there is and names the way that is left; that way kills this broker's tokens;
    later the record has the order, the tasks are killed, each lease is confirmed."""
    config = ("--from-vault", "--config", str(site.served.config))
    with site.served.client() as client, site.served.client("olga") as olga:
        (task, lease), (_, second) = site.lease(client), site.lease(client)
        with site.store("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"):
            with pytest.raises(RecordFailed, match="--from-vault"):
                olga.kill_scope("all")
            assert site.alive(lease)
            told = json.loads(site.run(f"task:{task}", "--reason", "stolen laptop", "--format", "json", *config))
            assert (told["tasks"], told["dead"], told["left"]) == ([task], 2, 0)
            assert [site.alive(each) for each in (lease, second)] == [False, True]
            assert "tokens of" in site.run("all", *config)
            assert not site.alive(second)
        until = time.monotonic() + 30
        while len(site.told("broker:kill:merged")) < 2:
            assert time.monotonic() < until
            time.sleep(0.1)
        assert site.told("broker:kill:merged")[0]["reason"] == "stolen laptop"
        assert client.task(task)["state"] == "killed"
        states = site.read(sa.select(leases.c.revocation).where(leases.c.id.in_([lease.lease_id, second.lease_id])))
        assert states == ["confirmed", "confirmed"]
        assert "active" not in site.read(sa.select(tasks.c.state))


def test_from_vault_needs_its_configuration_and_a_scope_that_vault_knows(site: Site, tmp_path: Path) -> None:
    """Each said, and nothing killed or left behind."""
    with site.served.client() as client:
        _, lease = site.lease(client)
        site.run("all", "--from-vault", code=2)
        site.run("policy:work", "--from-vault", "--config", str(site.served.config), code=1)
        bare = tmp_path / "bare.toml"
        bare.write_text(site.served.config.read_text().partition("[vault]")[0])
        done = CliRunner().invoke(kill, ["all", "--from-vault", "--config", str(bare)])
        assert isinstance(done.exception, ConfigError)
        assert site.alive(lease)
        assert not list((site.served.folder / "keys" / "kills").glob("*.json"))
        site.run("all")


def test_a_disk_that_takes_no_order_saves_no_credential(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """It kills all the same, says that the broker will not know, and exits as not done."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(kill_file, "ordered", full)
    with site.served.client() as client:
        _, lease = site.lease(client)
        told = site.run("all", "--from-vault", "--config", str(site.served.config), code=1)
        assert "will not know" in told
        assert not site.alive(lease)
        site.run("all")
