"""Find what a crash, a lost answer or a passed deadline left open, and close it: at start and every minute.

Everything here may be repeated and may run at several replicas at once: revoking is idempotent, and each transition
is recorded by whoever was first.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import threading
from collections.abc import Callable, Mapping, Sequence

import sqlalchemy as sa

from broker.approve.tickets import expire
from broker.errors import BrokerError
from broker.heartbeat import Listener, watch
from broker.kill_file import merge
from broker.lease import Lease, LeaseState
from broker.log.refusals import settle
from broker.log.witness import ask_all, keep_asking
from broker.policy import proposals
from broker.receipt import Cause
from broker.revoke import end_tasks, settle_tasks
from broker.service import Broker
from broker.store.database import WAIT_SECONDS
from broker.store.log import BATCH, sequence
from broker.store.rows import OPEN_LEASES, lease_of
from broker.store.tables import leases, proofs, tasks
from broker.taking_back import MAYBE, take_back_all
from broker.task import TaskState

SETTLE_SECONDS = 30
"""Age in seconds after which an unfinished transition is an interrupted one: longer than any mint may take."""

PARENT_SETTLE_SECONDS = 120
"""Age after which a parent that cannot be found was never made."""

EVERY_SECONDS = 60.0
BATCH_LEASES = 1000

log = logging.getLogger("broker.recover")


@dataclasses.dataclass(frozen=True, slots=True)
class Recovered:
    """What one round did: tasks ended at their deadline, leases looked at, and how many of those are still open."""

    tasks_ended: int
    leases: int
    still_open: int


def recover(broker: Broker) -> Recovered:
    """One round. Raises RecordFailed when the store is down; a source that is down leaves its leases for the next."""
    now = int(broker.clock())
    with broker.database.write() as tx:
        proposals.expire(tx, now)  # first: whoever acts on the policy holds its lock before any of these rows
        expire(tx, now)
        settle(tx, broker.clock())
        tx.execute(proofs.delete().where(proofs.c.expires_at < now))
    late = _overdue(broker, now)
    for reason, ids in late.items():
        end_tasks(broker, ids, TaskState.ENDED, "broker", reason)
    found = _open_leases(broker, now)
    take_back_all(broker, found, functools.partial(_cause, broker))
    _parents(broker, now)
    return Recovered(sum(map(len, late.values())), len(found), len(_open_leases(broker, now)))


def run(broker: Broker, stop: threading.Event) -> None:
    """Recover now, whenever woken and every minute; number the record once a second; beside that, end the tasks whose
    heartbeat stopped. Returns when `stop` is set."""
    listener = Listener(broker.database, broker.clock, broker.wake)
    listening = threading.Thread(target=watch, args=(listener, stop), name="heartbeats", daemon=True)
    listening.start()
    asking = threading.Thread(
        target=keep_asking, args=(broker.witnesses, broker.database, broker.clock, stop), name="witnesses", daemon=True
    )
    if broker.witnesses:
        asking.start()
    waited = EVERY_SECONDS
    while not stop.is_set():
        _tried(_merge_kills, broker)
        if waited >= EVERY_SECONDS or broker.wake.is_set():
            waited = 0.0
            _tried(_recover_now, broker)
            _tried(_look_at_policy, broker)
        _tried(_number, broker)
        stop.wait(1.0)
        waited += 1.0
    listening.join(WAIT_SECONDS)
    _tried(_number, broker)
    if broker.witnesses:
        asking.join(WAIT_SECONDS)
        ask_all(broker.witnesses, broker.database, broker.clock)


def _tried(step: Callable[[Broker], None], broker: Broker) -> None:
    """Deadlines, revocations and the record's numbers must not end with one fault: the next round tries again."""
    try:
        step(broker)
    except BrokerError:
        pass  # the store or a source is down: readyz says so
    except Exception as fault:
        log.error("recovery failed with %s and goes on", type(fault).__name__)  # noqa: TRY400  # a traceback quotes values


