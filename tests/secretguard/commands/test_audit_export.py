"""`audit export` and `audit events` as a person or a cron job calls them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.audit.journal import Journal
from secretguard.audit.vocabulary import EVENTS

ROOT = Path(__file__).parents[3]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in this test's home."""
    command = [sys.executable, "-m", "secretguard", "audit", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=dict(os.environ)
    )


@pytest.fixture
def journal(tmp_path: Path) -> str:
    """A journal of three records."""
    writer = Journal(str(tmp_path / "audit"))
    writer.append("guard:command:denied", {"command": "env"})
    writer.append("guard:command:allowed", {"command": "ls"})
    return str(tmp_path / "audit")


def test_a_job_exports_what_is_new(journal: str, tmp_path: Path) -> None:
    """Run after run with one cursor, into a file."""
    out, cursor = tmp_path / "out.jsonl", tmp_path / "cursor"
    words = ("export", "--journal", journal, "--format", "ocsf", "--cursor", str(cursor), "--output", str(out))
    assert [run(*words).returncode for _ in range(2)] == [0, 0]
    Journal(journal).append("guard:read:redacted", {"path": "a"})
    done = run(*words)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    events = [json.loads(line) for line in out.read_text().splitlines()]
    assert [event["class_uid"] for event in events] == [3004, 1007, 1007, 1001]


def test_without_a_cursor_everything_goes_to_standard_output(journal: str) -> None:
    """And again the next time."""
    first, second = run("export", "--journal", journal), run("export", "--journal", journal)
    assert len(first.stdout.splitlines()) == 3
    assert first.stdout == second.stdout


def test_an_output_that_is_there_is_not_touched(journal: str, tmp_path: Path) -> None:
    """Without a cursor nobody knows what it holds."""
    (tmp_path / "out").write_text("kept")
    done = run("export", "--journal", journal, "--output", str(tmp_path / "out"))
    assert (done.returncode, "--cursor" in done.stderr) == (2, True)
    assert (tmp_path / "out").read_text() == "kept"


def test_a_full_disk_is_said_and_moves_no_cursor(journal: str, tmp_path: Path) -> None:
    """The device that is always full stands in for the disk."""
    done = run("export", "--journal", journal, "--output", "/dev/full", "--cursor", str(tmp_path / "cursor"))
    assert (done.returncode, "cursor was not moved" in done.stderr) == (2, True)
    assert not (tmp_path / "cursor").exists()


def test_the_vocabulary_can_be_listed() -> None:
    """As lines, as JSON, as the page in the reference."""
    assert [line.split()[0] for line in run("events").stdout.splitlines()] == list(EVENTS)
    assert list(json.loads(run("events", "--format", "json").stdout)) == list(EVENTS)
    assert run("events", "--markdown").stdout == (ROOT / "docs" / "reference" / "events.md").read_text("utf-8")
