"""`broker dev` as a person uses it: a real process, and every command of the command line against it."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.client import BrokerClient, Credential
from broker.dev import assemble_dev, dev_config, refuse_production
from broker.errors import BrokerError, NotFound
from broker.server import serve
from broker.testing import task_policy
from broker.vault_identity import private_text
from secretguard.errors import ConfigError
from secretguard.secret import Secret
from tests.broker.scenario import DB
from tests.servers.process import spare_port, stop, wait_until


class Dev:
    """A running `broker dev` with two people and a loopback port."""

    def __init__(self, folder: Path) -> None:
        self.state, self.port = folder / "state", spare_port()
        self.endpoint = f"unix:{self.state}/launch.sock"
        self.environment = {**os.environ, "SECRETGUARD_HOME": str(folder / "home")}
        self.log = folder / "log"
        argv = [sys.executable, "-X", "dev", "-m", "broker", "dev", "--state", str(self.state)]
        argv += ["--listen", f"127.0.0.1:{self.port}", "--person", "ada", "--person", "grace"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(argv, env=self.environment, stdout=log, stderr=log)
        wait_until((self.state / "launch.sock").exists, self.process, 60, "broker dev")

    def token_file(self, name: str) -> str:
        return str(self.state / "keys" / "people" / f"{name}.token")

    def call(self, *arguments: str, person: str = "") -> Result:
        """One command, in this process; expected errors come back as the result's exception."""
        extra = ["--token-file", self.token_file(person)] if person else []
        return CliRunner().invoke(cli, [*arguments, "--broker", self.endpoint, *extra])


@pytest.fixture(scope="module")
def dev() -> Iterator[Dev]:
    """One broker for the module's tests."""
    with tempfile.TemporaryDirectory() as folder:
        made = Dev(Path(folder))
        try:
            yield made
        finally:
            stop(made.process, signal.SIGTERM)
        assert made.process.returncode == 0, made.log.read_text()
        assert "Traceback" not in made.log.read_text()
        assert not (made.state / "launch.sock").exists()


def test_it_says_what_it_is(dev: Dev) -> None:
    """A banner, where it listens, and how to go on."""
    said = dev.log.read_text()
    assert said.startswith("DEVELOPMENT BROKER")
    assert str(dev.state / "launch.sock") in said


def test_its_files_are_private(dev: Dev) -> None:
    """Folders 0700; socket, store, keys and tokens 0600 (public keys may be read)."""
    assert stat.S_IMODE(dev.state.stat().st_mode) == 0o700
    for path in dev.state.rglob("*"):
        public = path.name in ("log.vkey", "people-jwks.json", "broker.db-wal", "broker.db-shm")
        if not public:
            assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_stock_jwt_library_verifies_a_tasks_identity(dev: Dev) -> None:
    """PyJWT, given the discovery document's keys: issuer, audience, the task as subject."""
    with BrokerClient(dev.endpoint) as client:
        started = client.start_task("hello", "a test")
        credential = client.activate(started.task_id, started.bootstrap).credentials("identity")
        assert isinstance(credential, Credential)
        issuer = f"http://127.0.0.1:{dev.port}"
        keys = jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json")
        token = credential.fields["token"].reveal()
        key = keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(token, key, algorithms=["EdDSA"], audience="hello", issuer=issuer)
        assert (claims["sub"], claims["on_behalf_of"]) == (started.task_id, f"unix:{os.geteuid()}")
        client.end(started.task_id)


def test_a_tasks_identity_opens_nothing_at_the_broker(dev: Dev) -> None:
    """The token that a sandbox holds is no launcher's token, whatever its audience."""
    with BrokerClient(dev.endpoint) as client:
        started = client.start_task("hello", "a test")
        credential = client.activate(started.task_id, started.bootstrap).credentials("identity")
        assert isinstance(credential, Credential)
        with BrokerClient(dev.endpoint, credential.fields["token"]) as agent, pytest.raises(BrokerError):
            agent.start_task("hello", "a test")
        client.end(started.task_id)


def test_start_show_list_end(dev: Dev) -> None:
    """`task start` prints the bootstrap once; `task show` and `task list` do not; `task end` prints the receipt."""
    started = json.loads(dev.call("task", "start", "hello", "--purpose", "try it", "--format", "json").output)
    shown = dev.call("task", "show", started["task_id"])
    assert "created" in shown.output
    assert started["bootstrap"] not in shown.output + dev.call("task", "list").output
    ended = dev.call("task", "end", started["task_id"])
    assert (ended.exit_code, "nothing was issued" in ended.output) == (0, True)
    assert started["task_id"] in dev.call("task", "list").output


def test_leases_revoke_kill(dev: Dev) -> None:
    """A lease is listed, revoked by its id, and its task killed; a signed token is said to live on until it expires."""
    with BrokerClient(dev.endpoint) as client:
        started = client.start_task("hello", "a test")
        credential = client.activate(started.task_id, started.bootstrap).credentials("identity")
        assert isinstance(credential, Credential)
    assert credential.lease_id in dev.call("leases").output
    revoked = dev.call("revoke", credential.lease_id)
    assert (revoked.exit_code, "expires" in revoked.output) == (0, True)
    killed = dev.call("kill", f"task:{started.task_id}", "--reason", "test")
    assert (killed.exit_code, "1 tasks killed" in killed.output) == (0, True)
    assert json.loads(dev.call("task", "show", started.task_id, "--format", "json").output)["state"] == "killed"
    assert isinstance(dev.call("revoke", "lease-nope").exception, BrokerError)


