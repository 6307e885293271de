"""Step 7: take back every lease of a task, then its parent, then say honestly what was achieved.

Independent of issuing: it needs no policy, no approval and no free cap. Where the record cannot be written it revokes
all the same; the store still shows the lease as open, so recovery revokes and records it again later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from broker.errors import BadRequest, BrokerError, RecordFailed
from broker.issue.source import SweepingSource
from broker.lease import Lease, LeaseState
from broker.receipt import Cause, Line, Receipt, Revocation
from broker.service import Broker
from broker.store.rows import OPEN_LEASES, find_lease, lease_of, task_leases, task_row
from broker.store.tables import tasks
from broker.task import TaskState

WORKERS = 8
OVER = Cause("broker", "the task is over")
MAYBE = (LeaseState.INTENDED, LeaseState.UNCERTAIN)


def end_task(broker: Broker, task_id: str, state: TaskState, by: str, reason: str) -> Receipt:
    """End (ENDED) or kill (KILLED) a task and take everything back. Safe to repeat. Raises NotFound."""
    cause = Cause(by, f"the task is over: {reason}")
    if _over(broker, task_id, state, by, reason):
        return settle_task(broker, task_id, cause)
    receipt = settle_task(broker, task_id, cause)  # a log that is down must not protect a credential
    if _over(broker, task_id, state, by, reason):
        return receipt
    detail = "the store refused to record the end: the task can go on when it works again, so end it once more"
    unrecorded = Line(f"end of {task_id}", "", "store", Revocation.QUEUED, 0, detail)
    return Receipt(task_id, (*receipt.lines, unrecorded), receipt.at)


def kill_scope(broker: Broker, scope: str, by: str, reason: str) -> tuple[Receipt, ...]:
    """Kill every task of `task:ID`, `policy:NAME`, `launcher:ID` or `all` that is not over. Raises BadRequest."""
    kind, _, value = scope.partition(":")
    columns = {"task": tasks.c.id, "policy": tasks.c.policy, "launcher": tasks.c.launcher}
    if kind in columns and value:
        where = columns[kind] == value
    elif scope == "all":
        where = sa.true()
    else:
        raise BadRequest(f"unknown scope {scope[:64]!r}", "use task:ID, policy:NAME, launcher:ID or all", rule="scope")
    with contextlib.suppress(RecordFailed):
        broker.tasks.kill_ordered(scope, by, reason)
    living = tasks.c.state.in_([TaskState.CREATED.value, TaskState.ACTIVE.value])
    with broker.database.read() as tx:
        ids = tx.execute(sa.select(tasks.c.id).where(where & living).order_by(tasks.c.id)).scalars().all()
    for task_id in ids:  # all of them first: none is given anything more while a slow source takes back another's
        _over(broker, task_id, TaskState.KILLED, by, reason)
    return tuple(end_task(broker, task_id, TaskState.KILLED, by, reason) for task_id in ids)


def revoke_lease(broker: Broker, lease_id: str, by: str = "broker") -> Receipt:
    """Take one lease back because `by` asked for it; the task lives on. Safe to repeat. Raises NotFound."""
    with broker.database.read() as tx:
        lease = find_lease(tx, lease_id)
    cause = Cause(by, "revoked by itself")
    line = next(line for line in _lines(broker, lease.task_id, cause, lease_id) if line.lease_id == lease_id)
    return Receipt(lease.task_id, (line,), int(broker.clock()))


def settle_task(broker: Broker, task_id: str, cause: Cause = OVER) -> Receipt:
    """Take back what a task still has, its parent last; `cause` is put on record. Safe to repeat. Raises NotFound,
    RecordFailed (unreadable)."""
    lines = _lines(broker, task_id, cause)
    parent = _close_parent(broker, task_id)
    return Receipt(task_id, (*lines, *parent), int(broker.clock()))


def take_back(broker: Broker, lease: Lease, cause: Cause) -> Line:
    """Revoke one open lease at its source and record it; QUEUED, with the reason, when that could not be done."""
    broker.replies.drop(lease.id)
    source = broker.sources.get(lease.source)
    try:
        if source is None:
            line = _queued(lease, f"no source {lease.source!r} is configured now")
        else:
            with broker.observer.step("revoke", lease.source):
                line = source.recover(lease) if lease.state in MAYBE else source.revoke(lease)
    except BrokerError as error:
        line = _queued(lease, error.message)
    except Exception as fault:  # one source's fault must not keep the other leases alive
        line = _queued(lease, f"the source failed with {type(fault).__name__}")
    _record(broker, lease, line, cause)
    return line


def sweep(broker: Broker, found: Sequence[Lease]) -> None:
    """Take back many leases. Where a source can look for all of its *maybe issued* at once, it is asked once: for Vault
    that is one pass over its tokens instead of one a lease."""
    rest: list[Lease] = []
    lost: dict[str, list[Lease]] = {}
    for lease in found:
        at_once = lease.state in MAYBE and isinstance(broker.sources.get(lease.source), SweepingSource)
        (lost.setdefault(lease.source, []) if at_once else rest).append(lease)
    for name, leases in lost.items():
        source = broker.sources[name]
        try:
            lines = source.recover_all(leases) if isinstance(source, SweepingSource) else {}
        except BrokerError as error:
            lines = {lease.id: _queued(lease, error.message) for lease in leases}
        except Exception as fault:
            lines = {lease.id: _queued(lease, f"the source failed with {type(fault).__name__}") for lease in leases}
        for lease in leases:
            line = lines.get(lease.id) or _queued(lease, "not found, and may yet appear")
            _record(broker, lease, line, _found(broker, lease))
    for lease in rest:
        take_back(broker, lease, _found(broker, lease))


def _found(broker: Broker, lease: Lease) -> Cause:
    """Why recovery takes a lease back."""
    if lease.state in MAYBE:
        return Cause("broker", "recovery: whether it was made is not known")
    expired = lease.expires_at <= broker.clock()
    return Cause("broker", "recovery: it has expired" if expired else "recovery: it was left open")


def _record(broker: Broker, lease: Lease, line: Line, cause: Cause) -> None:
    with contextlib.suppress(RecordFailed):
        if line.revocation is Revocation.QUEUED:
            broker.journal.queued(lease.id, line.detail)
        else:
            broker.journal.revoked(lease.id, line, cause)


def _over(broker: Broker, task_id: str, state: TaskState, by: str, reason: str) -> bool:
    try:
        broker.tasks.over(task_id, state, by, reason)
    except RecordFailed:
        return False
    return True


def _lines(broker: Broker, task_id: str, cause: Cause, only: str = "") -> list[Line]:
    with broker.database.read() as tx:
        task_row(tx, task_id)
        rows = [row for row in task_leases(tx, task_id) if only in ("", row._mapping["id"])]
    open_leases = [lease_of(row) for row in rows if row._mapping["state"] in {state.value for state in OPEN_LEASES}]
    with ThreadPoolExecutor(WORKERS) as pool:
        lines = pool.map(lambda lease: take_back(broker, lease, cause), open_leases)
        fresh = {lease.id: line for lease, line in zip(open_leases, lines, strict=True)}
    return [fresh.get(row._mapping["id"]) or _past(row) for row in rows]


def _past(row: sa.Row[tuple[object, ...]]) -> Line:
    """The line of a lease that was over before."""
    values = row._mapping
    outcome = Revocation(values["revocation"]) if values["state"] == LeaseState.REVOKED.value else Revocation.NOTHING
    detail = values["detail"]
    return Line(values["id"], values["grant_name"], values["source"], outcome, values["expires_at"], detail)


def _close_parent(broker: Broker, task_id: str) -> tuple[Line, ...]:
    """Close the parent; a line only when that did not work, since its children's lines say the rest."""
    with broker.database.read() as tx:
        held = task_row(tx, task_id)._mapping
    if held["parent_state"] not in ("intended", "open"):
        return ()
    try:
        if broker.parents is None:
            raise BadRequest("no [vault] is configured now")
        if held["parent_state"] == "intended":
            broker.parents.recover_parent(task_id)
            return (_parent_line(held, "its answer was lost; looked for again until it can exist no more"),)
        broker.parents.close_parent(held["parent_accessor"])
        broker.journal.closed_parent(task_id)
    except RecordFailed:
        return ()
    except BrokerError as error:
        return (_parent_line(held, error.message),)
    return ()


def _parent_line(held: sa.RowMapping, detail: str) -> Line:
    return Line(f"parent of {held['id']}", "", "parent", Revocation.QUEUED, held["expires_at"], detail)


def _queued(lease: Lease, reason: str) -> Line:
    return Line(lease.id, lease.grant, lease.source, Revocation.QUEUED, lease.expires_at, reason)
