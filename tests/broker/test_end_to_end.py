"""The main job on real parts: `broker serve` on a real Vault and a real PostgreSQL, from policy to receipt."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from broker.client import Credential, Waiting
from broker.errors import Conflict, Refused
from broker.receipt import Revocation
from tests.broker.served import Served
from tests.servers.postgres import PostgresServer
from tests.servers.provision import Provisioned

pytestmark = [pytest.mark.vault, pytest.mark.postgres]

TASK = """
name = "{name}"
description = "Answer questions about the orders database."
environment = "{environment}"
deadline = 900
launchers = ["unix:{uid}", "jwt:corp:ada"]
approvers = ["jwt:corp:group:approvers"]

[grants.notes]
source = "vault_token"
scope = {{ policy = "{policy}" }}
ttl = 300
uses = 3
{extra}
[grants.database]
source = "database"
scope = {{ role = "{role}", policy = "{database_policy}", host = "127.0.0.1", port = "{port}" }}
ttl = 300
"""


@pytest.fixture(scope="module")
def served(ready_vault: Provisioned, postgres_server: PostgresServer) -> Iterator[Served]:
    """A running broker whose store is PostgreSQL and whose credentials come from Vault."""
    with postgres_server.connect() as link:
        link.execute("CREATE DATABASE broker_end_to_end")
    values = {
        "uid": os.geteuid(),
        "policy": ready_vault.token_grant.scope["policy"],
        "role": ready_vault.database_grant.scope["role"],
        "database_policy": ready_vault.database_grant.scope["policy"],
        "port": postgres_server.port,
    }
    tasks = {
        "orders": TASK.format(name="orders", environment="development", extra="", **values),
        "gated": TASK.format(name="gated", environment="development", extra="approvals = 1", **values),
        "production": TASK.format(name="production", environment="production", extra="", **values),
    }
    with tempfile.TemporaryDirectory() as folder:
        made = Served(Path(folder), postgres_server.url("broker_end_to_end"), tasks, ready_vault.toml())
        with made.running():
            yield made


def test_two_grants_live_and_die_with_the_task(
    served: Served, ready_vault: Provisioned, postgres_server: PostgresServer
) -> None:
    """A narrow Vault token and a database login work, then `end` proves both dead at Vault and at PostgreSQL."""
    with served.client() as launcher:
        started = launcher.start_task("orders", "what was sold yesterday?")
        session = launcher.activate(started.task_id, started.bootstrap)
        notes, database = session.credentials("notes"), session.credentials("database")
        assert isinstance(notes, Credential)
        assert isinstance(database, Credential)
        token, user = notes.fields["token"].reveal(), database.fields["username"].reveal()
        _, secret = ready_vault.server.call("GET", f"secret/data/{ready_vault.table.prefix}/one", token=token)
        assert secret["data"]["data"] == {"colour": "green"}
        with postgres_server.connect(user, database.fields["password"].reveal()) as link:
            assert link.execute("SELECT current_user").fetchone() == (user,)
        receipt = session.end()
        assert [line.revocation for line in receipt.lines] == [Revocation.CONFIRMED] * 2
        assert receipt.complete
        assert not ready_vault.server.alive(token)
        assert not postgres_server.has_role(user)
        with pytest.raises(psycopg.OperationalError):
            postgres_server.connect(user, database.fields["password"].reveal())
        with pytest.raises(Conflict):
            session.credentials("notes")
        said = served.log()
        for value in (token, database.fields["password"].reveal(), started.bootstrap.reveal()):
            assert value not in said


def test_a_kill_closes_open_database_sessions(served: Served, postgres_server: PostgresServer) -> None:
    """A session that is logged in when the task is killed is cut off."""
    with served.client() as launcher:
        started = launcher.start_task("orders", "a long query")
        session = launcher.activate(started.task_id, started.bootstrap)
        database = session.credentials("database")
        assert isinstance(database, Credential)
        link = postgres_server.connect(database.fields["username"].reveal(), database.fields["password"].reveal())
        assert launcher.kill(started.task_id, "enough").complete
        with pytest.raises(psycopg.OperationalError):
            link.execute("SELECT 1")
        link.close()


def test_a_gated_grant_waits_for_another_person(served: Served, ready_vault: Provisioned) -> None:
    """202, approved on the command line by somebody else, then issued; never for a Unix peer."""
    with served.client() as peer, pytest.raises(Refused):
        peer.start_task("gated", "try")
    with served.client("ada") as ada:
        started = ada.start_task("gated", "look at the notes")
        session = ada.activate(started.task_id, started.bootstrap)
        waiting = session.credentials("notes")
        assert isinstance(waiting, Waiting)
        assert approve(served, waiting.approval_id, "ada", "approvers").returncode == 2
        assert approve(served, waiting.approval_id, "mallory").returncode == 2
        done = approve(served, waiting.approval_id, "grace", "approvers")
        assert (done.returncode, done.stdout.strip()) == (0, f"{waiting.approval_id} is granted")
        issued = session.credentials("notes", idempotency_key=waiting.idempotency_key)
        assert isinstance(issued, Credential)
        token = issued.fields["token"].reveal()
        assert ready_vault.server.alive(token)
        assert session.end().complete
        assert not ready_vault.server.alive(token)


def test_production_needs_people_by_the_policy_set(served: Served) -> None:
    """The shipped policy set gates production though the task policy asks for nobody."""
    with served.client() as peer, pytest.raises(Refused):
        peer.start_task("production", "try")
    with served.client("ada") as ada:
        started = ada.start_task("production", "a real change")
        session = ada.activate(started.task_id, started.bootstrap)
        assert isinstance(session.credentials("notes"), Waiting)
        assert ada.kill(started.task_id, "no").complete


def test_the_record_verifies_until_it_is_touched(served: Served, postgres_server: PostgresServer) -> None:
    """`broker log verify` says intact; with a pin kept elsewhere it tells an edit and a cut from it."""
    with served.client() as launcher:
        started = launcher.start_task("orders", "for the record")
        launcher.end(started.task_id)
    pin = served.folder / "pin"
    wait_for_numbers(served)
    pin.write_text(log(served, "pin").stdout)
    assert log(served, "verify", "--pin", str(pin)).returncode == 0
    assert f'"task": "{started.task_id}"' in log(served, "tail", "--task", started.task_id).stdout
    with postgres_server.connect(database="broker_end_to_end") as link:
        first = "seq = (SELECT seq FROM leaves WHERE leaf = 1)"
        link.execute("ALTER TABLE events DISABLE TRIGGER ALL")
        link.execute(f"UPDATE events SET payload = replace(payload, 'orders', 'nothing') WHERE {first}")
        edited = log(served, "verify", "--pin", str(pin))
        assert (edited.returncode, "edited: entry 1" in edited.stdout) == (1, True)
        link.execute(f"UPDATE events SET payload = replace(payload, 'nothing', 'orders') WHERE {first}")
        assert log(served, "verify", "--pin", str(pin)).returncode == 0
        link.execute("ALTER TABLE events ENABLE TRIGGER ALL")


def approve(served: Served, approval: str, name: str, *groups: str) -> subprocess.CompletedProcess[str]:
    """`broker approve` as a person."""
    token = served.folder / f"{name}.token"
    token.write_text(served.token(name, *groups).reveal())
    token.chmod(0o600)
    return command(
        "approve", approval, "--reason", "seen", "--token-file", str(token), "--broker", f"unix:{served.socket}"
    )


def log(served: Served, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`broker log ...` on the broker's own configuration."""
    return command("log", arguments[0], "--config", str(served.config), *arguments[1:])


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The `broker` command."""
    return subprocess.run([sys.executable, "-m", "broker", *arguments], capture_output=True, text=True, timeout=120)


def wait_for_numbers(served: Served) -> None:
    """Until the recovery thread has numbered what there is."""
    until = time.monotonic() + 30
    while " 0 not numbered yet" not in log(served, "verify").stdout:
        assert time.monotonic() < until