def test_approve_on_the_command_line(dev: Dev) -> None:
    """Shown in full, refused to the requester, approved by another, then issued."""
    with BrokerClient(dev.endpoint, _token(dev, "ada")) as ada:
        started = ada.start_task("release", "publish 1.0")
        session = ada.activate(started.task_id, started.bootstrap)
        waiting = session.credentials("publish")
        assert not isinstance(waiting, Credential)
        listed = dev.call("approvals", person="grace").output
        for part in (waiting.approval_id, "publish 1.0", "package-index", "jwt:dev-people:ada"):
            assert part in listed
        own = dev.call("approve", waiting.approval_id, "--reason", "mine", person="ada")
        assert isinstance(own.exception, BrokerError)
        assert dev.call("approve", waiting.approval_id, "--reason", "fine", person="grace").exit_code == 0
        assert isinstance(session.credentials("publish", idempotency_key=waiting.idempotency_key), Credential)
        ada.end(started.task_id)


def test_explain(dev: Dev) -> None:
    """What would be decided, by which rule; exit code 1 for a refusal, which names what would pass."""
    allowed = dev.call("explain", "hello", "identity")
    assert (allowed.exit_code, "0 approval(s)" in allowed.output) == (0, True)
    refused = dev.call("explain", "release")
    assert (refused.exit_code, "would pass" in refused.output) == (1, True)
    too_long = dev.call("explain", "hello", "--narrow", '{"deadline": 99999}')
    assert (too_long.exit_code, "nearest: --narrow" in too_long.output) == (1, True)
    assert "effective" in too_long.output


def test_sub_tasks(dev: Dev) -> None:
    """By the session of the task above or by its launcher, by nobody else; over when that task is."""
    with BrokerClient(dev.endpoint) as client:
        started = client.start_task("hello", "a test")
        session = client.activate(started.task_id, started.bootstrap)
        first = session.child("a part of it", {"deadline": 60})
        inner = client.activate(first.task_id, first.bootstrap)
        assert first.expires_at < started.expires_at
        assert isinstance(inner.credentials("identity"), Credential)
        assert inner.task()["parent_task"] == started.task_id
        command = ["task", "child", started.task_id, "--purpose", "another part", "--format", "json"]
        assert isinstance(dev.call(*command, person="grace").exception, NotFound)
        second = json.loads(dev.call(*command).output)["task_id"]
        children = session.task()["children"]
        assert isinstance(children, list)
        assert set(children) == {first.task_id, second}
        assert len(client.end(started.task_id).lines) == 1
        assert client.task(first.task_id)["state"] == client.task(second)["state"] == "ended"


def test_the_record_verifies_and_a_changed_copy_does_not(dev: Dev) -> None:
    """`log verify` on the running store is intact; on a tampered copy it is not; without the key it cannot tell."""
    until = time.monotonic() + 30
    while json.loads(_log(dev, "verify", "--format", "json").output)["unnumbered"]:
        assert time.monotonic() < until
    assert _log(dev, "verify").exit_code == 0
    assert '"event": "broker:server:started"' in _log(dev, "tail", "-n", "1000").output
    copy = dev.state.parent / "copy"
    copy.mkdir(mode=0o700)
    source, target = sqlite3.connect(dev.state / "broker.db"), sqlite3.connect(copy / "broker.db")
    source.backup(target)
    target.execute("DROP TRIGGER events_append_only")
    first = "seq = (SELECT seq FROM leaves WHERE leaf = 0)"
    assert target.execute(f"UPDATE events SET payload = payload || ' ' WHERE {first}").rowcount == 1
    target.commit()
    source.close()
    target.close()
    key = str(dev.state / "keys" / "log.vkey")
    tampered = CliRunner().invoke(cli, ["log", "verify", "--state", str(copy), "--key", key])
    assert (tampered.exit_code, "tampered" in tampered.output, "entry 0" in tampered.output) == (1, True, True)
    assert CliRunner().invoke(cli, ["log", "verify", "--state", str(copy)]).exit_code == 1, "without a key too"


def test_a_second_broker_on_the_same_socket_is_refused(dev: Dev) -> None:
    """It says so, and the first one goes on."""
    argv = [sys.executable, "-m", "broker", "dev", "--state", str(dev.state)]
    done = subprocess.run(argv, env=dev.environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "is in use" in done.stderr
    assert dev.call("task", "list").exit_code == 0


def test_production_is_refused() -> None:
    """By file, with what to use instead."""
    production = dataclasses.replace(task_policy(DB), environment="production")
    with pytest.raises(ConfigError, match=r"tasks/work\.toml: environment: production"):
        refuse_production({"work": production}, "policies")


def test_a_file_in_the_sockets_place_is_not_replaced(tmp_path: Path) -> None:
    """Only a socket that nobody listens on is."""
    config = dev_config(str(tmp_path / "s"), None)
    Path(config.server.socket).write_text("precious")
    with pytest.raises(ConfigError):
        serve(config, assemble_dev(config, None))
    assert Path(config.server.socket).read_text() == "precious"


@pytest.mark.parametrize("arguments", [["--listen", "0.0.0.0:1"], ["--person", "../x"]])
def test_bad_options_are_named(arguments: list[str], tmp_path: Path) -> None:
    """Nothing is started."""
    result = CliRunner().invoke(cli, ["dev", "--state", str(tmp_path / "s"), *arguments])
    assert isinstance(result.exception, ConfigError)


def _log(dev: Dev, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["log", arguments[0], "--state", str(dev.state), *arguments[1:]])


def _token(dev: Dev, name: str) -> Secret:
    return private_text(dev.token_file(name))
