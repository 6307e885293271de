"""Several at once, on this machine."""

from __future__ import annotations

from pathlib import Path

from secretguard.fleet import here
from secretguard.fleet.task import Target, Task
from tests.secretguard.fleet.test_one import HOW


def tasks(tmp_path: Path, count: int) -> list[Task]:
    found = []
    for number in range(count):
        (tmp_path / f"r{number}").mkdir()
        found.append(Task(Target(f"r{number}", f"r{number}-1", place=str(tmp_path / f"r{number}")), HOW, b"\1" * 32))
    return found


def test_every_task_comes_back_once(tmp_path: Path) -> None:
    """In whatever order; none is lost."""
    done = list(here.work(tasks(tmp_path, 5), 2))
    assert sorted(one.target.name for one in done) == [f"r{number}-1" for number in range(5)]
    assert {one.error for one in done} == {""}


def test_closed_early_it_ends(tmp_path: Path) -> None:
    """What did not begin never begins; the next run starts afresh."""
    running = here.work(tasks(tmp_path, 4), 1)
    next(running)
    running.close()
    assert [one.error for one in here.work(tasks(tmp_path / "r0", 1), 1)] == [""]
