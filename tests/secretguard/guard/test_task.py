"""The task that the environment claims, and the child that hands its records over."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

from secretguard.guard import task
from secretguard.guard.hook import respond
from secretguard.guard.main import __file__ as entry
from tests.secretguard.audit.test_handover import TASK, TaskSocket
from tests.secretguard.guard.events import TOKEN, VERSION, payload, records

INSIDE = {"BROKER_TASK_ID": TASK, "AI_AGENT": VERSION}


@pytest.mark.parametrize(
    "name", ["", "task-", "task-XYZ", "task-12 34", "task-" + "a" * 60, "lease-12", "task-1\n", "task-12/../x", "12ab"]
)
def test_only_a_name_of_a_tasks_form_is_claimed(name: str) -> None:
    """The record is not for free text from the environment."""
    assert task.claimed({"BROKER_TASK_ID": name}) == {}


def test_every_record_inside_claims_the_task(project: Path) -> None:
    """Decisions, results, prompts, and what cannot be read: a story with a hole would be the better lie."""
    environment = {**INSIDE, "CLAUDE_PROJECT_DIR": str(project)}
    command = {"tool_name": "Bash", "tool_input": {"command": "ls"}}
    respond(payload("UserPromptSubmit", project, prompt="go"), environment)
    respond(payload("PreToolUse", project, **command), environment)
    respond(payload("PostToolUse", project, **command, tool_response={"stdout": ""}), environment)
    respond(b"{", environment)
    respond(None, environment)
    found = [record for record in records() if record["event"].startswith("guard:")]
    assert len(found) >= 5
    assert {record["claimed_task"] for record in found} == {TASK}


def run_hook(project: Path, **more: str) -> float:
    """One call of the real hook process; the seconds until it was over and its pipes closed."""
    environment = {**INSIDE, "SECRETGUARD_HOME": os.environ["SECRETGUARD_HOME"], "PATH": os.environ["PATH"], **more}
    command = [sys.executable, "-I", "-S", str(entry), "claude-code", sysconfig.get_path("platlib")]
    data = payload("PreToolUse", project, tool_name="Bash", tool_input={"command": "ls"})
    start = time.monotonic()
    done = subprocess.run(command, input=data, env=environment, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    return time.monotonic() - start


def test_the_hook_hands_over_by_itself(project: Path, tmp_path: Path) -> None:
    """After its answer, in a child that holds none of the client's pipes."""
    served = TaskSocket(tmp_path / "task.sock")
    try:
        run_hook(project, BROKER_TASK_SOCKET=served.path)
        ends_at = time.monotonic() + 30
        while not any(record["event"] == "guard:command:allowed" for record in served.records):
            assert time.monotonic() < ends_at, "nothing was handed over"
            time.sleep(0.02)
    finally:
        served.close()


def test_a_secret_that_got_out_is_reported_by_its_digest(project: Path, tmp_path: Path) -> None:
    """A failed command's error text cannot be replaced: what is in it is reported before the records are handed over,
    and neither the value nor anything of it goes to the socket."""
    served = TaskSocket(tmp_path / "task.sock")
    environment = {**INSIDE, "SECRETGUARD_HOME": os.environ["SECRETGUARD_HOME"], "PATH": os.environ["PATH"]}
    command = [sys.executable, "-I", "-S", str(entry), "claude-code", sysconfig.get_path("platlib")]
    said = {"tool_name": "Bash", "tool_input": {"command": "ls"}, "error": TOKEN}
    data = payload("PostToolUseFailure", project, **said)
    environment["BROKER_TASK_SOCKET"] = served.path
    try:
        subprocess.run(command, input=data, env=environment, capture_output=True, timeout=60, check=False)
        ends_at = time.monotonic() + 30
        while not any(record["event"] == "guard:read:exposed" for record in served.records):
            assert time.monotonic() < ends_at, "nothing was handed over"
            time.sleep(0.02)
    finally:
        served.close()
    digest = hashlib.sha256(TOKEN.encode()).hexdigest()
    assert served.exposed == [{"fingerprint": digest, "where": "its guard saw it reach the model"}]


def test_a_socket_that_hangs_holds_nobody_up(project: Path, tmp_path: Path) -> None:
    """Nobody accepts: the client has its answer and the end of the pipes all the same."""
    import socket

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen(8)
        run_hook(project, BROKER_TASK_SOCKET=str(tmp_path / "silent.sock"))
        connection, _ = silent.accept()  # the child is there, and waits
        connection.close()


@pytest.mark.parametrize("place", ["", "relative.sock", "/none/task.sock"])
def test_without_a_socket_nothing_happens(project: Path, place: str) -> None:
    """The record is in the journal; nothing is said to the client."""
    run_hook(project, BROKER_TASK_SOCKET=place)
    assert records("guard:command:allowed")
