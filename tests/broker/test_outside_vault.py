"""Sources outside Vault in a real `broker serve`: who is given what, what is taken back, and what nobody finds."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from broker.cli import cli
from broker.client import Credential, Session
from broker.errors import MaybeIssued, Refused
from broker.issue.github_app import HOUR, LATE
from broker.receipt import Revocation
from broker.receipt_answer import exposed_lines
from broker.sandbox.task_socket import TaskSocket
from broker.store.database import attach_database
from broker.store.tables import events, leases
from tests.broker.served import Served
from tests.servers.aws import KEY, credentials_file, running_sts
from tests.servers.github import APP, GitHubStub, running_github

TASK = """
name = "release"
environment = "development"
deadline = 3600
launchers = ["unix:{uid}"]

[grants.push]
source = "github_app"
scope = {{ installation = "4242", repositories = "widgets", permissions = "contents:write" }}
ttl = 600

[grants.upload]
source = "aws_sts"
scope = {{ role = "arn:aws:iam::123456789012:role/releases", actions = "s3:PutObject", resources = "arn:aws:s3:::r/*" }}
ttl = 1800

[grants.crate]
source = "static"
scope = {{ name = "crates-io" }}
ttl = 300
delivery = "inject"
max_leases = 2
"""
VALUE = "made-up-" + "Kw53" * 6


class Around(NamedTuple):
    """A running broker, and the GitHub that it knows."""

    served: Served
    github: GitHubStub


@pytest.fixture(scope="module")
def around(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Around]:
    """`broker serve` with `[aws]` and `[github]`, and one static value."""
    folder = tmp_path_factory.mktemp("outside")
    with running_github() as github, running_sts() as sts:
        (folder / "app.pem").write_bytes(github.pem)
        (folder / "app.pem").chmod(0o600)
        tables = (
            f'[aws]\nregion = "eu-central-1"\ncredentials_file = "{credentials_file(folder)}"\nendpoint = "{sts}"\n'
            f'[github]\napp = "{APP}"\nprivate_key_file = "{folder}/app.pem"\napi = "{github.address}"\nseconds = 5\n'
        )
        tasks = {"release": TASK.format(uid=os.geteuid())}
        served = Served(folder, f"sqlite:///{folder}/broker.db", tasks, tables)
        with served.running():
            static(served, "set", "crates-io", given=VALUE)
            yield Around(served, github)


def static(served: Served, *words: str, given: str = "") -> str:
    """`broker static` beside the running broker."""
    done = CliRunner().invoke(cli, ["static", *words, "--config", str(served.config)], input=given)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.fixture
def session(around: Around) -> Iterator[Session]:
    """A task whose key this process holds, as a supervisor does."""
    with around.served.client() as client:
        started = client.start_task("release", "a release")
        session = client.activate(started.task_id, started.bootstrap)
        yield session
        session.end()


def given(session: Session, grant: str, delivery: str = "socket") -> Credential:
    """One credential."""
    answer = session.credentials(grant, delivery=delivery)
    assert isinstance(answer, Credential)
    return answer


def rows(served: Served, column: sa.Column[object]) -> list[object]:
    """All values of one column of the store."""
    database = attach_database(f"sqlite:///{served.folder}/broker.db")
    try:
        with database.read() as tx:
            return list(tx.execute(sa.select(column)).scalars())
    finally:
        database.close()


def test_each_source_gives_and_the_receipt_is_honest(around: Around, session: Session) -> None:
    """GitHub's token is dead, AWS's session expires at its time, the static value stands; no record has a secret."""
    token = given(session, "push").fields["token"].reveal()
    upload = given(session, "upload")
    value = given(session, "crate", "inject").fields["value"].reveal()
    assert value == VALUE
    assert around.github.alive[token]["permissions"]["contents"] == "write"
    lines = {line.grant: line for line in session.end().lines}
    assert token not in around.github.alive
    assert lines["push"].revocation is Revocation.CONFIRMED
    assert (lines["upload"].revocation, lines["upload"].expires_at) == (Revocation.EXPIRES, upload.expires_at)
    assert time.time() + 1700 < upload.expires_at < time.time() + 1900
    assert lines["crate"].revocation is Revocation.STANDING
    told = "".join(map(str, rows(around.served, events.c.payload))) + around.served.log()
    for secret in (token, value, KEY, *(field.reveal() for field in upload.fields.values())):
        assert secret not in told


def test_a_revoking_secret_is_kept_only_while_it_is_needed(around: Around, session: Session) -> None:
    """Ciphertext while the lease is open, nothing afterwards; the token itself is in no byte of the store's files."""
    token = given(session, "push").fields["token"].reveal()
    assert sum(bool(one) for one in rows(around.served, leases.c.sealed)) == 1
    session.end()
    assert not any(rows(around.served, leases.c.sealed))
    for file in around.served.folder.glob("broker.db*"):
        assert token.encode() not in file.read_bytes()


