"""Operating a broker on a real Vault: a leaked credential, a backup that is put back, its numbers and its lines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from broker.client import BrokerClient, Credential, Session
from broker.errors import BrokerError
from broker.receipt import Revocation
from tests.broker.served import Served
from tests.broker.stores import KINDS, fresh_url
from tests.servers.postgres import PostgresServer
from tests.servers.provision import Provisioned, provision
from tests.servers.vault import VaultServer

pytestmark = [pytest.mark.vault, pytest.mark.timeout(300)]

TASK = """
name = "notes"
environment = "development"
deadline = 900
launchers = ["unix:{uid}"]
[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 600
max_leases = 5
[grants.again]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 600
reissue_on_exposure = true
"""


@pytest.fixture
def place(vault_server: VaultServer, tmp_path: Path) -> Iterator[Provisioned]:
    """A broker's own place at Vault: nobody else has parents of its role."""
    made = provision(vault_server, None, tmp_path)
    yield made
    made.vaults.close()


@pytest.fixture(params=KINDS)
def served(request: pytest.FixtureRequest, place: Provisioned, tmp_path: Path) -> Served:
    """A broker on a fresh store, which says what it does as JSON."""
    task = TASK.format(uid=os.geteuid(), policy=place.token_grant.scope["policy"])
    (tmp_path / "b").mkdir()
    made = Served(tmp_path / "b", fresh_url(request.param, tmp_path, request), {"notes": task}, place.toml())
    text = made.config.read_text()
    made.config.write_text(text.replace("[server]\n", f'[server]\nlog = "json"\nmetrics = ["unix:{os.geteuid()}"]\n'))
    return made


def session(client: BrokerClient) -> Session:
    """An activated task."""
    started = client.start_task("notes", "operation")
    return client.activate(started.task_id, started.bootstrap)


def token(session: Session, grant: str = "notes", key: str | None = None) -> tuple[str, Credential]:
    """A credential and its value."""
    issued = session.credentials(grant, idempotency_key=key)
    assert isinstance(issued, Credential)
    return issued.fields["token"].reveal(), issued


def test_a_day_of_operation(served: Served, place: Provisioned, request: pytest.FixtureRequest) -> None:
    """A leak is dead at Vault; an older store brings nothing back to life and leaves nothing alive that it forgot."""
    vault = place.server
    client = served.client()
    with served.running():
        first = session(client)
        leaked, issued = token(first, "again", "key-of-the-request")
        [line] = first.expose("stdout of a tool", issued.fields["token"])["leases"]  # type: ignore[misc]
        assert line["revocation"] == Revocation.CONFIRMED.value  # type: ignore[call-overload]
        assert not vault.alive(leaked)
        kept, _ = token(first, "again", "key-of-the-request")
        assert vault.alive(kept), "the same request has a fresh one"
        ended = session(client)
        token(ended)
        copy = backed_up(served, request)
        later, _ = token(first)
        second = session(client)
        unknown, _ = token(second)
        ended.end()
        check_numbers(served)
    put_back(served, copy, request)
    assert all(map(vault.alive, (kept, later, unknown)))
    done = broker("store", "restored", "--config", str(served.config), "--reason", "the disk died")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "2 tasks killed" in done.stdout
    assert "1 strays at Vault" in done.stdout
    assert not any(map(vault.alive, (kept, later, unknown)))
    with served.running(), client:
        for dead in (first, second, ended):
            with pytest.raises(BrokerError):
                dead.credentials("notes")
        fresh, _ = token(session(client))
        assert vault.alive(fresh)
    check_lines(served, [leaked, kept, later, unknown, fresh])


def broker(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The `broker` command."""
    return subprocess.run([sys.executable, "-m", "broker", *arguments], capture_output=True, text=True, timeout=120)


def backed_up(served: Served, request: pytest.FixtureRequest) -> Path:
    """A copy by the documented way, while the broker serves."""
    copy = served.folder / "copy"
    if "sqlite" in served.config.read_text():
        done = broker("store", "backup", "--config", str(served.config), str(copy))
        assert done.returncode == 0, done.stderr
        return copy
    postgres(request, "pg_dump", "--format=custom", "--file", str(copy), database(served))
    return copy


def put_back(served: Served, copy: Path, request: pytest.FixtureRequest) -> None:
    """The documented way, with no broker running."""
    if "sqlite" in served.config.read_text():
        store = Path(database(served))
        for leftover in store.parent.glob("broker.db-*"):
            leftover.unlink()
        shutil.copy(copy, store)
        return
    postgres(
        request, "pg_restore", "--clean", "--if-exists", "--exit-on-error", "--dbname", database(served), str(copy)
    )


def database(served: Served) -> str:
    """SQLite's file, or the name of PostgreSQL's database."""
    url = served.config.read_text().split('url = "')[1].split('"')[0]
    return url.removeprefix("sqlite:///") if url.startswith("sqlite") else url.rpartition("/")[2]


def postgres(request: pytest.FixtureRequest, program: str, *arguments: str) -> None:
    """A program of PostgreSQL's, which lies beside the server."""
    server: PostgresServer = request.getfixturevalue("postgres_server")
    path = request.getfixturevalue("part")("postgres").with_name(program)
    place = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "postgres", "PGPASSWORD": server.password}
    environment = {"PATH": "/usr/bin:/bin", **place}
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def check_numbers(served: Served) -> None:
    """What Prometheus reads of a broker that runs."""
    with httpx.Client(transport=httpx.HTTPTransport(uds=str(served.socket)), base_url="http://broker") as client:
        text = client.get("/metrics").raise_for_status().text
    assert 'broker_pipeline_duration_seconds_count{source="vault_token",step="issue"} 5.0' in text
    assert 'broker_vault_login_up{identity="issuer"} 1.0' in text
    assert 'broker_leases{state="issued"} 3.0' in text
    recovered = float(text.split("\nbroker_recovery_timestamp_seconds ")[1].split()[0])
    assert time.time() - 300 < recovered <= time.time()


def check_lines(served: Served, secrets: list[str]) -> None:
    """Every line of a request is an object; nothing secret is in any."""
    text = served.log()
    lines = [json.loads(line) for line in text.splitlines() if line.startswith("{")]
    asked = [one for one in lines if one["logger"] == "broker.request"]
    assert {"/v1/tasks/{task_id}/credentials", "/v1/tasks/{task_id}/exposures", "/metrics"} <= {
        one["route"] for one in asked
    }
    assert all(isinstance(one["ms"], float) and one["request"] for one in asked)
    assert [value for value in secrets if value in text] == []
    assert "task-" not in " ".join(one["route"] for one in asked)
