"""The end of tasks in the store: with each all of its sub-tasks, each with its event, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from broker.store.family import below
from broker.store.log import append
from broker.store.tables import tasks
from broker.task import TaskState

LIVING = (TaskState.CREATED.value, TaskState.ACTIVE.value)


def finish(tx: sa.Connection, ids: Sequence[str], state: TaskState, by: str, reason: str, now: float) -> set[str]:
    """End (or kill) those of these tasks that live, and all that live below any of them; the ids of all that it ended.

    The tasks are locked before it is asked what is below them: a sub-task is made under the lock of those above it, so
    none is made in between and left out.
    """
    ended = _finish(tx, ids, state, by, reason, now)
    rest = {one for some in below(tx, ids).values() for one in some} - ended
    return ended | _finish(tx, sorted(rest), state, by, f"the task above it is over: {reason}", now)


def _finish(tx: sa.Connection, ids: Sequence[str], state: TaskState, by: str, reason: str, now: float) -> set[str]:
    if not ids:
        return set()
    query = sa.select(tasks.c.id, tasks.c.state).where(tasks.c.id.in_(ids)).order_by(tasks.c.depth, tasks.c.id)
    living = [row.id for row in tx.execute(query.with_for_update()).all() if row.state in LIVING]
    if living:
        tx.execute(tasks.update().where(tasks.c.id.in_(living)).values(state=state.value, silent_at=0))
    event = "broker:task:killed" if state is TaskState.KILLED else "broker:task:ended"
    for task_id in living:
        append(tx, event, task_id, now, {"by": by, "reason": reason})
    return set(living)
