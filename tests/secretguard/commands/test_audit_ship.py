"""`audit ship` as a person or a service calls it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.audit.journal import Journal, user_journal
from secretguard.audit.ship.otlp_types import ExportLogsServiceRequest
from secretguard.places import config_dir, state_dir
from tests.servers.loopback import loopback, reply

ROOT = Path(__file__).parents[3]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in this test's home."""
    command = [sys.executable, "-m", "secretguard", "audit", "ship", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=ROOT)


@pytest.fixture
def journal() -> Journal:
    """This user's journal, of three records."""
    writer = user_journal()
    for command in ("env", "ls"):
        writer.append("guard:command:denied", {"command": command})
    return writer


def test_a_timer_sends_what_is_new(journal: Journal, tmp_path: Path) -> None:
    """Run after run; the cursor is kept without being named."""
    to = f"file:{tmp_path / 'out'}"
    assert [run("--to", to).stderr for _ in range(2)] == ["3 records taken\n", "0 records taken\n"]
    journal.append("guard:read:redacted", {"path": "a"})
    assert run("--to", to).stderr == "1 records taken\n"
    told = [json.loads(line) for line in (tmp_path / "out").read_text().splitlines()]
    assert [event["metadata"]["sequence"] for event in told] == [1, 2, 3, 4]
    assert len(list((Path(state_dir()) / "ship").glob("*.cursor"))) == 1


def test_a_destination_has_a_name_in_the_configuration(journal: Journal) -> None:
    """And options given beside it count first; the receiver gets them in batches of the size that was asked for."""
    Path(config_dir()).mkdir(parents=True)
    with loopback(lambda request: reply(200)) as server:
        (Path(config_dir()) / "ship.toml").write_text(f'[siem]\nto = "otlp+{server.address}"\n')
        done = run("--to", "siem", "--batch", "2")
    assert (done.returncode, done.stderr) == (0, "3 records taken\n")
    found = [ExportLogsServiceRequest.FromString(request.body) for request in server.requests]
    assert [len(one.resource_logs[0].scope_logs[0].log_records) for one in found] == [2, 1]


def test_what_cannot_work_is_said_at_once(journal: Journal, tmp_path: Path) -> None:
    """A destination that is none, a client certificate without its key, a receiver that nobody can trust."""
    for words, says in (
        (["--to", "udp://x"], "syslog+tls://HOST:PORT"),
        (["--to", "siem"], "ship.toml"),
        (["--to", "otlp+https://x", "--certificate", "c.pem"], "go together"),
        (["--to", "syslog+tls://x", "--ca", str(tmp_path / "none.pem")], "none.pem"),
        (["--to", f"file:{tmp_path / 'out'}", "--journal", str(tmp_path / "none")], "--journal"),
    ):
        done = run(*words)
        assert (done.returncode, says in done.stderr) == (2, True), done.stderr


def test_a_refusal_for_good_ends_it_and_keeps_the_cursor(journal: Journal) -> None:
    """Status 2, the receiver's reason on the terminal without its escapes, and nothing is skipped the next time."""
    with loopback(lambda request: reply(401)) as server:
        done = run("--to", f"otlp+{server.address}")
    assert (done.returncode, "answered 401" in done.stderr) == (2, True)
    assert len(server.requests) == 1
    assert list((Path(state_dir()) / "ship").glob("*.cursor")) == []


def test_terminal_escapes_of_a_receiver_do_not_reach_the_terminal(journal: Journal) -> None:
    """It is somebody else's text."""
    answer = {"partialSuccess": {"rejectedLogRecords": 1, "errorMessage": "\x1b[2J\u202egone"}}
    with loopback(lambda request: reply(200, answer, [("Content-Type", "application/json")])) as server:
        done = run("--to", f"otlp+{server.address}")
    assert (done.returncode, "rejected 1 records" in done.stderr) == (2, True)
    assert not any(c in done.stderr for c in "\x1b\u202e")
