"""`audit show` and `audit timeline` on a journal that the guard itself wrote."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.audit.journal import FILE, Journal
from tests.secretguard.guard.events import OTHER, TOKEN, after, ask

ROOT = Path(__file__).parents[3]


def run(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in this test's home."""
    command = [sys.executable, "-m", "secretguard", "audit", *words]
    return subprocess.run(
        command, input=given, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=dict(os.environ)
    )


@pytest.fixture
def lived(own_home: Path, tmp_path: Path) -> Path:
    """A journal of one short run with a secret in it; returns its folder."""
    after(tmp_path, "Bash", {"stdout": TOKEN, "stderr": "", "interrupted": False}, command="cat token.txt")
    ask("PreToolUse", tmp_path, tool_name="Bash", tool_input={"command": "env"}, tool_use_id="second")
    ask("UserPromptSubmit", tmp_path, prompt="go on")
    return own_home / "state" / "audit"


def test_a_leaked_secret_is_found_by_its_value(lived: Path) -> None:
    """The value comes on standard input; the records that saw it are shown, and the value is in none of them."""
    done = run("show", "--secret", "--format", "json", given=f"GITHUB_TOKEN={TOKEN}\n")
    assert done.returncode == 0, done.stderr
    assert [json.loads(line)["event"] for line in done.stdout.splitlines()] == ["guard:read:redacted"]
    assert TOKEN not in done.stdout + done.stderr + (lived / FILE).read_text()
    assert (run("show", "--secret", given=OTHER).returncode, run("show", "--secret", given="\n").returncode) == (1, 2)


def test_a_record_without_digests_leaves_it_open(lived: Path) -> None:
    """A secret was found, which one is not known: exit code 3 and a sentence, not `no such record` alone."""
    Journal(str(lived)).append("guard:read:redacted", {"rules": ["github-token"], "count": 1})
    done = run("show", "--secret", given=OTHER)
    assert (done.returncode, "cannot tell" in done.stderr) == (3, True)


def test_a_journal_from_elsewhere_leaves_it_open(lived: Path) -> None:
    """Its digests are under another key: not to find the secret there means nothing."""
    data = (lived / FILE).read_bytes()
    (lived / FILE).write_bytes(data.replace(b'"host":"', b'"host":"other-', 1))
    done = run("show", "--secret", given=OTHER)
    assert (done.returncode, "other-" in done.stderr) == (3, True)


def test_records_are_found_by_file_and_task(tmp_path: Path) -> None:
    """A file by its full name though the tool said it shortly; a task of the broker."""
    journal = Journal(str(tmp_path / "audit"))
    journal.append("guard:write:allowed", {"path": "src/a.py"})
    journal.append("guard:write:allowed", {"path": "src/b.py", "task": "task-1"})
    at = ("show", "--journal", str(tmp_path / "audit"), "--format", "json")
    assert json.loads(run(*at, "--file", "/srv/app/src/a.py").stdout)["path"] == "src/a.py"
    assert json.loads(run(*at, "--task", "task-1").stdout)["path"] == "src/b.py"
    assert run(*at, "--file", "c.py").returncode == 1


def test_the_last_run_is_told_as_a_story(lived: Path) -> None:
    """Without a session the newest one; no colours into a pipe; no secret."""
    done = run("timeline")
    assert done.returncode == 0, done.stderr
    assert "session session  claude-code 2.1.330" in done.stdout
    assert "redacted  ran cat token.txt" in done.stdout
    assert "denied    run env" in done.stdout
    assert "self-consistent, unanchored" in done.stdout
    assert "\x1b" not in done.stdout
    assert TOKEN not in done.stdout
    assert run("timeline", "--session", "session").stdout == done.stdout
    assert run("timeline", "--session", "none").returncode == 1


def test_the_story_in_json(lived: Path) -> None:
    """The same for a program, with the verifier's word; a tampered journal says so."""
    (lived / FILE).write_bytes((lived / FILE).read_bytes().replace(b'"tool":"Bash"', b'"tool":"bash"', 1))
    told = json.loads(run("timeline", "--format", "json").stdout)
    assert (told["session"], told["record"], told["alarms"]) == ("session", "tampered", [])
    assert [step["event"] for step in told["steps"]][-1] == "guard:prompt:allowed"
    assert told["counts"]["denied"] == 1


def test_an_empty_journal_has_no_story(tmp_path: Path) -> None:
    """No session yet is said; a wrong folder is an error with a way on."""
    Journal(str(tmp_path / "audit")).append("guard:client:installed", {})
    assert run("timeline", "--journal", str(tmp_path / "audit")).returncode == 1
    done = run("timeline", "--journal", str(tmp_path / "none"))
    assert (done.returncode, "--journal" in done.stderr) == (2, True)


def test_who_called_a_host(tmp_path: Path) -> None:
    """The records that name it; a call that does not say whom leaves it open, which is exit code 3."""
    ask(
        "PreToolUse", tmp_path, tool_name="Bash", tool_input={"command": "curl https://v1.api.example"}, tool_use_id="a"
    )
    ask("PreToolUse", tmp_path, tool_name="WebFetch", tool_input={"url": "https://docs.example/x"}, tool_use_id="b")
    assert run("show", "--host", "api.example").stdout.count("\n") == 1
    assert run("show", "--host", "docs.example", "--format", "json").returncode == 0
    assert run("show", "--host", "other.example").returncode == 1
    ask("PreToolUse", tmp_path, tool_name="Bash", tool_input={"command": "git push"}, tool_use_id="c")
    done = run("show", "--host", "other.example")
    assert (done.returncode, "call places that they do not name" in done.stderr) == (3, True)
    assert "called out" not in run("timeline").stdout
    assert "would call out: the repository's remote (inferred from git push)" in run("timeline").stdout


def test_one_task_with_and_without_the_brokers_side(tmp_path: Path) -> None:
    """By what the records claim; with the broker's records of it from a file or a pipe; in text and in JSON."""
    folder = str(tmp_path / "journal")
    Journal(folder).append("guard:prompt:allowed", {"session_id": "s", "claimed_task": "task-1", "outcome": "left"})
    record = {"v": 1, "time": "2026-11-25T01:00:00.001Z", "task": "task-1", "event": "broker:task:created"}
    (tmp_path / "records").write_text(json.dumps({**record, "launcher": "unix:7"}) + "\n")
    alone = run("timeline", "--journal", folder, "--task", "task-1")
    assert (alone.returncode, "sent a prompt" in alone.stdout) == (0, True)
    both = ("timeline", "--journal", folder, "--task", "task-1", "--broker-events")
    assert "unix:7 asked for a run" in run(*both, str(tmp_path / "records")).stdout
    piped = run(*both, "-", "--format", "json", given=(tmp_path / "records").read_text())
    told = json.loads(piped.stdout)
    assert (told["of_broker"], told["of_sandbox"], told["of_journal"]) == (1, 0, 1)


def test_a_task_that_neither_side_knows(tmp_path: Path) -> None:
    """Exit code 1; a file without a task to look for in it is a question that cannot be answered, 2."""
    (tmp_path / "records").write_text("")
    (tmp_path / "bad").write_text("x\n")
    assert run("timeline", "--task", "task-1", "--broker-events", str(tmp_path / "records")).returncode == 1
    assert run("timeline", "--broker-events", str(tmp_path / "records")).returncode == 2
    bad = run("timeline", "--task", "task-1", "--broker-events", str(tmp_path / "bad"))
    assert (bad.returncode, "bad:1" in bad.stderr) == (2, True)
