"""A task's parent credential: made at the first need, recorded before it is, kept as ciphertext alone."""

from __future__ import annotations

import contextlib
import time

from broker.errors import BrokerError, Conflict, MaybeIssued, RecordFailed, SourceFailed
from broker.service import Broker
from broker.store.rows import find_task
from broker.store.statements import PARENT
from broker.task import Task
from secretguard.secret import Secret

WAIT_SECONDS = 10.0
POLL_SECONDS = 0.05


def parent_of(broker: Broker, task: Task) -> Secret:
    """The parent of `task`, made now if there is none. Raises SourceFailed, MaybeIssued, Conflict."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        with broker.database.read() as tx:
            held = PARENT.first(tx, task_id=task.id)
        if held is None:
            break
        if held["parent_state"] == "open":
            return broker.sealer.unseal(task.id, held["parent_ciphertext"])
        if held["parent_state"] == "closed":
            break
        above = _above(broker, task) if held["parent_state"] == "" else None
        if held["parent_state"] == "" and broker.journal.intend_parent(task.id):
            return _open(broker, task, above)
        time.sleep(POLL_SECONDS)  # another request of this task, maybe at another replica, is making it
    raise Conflict("the task's parent credential is not to be had now", "ask again in a minute", rule="parent")


def _above(broker: Broker, task: Task) -> Secret | None:
    """The parent of the task that a sub-task belongs to: its own hangs below that one, and dies with it."""
    if not task.parent_task:
        return None
    with broker.database.read() as tx:
        held = find_task(tx, task.parent_task)
    return parent_of(broker, held)


def _look_for(broker: Broker, task_id: str) -> None:
    """Revoke at once a parent whose answer was lost, so that the task's next request makes another one. What is not
    found may yet appear: recovery goes on looking."""
    broker.wake.set()
    with contextlib.suppress(BrokerError):
        if broker.parents is not None and broker.parents.recover_parents([task_id]):
            broker.journal.failed_parent(task_id, "its answer was lost; found and revoked")


def _open(broker: Broker, task: Task, above: Secret | None) -> Secret:
    if broker.parents is None:
        broker.journal.failed_parent(task.id, "no parent source is configured")
        raise SourceFailed("this grant needs Vault, and no [vault] is configured", "configure it, see `broker vault`")
    try:
        ttl = max(1, task.expires_at - int(broker.clock()))
        secret, accessor = broker.parents.open_parent(task.id, task.grants, ttl, above)
    except SourceFailed as error:
        broker.journal.failed_parent(task.id, error.message)
        raise
    except MaybeIssued:
        _look_for(broker, task.id)
        raise
    try:
        kept = broker.journal.opened_parent(task.id, accessor, broker.sealer.seal(task.id, secret))
    except RecordFailed:
        broker.parents.close_parent(accessor)
        raise
    if not kept:
        broker.parents.close_parent(accessor)
        raise Conflict("the task ended while its parent credential was made", "start a new task", rule="dead-task")
    return secret
