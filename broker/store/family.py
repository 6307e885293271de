"""Tasks and their sub-tasks as the store has them: what is above one, what is below, in the order of locking.

Whoever locks tasks of one family does so from the top down and, at one depth, by id: so no two wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from broker.errors import NotFound
from broker.store.rows import task_from, task_of
from broker.store.statements import TOPMOST_LOCKED
from broker.store.tables import task_ancestors, tasks
from broker.task import Task


def line(tx: sa.Connection, task_id: str, lock: bool = False) -> tuple[Task, ...]:
    """The task with all that are above it, the topmost first; with `lock` none of them changes until the transaction
    ends. Raises NotFound."""
    topmost = TOPMOST_LOCKED.first(tx, task_id=task_id) if lock else None
    if topmost is not None:
        return (task_from(topmost),)
    own = sa.select(sa.literal(task_id).label("id"))
    above = sa.select(task_ancestors.c.ancestor_id).where(task_ancestors.c.task_id == task_id)
    query = sa.select(tasks).where(tasks.c.id.in_(sa.union_all(own, above))).order_by(tasks.c.depth)
    found = tuple(map(task_of, tx.execute(query.with_for_update() if lock else query).all()))
    if not found or found[-1].id != task_id:
        raise NotFound(f"no task {task_id[:64]!r}", "list tasks with `broker task list`", rule="unknown-task")
    return found


def whole(task_id: str) -> sa.CompoundSelect[Any]:
    """The ids of the task and of all below it, as a query."""
    own = sa.select(sa.literal(task_id).label("id"))
    return sa.union_all(own, sa.select(task_ancestors.c.task_id).where(task_ancestors.c.ancestor_id == task_id))


def below(tx: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The ids of all tasks below each of these, by its id."""
    query = sa.select(task_ancestors).where(task_ancestors.c.ancestor_id.in_(ids)).order_by(task_ancestors.c.task_id)
    found: dict[str, tuple[str, ...]] = dict.fromkeys(ids, ())
    for row in tx.execute(query).all():
        found[row.ancestor_id] += (row.task_id,)
    return found


def count_below(tx: sa.Connection, task_id: str) -> int:
    """How many sub-tasks a task has had, over or not."""
    query = sa.select(sa.func.count()).where(task_ancestors.c.ancestor_id == task_id)
    return int(tx.execute(query).scalar_one())


def joins(tx: sa.Connection, task_id: str, above: Sequence[Task]) -> None:
    """Record what is above a new sub-task."""
    tx.execute(task_ancestors.insert(), [{"task_id": task_id, "ancestor_id": one.id} for one in above])
