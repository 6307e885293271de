"""What is above and below a task, on each kind of store."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from broker.errors import NotFound
from broker.store.database import Database, open_database
from broker.store.family import below, count_below, line
from broker.task import Task, TaskState
from broker.task_journal import TaskJournal
from tests.broker.stores import KINDS, fresh_url

TOP = Task("task-top", "work", "d", "sandbox", "unix:1", "unix:1", "p", TaskState.ACTIVE, (), 0, 100, 10**10)


def placed(task_id: str, above: Task) -> Task:
    return dataclasses.replace(TOP, id=task_id, parent_task=above.id, depth=above.depth + 1)


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    """A store with one task, two below it and one below the first of those."""
    made = open_database(fresh_url(request.param, tmp_path, request))
    journal = TaskJournal(made, lambda: 200.0)
    one = placed("task-1", TOP)
    for task in (TOP, one, placed("task-2", TOP), placed("task-1-1", one)):
        journal.created(task, f"digest of {task.id}", "r", lambda _: None, 9 if task.depth else 0)
    return made


def test_a_line_goes_from_the_top_down(database: Database) -> None:
    """Locked or not; a task without sub-tasks above it is its own line."""
    for lock in (False, True):
        with database.write() as tx:
            assert [one.id for one in line(tx, "task-1-1", lock)] == ["task-top", "task-1", "task-1-1"]
            assert [one.id for one in line(tx, "task-top", lock)] == ["task-top"]
            with pytest.raises(NotFound):
                line(tx, "task-none", lock)


def test_what_is_below_is_all_that_is_below(database: Database) -> None:
    """Of several at once; those without any have none."""
    with database.read() as tx:
        found = below(tx, ["task-top", "task-1", "task-2", "task-none"])
        assert count_below(tx, "task-top") == 3
    assert found == {
        "task-top": ("task-1", "task-1-1", "task-2"),
        "task-1": ("task-1-1",),
        "task-2": (),
        "task-none": (),
    }
