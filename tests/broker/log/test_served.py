"""All of it at once, for real: `broker serve` on PostgreSQL as a role that can only add, its log signed by a key in
Vault and cosigned by a witness of another author's; then verified by somebody who has the two keys and nothing else."""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from broker.cli import cli
from broker.log.cosignature import verifier_key
from broker.log.transit import pinned_key
from tests.broker.served import Served
from tests.servers.postgres import PostgresServer
from tests.servers.provision import provision
from tests.servers.vault import VaultServer
from tests.servers.witness import running_witness

ORIGIN = "broker.example/served"
TASK = """
name = "work"
environment = "development"
deadline = 600
launchers = ["unix:{uid}"]
[grants.who]
source = "identity"
scope = {{ audience = "https://api.example.org" }}
ttl = 300
"""


def private(file: Path, text: str) -> Path:
    """A file of mode 0600."""
    file.write_text(text)
    file.chmod(0o600)
    return file


def ready(path: Path) -> dict[str, object]:
    """What /readyz says on the broker's socket."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(20)
        link.connect(str(path))
        link.sendall(b"GET /readyz HTTP/1.1\r\nHost: broker\r\nConnection: close\r\n\r\n")
        told = b"".join(iter(lambda: link.recv(65536), b""))
    return dict(json.loads(told.partition(b"\r\n\r\n")[2]))


@pytest.mark.postgres
def test_a_served_log_is_verified_by_an_outsider(
    tmp_path: Path, postgres_server: PostgresServer, vault_server: VaultServer, part: Callable[[str], Path]
) -> None:
    """Set up by the product's own commands; a task lives; the record verifies with log key and witness key."""
    runner = CliRunner()
    name, role, password = (f"{kind}_{secrets.token_hex(5)}" for kind in ("served", "svc", "pw"))
    with postgres_server.connect() as link:
        link.execute(f"CREATE DATABASE {name}")
        link.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
    owner = private(tmp_path / "owner.url", postgres_server.url(name))
    assert runner.invoke(cli, ["store", "setup", "--role", role, "--owner-url-file", str(owner)]).exit_code == 0
    service = sa.make_url(postgres_server.url(name)).set(username=role, password=password)

    vault = provision(vault_server, None, tmp_path)
    mount = f"transit-{secrets.token_hex(4)}"
    vault_server.do("POST", f"sys/mounts/{mount}", {"type": "transit"})
    with running_witness(part("litewitness")) as witness:
        told = f'[log]\norigin = "{ORIGIN}"\nsigner = "transit"\nmount = "{mount}"\nkey = "log"\n'
        told += f'[[log.witness]]\nurl = "{witness.url}"\nkey = "{verifier_key(witness.witness)}"\n'
        url = service.render_as_string(hide_password=False)
        made = Served(tmp_path, url, {"work": TASK.format(uid=os.geteuid())}, vault.toml() + told)
        token = private(tmp_path / "root.token", vault_server.root_token)
        done = runner.invoke(cli, ["vault", "setup", "--config", str(made.config), "--token-file", str(token)])
        assert done.exit_code == 0, done.output
        assert runner.invoke(cli, ["vault", "check", "--config", str(made.config)]).exit_code == 0
        vkey = tmp_path / "keys" / "log.vkey"
        witness.know(ORIGIN, pinned_key(str(vkey), ORIGIN))
        with made.running(), made.client() as client:
            started = client.start_task("work", "try it all")
            session = client.activate(started.task_id, started.bootstrap)
            session.credentials("who")
            session.end()
            until = time.monotonic() + 60
            while witness.seen(ORIGIN) < 6 and time.monotonic() < until:
                time.sleep(0.2)
            assert ready(made.socket) == {"status": "ready"}
        verify = ["log", "verify", "--config", str(made.config), "--key", str(vkey)]
        result = runner.invoke(cli, [*verify, "--witness", verifier_key(witness.witness)])
        assert (result.exit_code, result.output.splitlines()[0][:6]) == (0, "intact"), result.output
        assert witness.witness.name in result.output
        story = runner.invoke(cli, ["log", "timeline", started.task_id, "--config", str(made.config)]).output
        assert "try it all" in story
        assert "taken back by" in story
        assert runner.invoke(cli, ["store", "check", "--config", str(made.config)]).exit_code == 0
        refused = runner.invoke(
            cli, ["log", "prune", "--before", "2099-01-01", "--reason", "x", "--config", str(made.config)]
        )
        assert "InsufficientPrivilege" in str(refused.exception)
    vault.vaults.close()