def _merge_kills(broker: Broker) -> None:
    merge(broker)


def _look_at_policy(broker: Broker) -> None:
    broker.policies.notice()


def _number(broker: Broker) -> None:
    while sequence(broker.database, broker.signer, broker.clock) == BATCH:
        pass


def _recover_now(broker: Broker) -> None:
    """One round; where it fails whoever woke it is not forgotten."""
    broker.wake.clear()
    try:
        recover(broker)
        broker.observer.metrics.recovered(broker.clock())
    except BrokerError:
        broker.wake.set()
        raise


def _overdue(broker: Broker, now: int) -> dict[str, Sequence[str]]:
    """By reason: tasks past their deadline, and tasks that nobody activated in time."""
    living = tasks.c.state.in_([TaskState.CREATED.value, TaskState.ACTIVE.value]) & (tasks.c.expires_at <= now)
    idle = (tasks.c.state == TaskState.CREATED.value) & (tasks.c.bootstrap_expires_at <= now)
    with broker.database.read() as tx:
        dead = tx.execute(sa.select(tasks.c.id).where(living)).scalars().all()
        never = tx.execute(sa.select(tasks.c.id).where(idle & (tasks.c.expires_at > now))).scalars().all()
    return {"deadline": dead, "never activated": never}


def _cause(broker: Broker, lease: Lease) -> Cause:
    """Why recovery takes a lease back."""
    if lease.state in MAYBE:
        return Cause("broker", "recovery: whether it was made is not known")
    expired = lease.expires_at <= broker.clock()
    return Cause("broker", "recovery: it has expired" if expired else "recovery: it was left open")


def _open_leases(broker: Broker, now: int) -> list[Lease]:
    """Leases that should not be open: interrupted, uncertain, expired, queued, or of a task that is over."""
    unfinished = leases.c.state.in_([LeaseState.INTENDED.value, LeaseState.MINTED.value])
    interrupted = unfinished & (leases.c.created_at <= now - SETTLE_SECONDS)
    wrong = (
        interrupted
        | (leases.c.state == LeaseState.UNCERTAIN.value)
        | (leases.c.exposed_at > 0)
        | (leases.c.expires_at <= now)
        | (leases.c.revocation == "queued")
        | tasks.c.state.in_([TaskState.ENDED.value, TaskState.KILLED.value])
    )
    open_now = leases.c.state.in_([state.value for state in OPEN_LEASES]) & (leases.c.next_try_at <= now)
    joined = leases.join(tasks, leases.c.task_id == tasks.c.id)
    query = sa.select(leases).select_from(joined).where(open_now & wrong).order_by(leases.c.next_try_at)
    with broker.database.read() as tx:
        return [lease_of(row) for row in tx.execute(query.limit(BATCH_LEASES)).all()]


def _parents(broker: Broker, now: int) -> None:
    """Parents of tasks that are over, and parents whose answer was lost."""
    ended = tasks.c.state.in_([TaskState.ENDED.value, TaskState.KILLED.value])
    lost = (tasks.c.parent_state == "intended") & (tasks.c.parent_at <= now - SETTLE_SECONDS)
    with broker.database.read() as tx:
        rows = tx.execute(sa.select(tasks).where((ended & (tasks.c.parent_state == "open")) | lost)).all()
    settle_tasks(broker, [row.id for row in rows if row.parent_state == "open"])
    _lost_parents(broker, {row.id: row.parent_at for row in rows if row.parent_state != "open"}, now)


def _lost_parents(broker: Broker, lost: Mapping[str, int], now: int) -> None:
    """Look for all of them at once; one that is not found may yet appear, until it is old."""
    if not lost or broker.parents is None:
        return
    try:
        found = broker.parents.recover_parents(lost.keys())
    except BrokerError:
        return
    for task_id, since in lost.items():
        count = found.get(task_id, 0)
        if count or since <= now - PARENT_SETTLE_SECONDS:
            broker.journal.failed_parent(task_id, f"{count} found and revoked")
