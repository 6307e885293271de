"""A leaked credential over the API and by the command line: who may report what, and what the answer tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from broker.cli import cli
from broker.client import BrokerClient, Credential, Session
from broker.errors import BadRequest
from secretguard.secret import Secret
from tests.broker.api.running import Running
from tests.broker.scenario import recorded


@pytest.fixture
def launcher(running: Running) -> Iterator[BrokerClient]:
    """The Unix peer, who starts the tasks."""
    with running.client() as client:
        yield client


def leaked(launcher: BrokerClient) -> tuple[Session, Credential]:
    """A session of the launcher's task, and its credential."""
    started = launcher.start_task("work", "a test")
    session = launcher.activate(started.task_id, started.bootstrap)
    issued = session.credentials("db")
    assert isinstance(issued, Credential)
    return session, issued


def exposed(running: Running, value: str, *arguments: str) -> Result:
    """`broker exposed` in this process."""
    place = ["--broker", f"unix:{running.socket}", "--where", "a pasted log"]
    return CliRunner().invoke(cli, ["exposed", *place, *arguments], input=value)


def test_a_session_reports_its_own_and_cannot_reach_anothers(running: Running, launcher: BrokerClient) -> None:
    """The session's call names its task, so that of another task is simply unknown to it."""
    session, issued = leaked(launcher)
    other, foreign = leaked(launcher)
    assert session.expose("stdout", foreign.fields["token"]) == {"leases": [], "reissue": False}
    assert foreign.lease_id in running.source.alive
    answer = session.expose("stdout", issued.fields["token"])
    assert [line["revocation"] for line in answer["leases"]] == ["confirmed"]  # type: ignore[attr-defined]
    assert issued.lease_id not in running.source.alive
    other.end()


def test_a_digest_works_for_the_launcher_alone(running: Running, launcher: BrokerClient) -> None:
    """By SHA-256 the launcher's own; for a stranger the same answer as for nothing, and nothing happens."""
    session, issued = leaked(launcher)
    digest = hashlib.sha256(issued.fields["token"].reveal().encode()).hexdigest()
    with running.client(running.token("mallory")) as mallory:
        assert mallory.expose("nowhere", sha256=digest) == {"leases": [], "reissue": False}
    assert issued.lease_id in running.source.alive
    assert launcher.expose("a log", sha256=digest)["leases"]
    assert issued.lease_id not in running.source.alive
    session.end()


def test_the_value_is_not_recorded_even_where_the_reporter_wrote_it(running: Running, launcher: BrokerClient) -> None:
    """`where` is kept for people; the value in it is not."""
    session, issued = leaked(launcher)
    value = issued.fields["token"].reveal()
    session.expose(f"printed {value} in CI", Secret(f" {value}\n"))
    told = recorded(running.broker, "broker:exposure:reported")[-1]
    assert told["where"] == "printed [the value] in CI"
    assert not any(value in str(record) for record in recorded(running.broker))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"where": "x"},
        {"value": "v"},
        {"value": "", "where": "x"},
        {"value": "v", "where": ""},
        {"value": "v", "where": "x" * 501},
        {"value": "v" * 20_001, "where": "x"},
        {"value": "v", "fingerprint": "a" * 64, "where": "x"},
        {"fingerprint": "A" * 64, "where": "x"},
        {"fingerprint": "a" * 63, "where": "x"},
        {"fingerprint": "a" * 64 + "\n", "where": "x"},
        {"value": ["made-up-list"], "where": "x"},
        {"value": "v", "where": "x", "task": "task-1"},
        {"value": "v", "where": "x", "lease": "lease-1"},
        [],
    ],
)
def test_a_report_that_is_none(body: object, running: Running) -> None:
    """A problem document that names the field, never the value."""
    with running.raw() as raw:
        answer = raw.post("/v1/exposures", json=body)
    assert (answer.status_code, answer.json()["rule"]) == (400, "request-shape")
    assert "made-up-list" not in answer.text
    assert "v" * 100 not in answer.text


def test_a_sessions_call_needs_the_session(running: Running, launcher: BrokerClient) -> None:
    """Nobody reports in a task's name, its launcher included."""
    session, _ = leaked(launcher)
    with running.raw() as raw:
        answer = raw.post(f"/v1/tasks/{session.task_id}/exposures", json={"value": "v" * 20, "where": "x"})
    assert answer.status_code == 401
    session.end()


def test_the_command_reads_the_value_from_stdin(running: Running, launcher: BrokerClient) -> None:
    """Exit 0 and a line a lease when it is dead; exit 1 for what is nobody's; the value is never shown."""
    session, issued = leaked(launcher)
    value = issued.fields["token"].reveal()
    done = exposed(running, f"{value}\n")
    assert (done.exit_code, done.stdout.split()[:2]) == (0, ["confirmed", issued.lease_id])
    assert value not in done.output
    nothing = exposed(running, "made-up-value-of-nobody")
    assert (nothing.exit_code, nothing.stdout) == (1, "no credential of yours has this value\n")
    as_json = exposed(running, "", "--sha256", hashlib.sha256(value.encode()).hexdigest(), "--format", "json")
    assert (as_json.exit_code, issued.lease_id in as_json.stdout) == (0, True)
    empty = exposed(running, "")
    assert isinstance(empty.exception, BadRequest)
    session.end()
