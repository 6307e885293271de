"""Rows of the store as frozen values, and the reads that several rooms share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broker.errors import NotFound
from broker.lease import Lease, LeaseState
from broker.store.statements import LEASE, TASK, TASK_LOCKED
from broker.store.tables import leases, tasks
from broker.task import Task, TaskState, grants_from_json

OPEN_LEASES = (LeaseState.INTENDED, LeaseState.MINTED, LeaseState.ISSUED, LeaseState.UNCERTAIN)
"""States in which a credential lives or may live."""


def task_row(connection: sa.Connection, task_id: str, lock: bool = False) -> sa.Row[tuple[object, ...]]:
    """The task's row; with `lock` no other transaction changes it until this one ends. Raises NotFound."""
    query = sa.select(tasks).where(tasks.c.id == task_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise _no_task(task_id)
    return row


def find_task(connection: sa.Connection, task_id: str, lock: bool = False) -> Task:
    """The task; with `lock` no other transaction changes it until this one ends. Raises NotFound."""
    found = (TASK_LOCKED if lock else TASK).first(connection, task_id=task_id)
    if found is None:
        raise _no_task(task_id)
    return task_from(found)


def _no_task(task_id: str) -> NotFound:
    return NotFound(f"no task {task_id[:64]!r}", "list tasks with `broker task list`", rule="unknown-task")


def find_lease(connection: sa.Connection, lease_id: str) -> Lease:
    """The lease. Raises NotFound."""
    found = LEASE.first(connection, lease_id=lease_id)
    if found is None:
        raise NotFound(f"no lease {lease_id[:64]!r}", "list leases with `broker leases`", rule="unknown-lease")
    return lease_from(found)


def task_of(row: sa.Row[tuple[object, ...]]) -> Task:
    """A row of the task table as a task."""
    return task_from(row._mapping)


def task_from(values: Mapping[str, Any] | sa.RowMapping) -> Task:
    """The task whose columns these are."""
    return Task(
        id=values["id"],
        policy=values["policy"],
        policy_digest=values["policy_digest"],
        environment=values["environment"],
        launcher=values["launcher"],
        on_behalf_of=values["on_behalf_of"],
        purpose=values["purpose"],
        state=TaskState(values["state"]),
        grants=grants_from_json(values["grants"]),
        approvals=values["approvals"],
        created_at=values["created_at"],
        expires_at=values["expires_at"],
        thumbprint=values["thumbprint"],
        heartbeat=values["heartbeat"],
        heard_at=values["heard_at"],
        parent_task=values["parent_task"],
        depth=values["depth"],
        repository=values["repository"],
        branch=values["branch"],
        repository_known=values["repository_known"],
        ceilings=tuple(values["ceilings"].split()),
    )


def lease_of(row: sa.Row[tuple[object, ...]]) -> Lease:
    """A row of the lease table as a lease."""
    return lease_from(row._mapping)


def lease_from(values: Mapping[str, Any] | sa.RowMapping) -> Lease:
    """The lease whose columns these are."""
    return Lease(
        id=values["id"],
        task_id=values["task_id"],
        grant=values["grant_name"],
        source=values["source"],
        state=LeaseState(values["state"]),
        accessor=values["accessor"],
        source_lease=values["source_lease"],
        created_at=values["created_at"],
        expires_at=values["expires_at"],
        sealed=values["sealed"] or b"",
    )


def task_leases(connection: sa.Connection, task_id: str) -> Sequence[sa.Row[tuple[object, ...]]]:
    """All lease rows of a task, oldest first."""
    query = sa.select(leases).where(leases.c.task_id == task_id).order_by(leases.c.created_at, leases.c.id)
    return connection.execute(query).all()
