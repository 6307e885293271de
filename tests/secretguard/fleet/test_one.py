"""One task in a real child process."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from secretguard.fleet import one, processes
from secretguard.fleet.task import Target, Task
from tests.secretguard.fleet.repositories import lines
from tests.secretguard.githooks.repositories import LEAK, Repository

HOW = {
    "history": False,
    "since": "",
    "blobs": False,
    "gitignore": True,
    "archives": True,
    "honour": True,
    "baseline": "",
}


@pytest.fixture(autouse=True)
def ready() -> None:
    processes.go()


def task(place: Path, **how: object) -> Task:
    return Task(Target(str(place), "x-1", place=str(place)), HOW | how, b"\1" * 32, 100)


def test_the_same_bytes_each_time(tmp_path: Path) -> None:
    """Nothing of the moment, of the process or of the machine is in a shard."""
    here = Repository(tmp_path / "here")
    here.past("app.py", LEAK)
    first, second = (one.scan_one(task(here.folder, history=past)) for past in (True, True))
    assert first == second
    assert first.error == ""
    assert [row["kind"] for row in lines(first.shard)] == ["repository", "finding", "summary"]


def test_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    """Its files are scanned; it has no history."""
    (tmp_path / "a").write_text(LEAK)
    assert b'"finding"' in one.scan_one(task(tmp_path)).shard
    assert "not a git repository" in one.scan_one(task(tmp_path, history=True)).error


def test_a_child_that_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """How it ended is told; what it said of values is not."""
    program = tmp_path / "python"
    monkeypatch.setattr(sys, "executable", str(program))
    for script, reason in (
        ("kill -9 $$", "the scan was killed by signal 9"),
        ("echo Trace; echo ValueError: hunter2 >&2; exit 1", "the scan failed: internal error"),
        ("echo list:1: not so >&2; exit 2", "list:1: not so"),
    ):
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        assert one.scan_one(task(tmp_path)).error == reason
    program.unlink()
    assert one.scan_one(task(tmp_path)).error == "No such file or directory"


def test_a_deadline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scan without end is that repository's failure."""
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\nsleep 300\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    slow = Task(Target("x", "x-1", place=str(tmp_path)), HOW, b"\1" * 32, 1)
    assert "took longer" in one.scan_one(slow).error