def test_what_is_for_injection_never_enters_the_sandbox(around: Around, session: Session) -> None:
    """The supervisor outside gets it; `broker credential` inside is refused over the real task socket, and so is the
    supervisor that does not say that it keeps it."""
    with pytest.raises(Refused, match="injection alone"):
        session.credentials("crate")
    path = str(around.served.folder / "run" / "task.sock")
    offered = TaskSocket(path, session, lambda _pid: True)
    try:
        for words in (["crate"], ["crate", "--field", "value"]):
            argv = [sys.executable, "-m", "broker", "credential", *words]
            environment = {**os.environ, "BROKER_TASK_SOCKET": path}
            done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, done.stdout) == (2, "")
            assert "injection alone" in done.stderr
            assert VALUE not in done.stderr
    finally:
        offered.close()
        os.unlink(path)
    assert given(session, "crate", "inject").fields["value"].reveal() == VALUE
    rules = [json.loads(str(text)).get("rule") for text in rows(around.served, events.c.payload)]
    assert rules.count("delivery") == 3


def test_a_rotated_value_is_given_from_then_on(around: Around, session: Session) -> None:
    """Without a restart; the command says that somebody still holds the one before."""
    given(session, "crate", "inject")
    assert "1 live leases" in static(around.served, "rotate", "crates-io", given="another")
    try:
        assert given(session, "crate", "inject").fields["value"].reveal() == "another"
    finally:
        static(around.served, "rotate", "crates-io", given=VALUE)


def test_a_leak_is_answered_as_far_as_its_source_can(around: Around, session: Session) -> None:
    """A reported token is dead at GitHub; of a session and of a value it is said that they live on."""
    leaked = {
        "push": given(session, "push").fields["token"],
        "upload": given(session, "upload").fields["secret_access_key"],
        "crate": given(session, "crate", "inject").fields["value"],
    }
    told = {}
    for grant, value in leaked.items():
        (line,) = exposed_lines(session.expose("a test", value=value))
        told[line.grant] = line.revocation
        assert line.grant == grant
    assert told == {"push": Revocation.CONFIRMED, "upload": Revocation.EXPIRES, "crate": Revocation.STANDING}
    assert leaked["push"].reveal() not in around.github.alive


def test_a_lost_answer_is_on_record_as_what_it_is(around: Around, session: Session) -> None:
    """The task ends with a line that says until when a token may exist; no other lease of it is touched by that."""
    good = given(session, "crate", "inject")
    around.github.tamper = lambda *_: None
    try:
        with pytest.raises(MaybeIssued, match="did not answer"):
            session.credentials("push", idempotency_key="lost-0001")
    finally:
        around.github.tamper = None
    lines = {line.grant: line for line in session.end().lines}
    assert lines["push"].revocation is Revocation.EXPIRES
    assert time.time() + HOUR < lines["push"].expires_at < time.time() + HOUR + LATE + 1
    assert lines["crate"].lease_id == good.lease_id
