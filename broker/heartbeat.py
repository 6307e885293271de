"""The heartbeat of a task: a session that says nothing for too long is lost, and its task ends.

A supervisor asks for it when it activates the task, and from then on each of the session's authenticated calls is a
sign of life. It is for the one end that nobody else notices before the deadline: supervisor and watcher killed
together, their machine gone, the network cut.

In the task's row `heartbeat` is the silence in seconds that ends the task (0: none does), `heard_at` the last sign of
life that was written, `silent_at` when the task is given up unless another comes (0: never, or it is over). Not every
call is written, one every fifth of the heartbeat is, and `silent_at` allows for that: a task ends no sooner than
`heartbeat` seconds after its last call, and a fifth and two seconds later at the latest.

Silence counts only while this process could have heard something: not before it started, while the store was down,
or while the machine slept. Times are this process's clock. Replicas judge by each other's times, so their clocks must
differ by much less than the shortest heartbeat; a broker that is ahead by N seconds ends a silent task N too early.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable

import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.store.database import Database
from broker.store.tables import tasks
from broker.task import Task, TaskState
from broker.task_end import finish

LEAST_SECONDS, MOST_SECONDS = 5, 300
LOOK_SECONDS = 1.0
DEAF_SECONDS = 5
"""A pause between two looks that is longer than this was no pause but a stop: the process could not hear."""

BATCH_TASKS = 100

log = logging.getLogger("broker.heartbeat")


def heard(heartbeat: int, now: int) -> dict[str, int]:
    """The columns of a task that was heard of `now`."""
    silent_at = now + heartbeat + _written_every(heartbeat) if heartbeat else 0
    return {"heartbeat": heartbeat, "heard_at": now, "silent_at": silent_at}


def due(task: Task, now: int) -> bool:
    """Whether a call of `task`'s session is one of those that are written."""
    if task.state is not TaskState.ACTIVE or not task.heartbeat:
        return False
    return not 0 <= now - task.heard_at < _written_every(task.heartbeat)


def beat(database: Database, task: Task, now: int) -> None:
    """`task`'s session made a call. Where that cannot be written the call goes on: it may be the one that ends it."""
    if not due(task, now):
        return
    living = (tasks.c.id == task.id) & (tasks.c.state == TaskState.ACTIVE.value)
    with contextlib.suppress(RecordFailed), database.write() as tx:
        tx.execute(tasks.update().where(living).values(heard(task.heartbeat, now)))


class Listener:
    """Ends the tasks that fell silent, over one store and one clock (Unix seconds); sets `wake` for what then has to
    be revoked."""

    def __init__(self, database: Database, clock: Callable[[], float], wake: threading.Event) -> None:
        self._database, self._clock, self._wake = database, clock, wake
        self._since = self._last = int(clock())

    def look(self) -> int:
        """End what is silent now; how many. Raises RecordFailed."""
        now = int(self._clock())
        if not 0 <= now - self._last <= DEAF_SECONDS:
            self._since = now
        self._last = now
        try:
            return sum(self._end(task_id, now) for task_id in self._found(now))
        except RecordFailed:
            self._since = now
            raise

    def _found(self, now: int) -> list[str]:
        """One query by the index of `silent_at`, in which only living tasks with a heartbeat have a time."""
        listened = tasks.c.heartbeat <= now - self._since
        query = sa.select(tasks.c.id).where(_silent(now) & listened).order_by(tasks.c.silent_at).limit(BATCH_TASKS)
        with self._database.read() as tx:
            return list(tx.execute(query).scalars())

    def _end(self, task_id: str, now: int) -> bool:
        """Recorded, and nothing more is issued from then on; False where it was heard of or ended meanwhile."""
        silent = sa.select(tasks.c.id).where(_silent(now) & (tasks.c.id == task_id)).with_for_update()
        with self._database.write() as tx:
            if tx.execute(silent).first() is None:
                return False
            finish(tx, [task_id], TaskState.ENDED, "broker", "lost heartbeat", self._clock())
        self._wake.set()
        return True


def watch(listener: Listener, stop: threading.Event) -> None:
    """Look once a second until `stop` is set. It never waits for a credential source, so a slow one hides nothing."""
    while not stop.wait(LOOK_SECONDS):
        try:
            listener.look()
        except RecordFailed:
            pass  # the store is down: readyz says so
        except Exception as fault:  # no fault ends it: a dead thread would hear no silence
            log.error("listening failed with %s and goes on", type(fault).__name__)  # noqa: TRY400


def _silent(now: int) -> sa.ColumnElement[bool]:
    return (tasks.c.silent_at > 0) & (tasks.c.silent_at <= now) & (tasks.c.state == TaskState.ACTIVE.value)


def _written_every(heartbeat: int) -> int:
    return max(1, heartbeat // 5)
