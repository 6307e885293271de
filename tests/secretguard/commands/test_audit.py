from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from secretguard.audit.journal import FILE, Journal

ROOT = Path(__file__).parents[3]


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, in this test's home."""
    command = [sys.executable, "-m", "secretguard", "audit", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT, env=dict(os.environ)
    )


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A journal of two sessions."""
    writer = Journal(str(tmp_path / "audit"))
    for number in range(4):
        event = "guard:command:denied" if number % 2 else "guard:read:allowed"
        writer.append(event, {"session_id": f"s{number % 2}", "number": number})
    return tmp_path / "audit"


def test_verify_answers_in_words_and_exit_codes(journal: Path, tmp_path: Path) -> None:
    """Unanchored 3, intact 0, tampered 1, incomplete 2: each with the word of the contract."""
    at = ("--journal", str(journal))
    pin = str(tmp_path / "pin")
    unanchored = run("verify", *at)
    assert (unanchored.returncode, "self-consistent, unanchored" in unanchored.stdout) == (3, True)
    assert "intact" not in unanchored.stdout
    assert run("verify", *at, "--allow-unanchored").returncode == 0
    assert run("pin", *at, "-o", pin).returncode == 0
    intact = run("verify", *at, "--pin", pin)
    assert (intact.returncode, "intact, 5 records" in intact.stdout) == (0, True)
    whole = (journal / FILE).read_bytes()
    (journal / FILE).write_bytes(whole.replace(b'"number":1', b'"number":7'))
    edited = run("verify", *at, "--pin", pin)
    assert (edited.returncode, "tampered" in edited.stdout, "line 3 was edited" in edited.stdout) == (1, True, True)
    assert run("verify", *at, "--allow-unanchored").returncode == 1
    (journal / FILE).write_bytes(whole[:-40])
    cut = run("verify", *at, "--pin", pin)
    assert (cut.returncode, "incomplete" in cut.stdout) == (2, True)


def test_verify_in_json_is_one_document(journal: Path) -> None:
    """A program reads the same answer."""
    document = json.loads(run("verify", "--journal", str(journal), "--format", "json").stdout)
    assert (document["outcome"], document["words"]) == ("cannot tell", "self-consistent, unanchored")
    assert (document["anchored"], document["records"], document["findings"]) == (False, 5, [])


def test_journal_that_is_not_consistent_is_not_pinned(journal: Path, tmp_path: Path) -> None:
    """A pin must not make a tampered journal respectable."""
    (journal / FILE).write_bytes((journal / FILE).read_bytes().replace(b'"number":1', b'"number":7'))
    done = run("pin", "--journal", str(journal), "-o", str(tmp_path / "pin"))
    assert done.returncode == 1
    assert not (tmp_path / "pin").exists()


def test_bad_pin_is_named(journal: Path, tmp_path: Path) -> None:
    """A file that is no pin, or none at all, is a configuration error."""
    (tmp_path / "pin").write_text("{}")
    assert (run("verify", "--journal", str(journal), "--pin", str(tmp_path / "pin"))).returncode == 2
    missing = run("verify", "--journal", str(journal), "--pin", str(tmp_path / "none"))
    assert (missing.returncode, "audit pin" in missing.stderr) == (2, True)


def test_tail_shows_the_newest_records(journal: Path) -> None:
    """The last ones, oldest first; as JSON, one a line."""
    lines = run("tail", "--journal", str(journal), "-n", "2", "--format", "json").stdout.splitlines()
    assert [json.loads(line)["number"] for line in lines] == [2, 3]
    assert "guard:command:denied" in run("tail", "--journal", str(journal)).stdout


def test_show_filters_by_session_and_event(journal: Path) -> None:
    """One session or one kind; an area of the vocabulary stands for all that begin with it; none is exit code 1."""
    at = ("--journal", str(journal), "--format", "json")
    assert len(run("show", *at, "--session", "s1").stdout.splitlines()) == 2
    assert len(run("show", *at, "--event", "guard:command").stdout.splitlines()) == 2
    assert len(run("show", *at, "--event", "guard").stdout.splitlines()) == 4
    assert run("show", *at, "--event", "guard:comm").returncode == 1
    assert run("show", *at, "--session", "s1", "--event", "guard:read").returncode == 1


def test_hostile_fields_cannot_drive_the_terminal(tmp_path: Path) -> None:
    """Escape sequences, newlines and bidi marks in a record are shown escaped, in keys and nested values, too."""
    hostile = "\x1b[2J\r\n\u202egnp.exe\u200b"
    Journal(str(tmp_path)).append("guard:command:denied", {"command": hostile, hostile: [hostile]})
    shown = run("tail", "--journal", str(tmp_path)).stdout
    assert not any(character in shown for character in "\x1b\r\u202e\u200b")
    assert len(shown.splitlines()) == 2


def test_missing_journal_is_named_with_a_way_on(tmp_path: Path) -> None:
    """A wrong folder is no empty record."""
    done = run("tail", "--journal", str(tmp_path / "none"))
    assert (done.returncode, "--journal" in done.stderr) == (2, True)
    assert run("verify", "--journal", str(tmp_path / "none")).returncode == 3


def test_follow_goes_on_until_it_is_ended(journal: Path) -> None:
    """`tail -f` shows what is written after it began."""
    command = [sys.executable, "-m", "secretguard", "audit", "tail", "-f", "-n", "1", "--journal", str(journal)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ))
    try:
        assert process.stdout is not None
        assert "number=3" in process.stdout.readline()
        Journal(str(journal)).append("guard:read:allowed", {"later": "end"})
        assert "later=end" in process.stdout.readline()
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_followed_tail_goes_on_across_files_and_ends_at_an_interrupt(journal: Path) -> None:
    """Records of the next file are shown, too; an interrupt ends it with status 0 and without a message."""
    command = [sys.executable, "-m", "secretguard", "audit", "tail", "-f", "-n", "1", "--journal", str(journal)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        assert "number=3" in process.stdout.readline()
        writer = Journal(str(journal))
        writer.append("guard:read:allowed", {"number": 4})
        assert "number=4" in process.stdout.readline()
        writer.close_segment()
        writer.append("guard:read:allowed", {"number": 5})
        writer.close_segment()
        writer.append("guard:read:allowed", {"number": 6})
        told = [process.stdout.readline() for _ in range(4)]
        assert ["number=5" in told[1], "number=6" in told[3]] == [True, True]
        process.send_signal(signal.SIGINT)
        assert (process.wait(timeout=30), process.communicate()[1]) == (0, "")


def test_findings_name_the_file_where_there_are_several(journal: Path) -> None:
    """A reviewer finds the line."""
    Journal(str(journal)).close_segment()
    closed = next(journal.glob("journal-*.jsonl"))
    closed.write_bytes(closed.read_bytes().replace(b'"number":1', b'"number":7'))
    assert f"{closed.name} line 3 was edited" in run("verify", "--journal", str(journal)).stdout
    finding = json.loads(run("verify", "--journal", str(journal), "--format", "json").stdout)["findings"][0]
    assert (finding["file"], finding["line"]) == (closed.name, 3)
