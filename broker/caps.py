"""How many: credentials of a grant in all, at once and in any minute, tasks of a launcher, sub-tasks of a task.

What sub-tasks use is used up for the tasks above them.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from broker.errors import Refused, TooMany
from broker.grant import Grant
from broker.narrow import intersection
from broker.store.family import count_below
from broker.store.statements import TOTALS
from broker.store.tables import tasks
from broker.task import Task
from broker.task_end import LIVING

MINUTE = 60
"""What `rate` counts in, in seconds."""

LAUNCHER_LOCK = 0x1A0C4E
"""First half of the key of PostgreSQL's advisory locks on a launcher; the other is the hash of its name."""


def check_caps(tx: sa.Connection, family: Sequence[Task], grant: Grant, today: Grant, now: int) -> None:
    """Whether one more credential fits into the caps of `grant` for the last task of `family`, and into those of the
    same grant of each task above it, whose sub-tasks count as its own. `today` is the grant as the policy has it now,
    for any task. `family` is locked; `now` is Unix seconds.

    Raises TooMany, and Refused for a grant whose credential got out.
    """
    for task in reversed(family):
        own = task.grant(grant.name)
        if own is None:  # a sub-task has no grant that the tasks above it have not
            raise Refused(f"{task.id} has no grant {grant.name}", "start a new task", rule="unknown-grant")
        _check(tx, task, grant if task is family[-1] else intersection(own, today), today, now, task is family[-1])


def require_room_below(tx: sa.Connection, task_id: str, most: int) -> None:
    """Raises TooMany when the task, which is locked, has had `most` sub-tasks, those of its sub-tasks among them."""
    if count_below(tx, task_id) >= most:
        fix = "end this task and start another one, or let an owner of the policy raise max_children"
        raise TooMany(f"{task_id} has had all of its {most} sub-tasks", fix, rule="max-children")


def require_room_beside(tx: sa.Connection, launcher: str, most: int) -> None:
    """Raises TooMany when `most` tasks of the launcher live. Until the transaction ends none of them starts another."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(sa.func.pg_advisory_xact_lock(LAUNCHER_LOCK, sa.func.hashtext(launcher))))
    mine = (tasks.c.launcher == launcher) & tasks.c.state.in_(LIVING) & (tasks.c.depth == 0)
    if int(tx.execute(sa.select(sa.func.count()).where(mine)).scalar_one()) >= most:
        raise TooMany(f"{launcher} has {most} tasks already", "end one of them: `broker task list`", rule="max-tasks")


def _check(tx: sa.Connection, task: Task, grant: Grant, asked: Grant, now: int, is_own: bool) -> None:
    held = TOTALS.first(tx, task_id=task.id, grant=grant.name, now=now, since=now - MINUTE) or {}
    issues, live, exposed, recent = (held[name] for name in ("issues", "live", "exposed", "lately"))
    whose = grant.name if is_own else f"{grant.name} of {task.id}, with its sub-tasks"
    if exposed and not asked.reissue_on_exposure:
        fix = "start a new task; a policy may say reissue_on_exposure = true"
        raise Refused(f"{whose}: a credential of this task got out", fix, rule="exposed")
    if issues >= grant.max_issues:
        raise TooMany(f"{whose}: all {grant.max_issues} issues are used", "start a new task", rule="max-issues")
    if live >= grant.max_leases:
        fix = "revoke one with `broker revoke LEASE`, or wait until it expires"
        raise TooMany(f"{whose}: {live} of {grant.max_leases} leases are live", fix, rule="max-leases")
    if grant.rate and recent >= grant.rate:
        fix = f"ask again in {held['first'] + MINUTE - now} s"
        raise TooMany(f"{whose}: {recent} of {grant.rate} issues in this minute", fix, rule="rate")
