"""The helper program inside a sandbox, against a task socket."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from broker.sandbox import credential
from broker.sandbox.credential import WAITING
from broker.sandbox.plan import helper
from broker.sandbox.task_socket import TaskSocket
from tests.broker.sandbox.test_task_socket import VALUE, Session, anybody


@pytest.fixture
def path(tmp_path: Path) -> Iterator[str]:
    served = TaskSocket(str(tmp_path / "task.sock"), Session(), anybody)
    yield str(tmp_path / "task.sock")
    served.close()


@pytest.fixture
def program(tmp_path: Path) -> str:
    """The file as it lies in the sandbox: alone."""
    file = tmp_path / "broker"
    file.write_bytes(helper())
    return str(file)


def ask(program: str, path: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"BROKER_TASK_SOCKET": path} if path else {}
    argv = [sys.executable, "-I", "-S", program, "credential", *arguments]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_the_whole_credential_or_one_field(program: str, path: str) -> None:
    """JSON with every field, or the bare value of one, on standard output."""
    whole = ask(program, path, "db")
    assert (whole.returncode, json.loads(whole.stdout)) == (0, {"lease_id": "l-1", "expires_at": 1234, "token": VALUE})
    assert ask(program, path, "db", "--field", "token").stdout == f"{VALUE}\n"


def test_a_missing_field_names_those_there_are(program: str, path: str) -> None:
    """An unknown field is status 2 with the known names, and no value anywhere."""
    done = ask(program, path, "db", "--field", "password")
    assert (done.returncode, done.stdout) == (2, "")
    assert "it has token" in done.stderr
    assert VALUE not in done.stderr


def test_what_is_for_injection_is_not_printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where an answer has it, which no task socket gives."""
    answer = {"lease_id": "l-1", "credential": {"token": VALUE}, "delivery": "inject"}
    monkeypatch.setenv("BROKER_TASK_SOCKET", "/none")
    monkeypatch.setattr(credential, "_ask", lambda *_: (201, answer))
    for field in (None, "token"):
        assert credential.fetch("db", field, None) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert VALUE not in told.err


def test_waiting_has_a_status_of_its_own(program: str, path: str) -> None:
    """75, nothing on standard output, and the key to ask again with."""
    done = ask(program, path, "waits")
    assert (done.returncode, done.stdout) == (WAITING, "")
    assert "--idempotency-key key-1" in done.stderr


def test_a_refusal_gives_reason_and_fix(program: str, path: str) -> None:
    """Status 2 and the broker's own words."""
    done = ask(program, path, "refused")
    assert (done.returncode, done.stdout) == (2, "")
    assert "not this grant" in done.stderr
    assert "ask for db" in done.stderr


@pytest.mark.parametrize("path_", ["", "/no/such/task.sock"])
def test_without_a_socket(path_: str, program: str) -> None:
    """Outside of a sandbox it says so, without a traceback."""
    done = ask(program, path_, "db")
    assert done.returncode == 2
    assert done.stderr.startswith("broker: ")
    assert "Traceback" not in done.stderr
