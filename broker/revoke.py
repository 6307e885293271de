"""Step 7: take back every lease of a task and its parent, then say honestly what was achieved.

Independent of issuing: it needs no policy, no approval, no free cap and no issuer at Vault. Where the record cannot be
written it revokes all the same; the store still shows the lease as open, so recovery revokes and records it later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from broker.errors import BadRequest, BrokerError, NotFound, RecordFailed
from broker.lease import Lease, LeaseState
from broker.receipt import Cause, Line, Receipt, Revocation
from broker.service import Broker
from broker.store import family
from broker.store.rows import OPEN_LEASES, find_lease, lease_of
from broker.store.tables import leases, tasks
from broker.taking_back import AT_ONCE, MAYBE, WORKERS, take_back, take_back_all
from broker.task import TaskState, grants_from_json, tenants_of

OVER = Cause("broker", "the task is over")
SCOPES = "lease:ID, task:ID, policy:NAME, launcher:ID, tenant:NAME or all"


def end_task(broker: Broker, task_id: str, state: TaskState, by: str, reason: str) -> Receipt:
    """End (ENDED) or kill (KILLED) a task and take everything back. Safe to repeat. Raises NotFound."""
    return end_tasks(broker, [task_id], state, by, reason)[0]


def end_tasks(broker: Broker, ids: Sequence[str], state: TaskState, by: str, reason: str) -> tuple[Receipt, ...]:
    """As `end_task` for many at once: all of them are over before the first is taken back, so that none is given
    anything more while a slow source takes back another's. Raises NotFound."""
    cause = Cause(by, f"the task is over: {reason}")
    if _over(broker, ids, state, by, reason):
        return settle_tasks(broker, ids, cause)
    receipts = settle_tasks(broker, ids, cause)  # a log that is down must not protect a credential
    if _over(broker, ids, state, by, reason):
        return receipts
    return tuple(Receipt(one.task_id, (*one.lines, _unrecorded(one.task_id)), one.at) for one in receipts)


def kill_scope(broker: Broker, scope: str, by: str, reason: str, before: int | None = None) -> tuple[Receipt, ...]:
    """Kill every task of a scope (SCOPES) that is not over, or the one lease. Raises BadRequest, and NotFound for a
    lease that there is not. `before` (Unix seconds) leaves out tasks that were created later."""
    kind, _, value = scope.partition(":")
    columns = {"task": tasks.c.id, "policy": tasks.c.policy, "launcher": tasks.c.launcher}
    if kind in columns and value:
        where = columns[kind] == value
    elif scope == "all" or (kind == "tenant" and value):
        where = sa.true()
    elif kind != "lease" or not value:
        raise BadRequest(f"unknown scope {scope[:64]!r}", f"use {SCOPES}", rule="scope")
    with contextlib.suppress(RecordFailed):
        broker.tasks.kill_ordered(scope, by, reason)
    if kind == "lease":
        return (revoke_lease(broker, value, by, f"killed: {reason}"),)
    living = tasks.c.state.in_([TaskState.CREATED.value, TaskState.ACTIVE.value])
    query = sa.select(tasks.c.id, tasks.c.grants).where(where, living).order_by(tasks.c.id)
    if before is not None:
        query = query.where(tasks.c.created_at <= before)
    with broker.database.read() as tx:
        found = tx.execute(query).all()
    ids = [one.id for one in found if kind != "tenant" or value in tenants_of(grants_from_json(one.grants))]
    return end_tasks(broker, ids, TaskState.KILLED, by, reason)


def revoke_lease(broker: Broker, lease_id: str, by: str = "broker", why: str = "revoked by itself") -> Receipt:
    """Take one lease back because `by` asked for it; the task lives on. Safe to repeat. Raises NotFound."""
    with broker.database.read() as tx:
        lease = find_lease(tx, lease_id)
        row = tx.execute(sa.select(leases).where(leases.c.id == lease_id)).one()
    line = take_back(broker, lease, Cause(by, why)) if lease.state in OPEN_LEASES else _past(row._mapping)
    return Receipt(lease.task_id, (line,), int(broker.clock()))


def settle_task(broker: Broker, task_id: str, cause: Cause = OVER) -> Receipt:
    """Take back what a task still has; `cause` is put on record. Safe to repeat. Raises NotFound, RecordFailed
    (unreadable)."""
    return settle_tasks(broker, [task_id], cause)[0]


def settle_tasks(broker: Broker, ids: Sequence[str], cause: Cause = OVER) -> tuple[Receipt, ...]:
    """As `settle_task` for many, in the order of `ids`; a receipt has the lines of the task's sub-tasks as well.

    What may have been issued is looked for first, since it is found by its being alive, beside what hangs below no
    parent. Then the parents are closed, which kills the tokens below each in one call. The rest is taken back after
    that: what has died with its parent only has to be seen dead.
    """
    below = _below(broker, ids)
    everybody = list(dict.fromkeys([*ids, *(one for some in below.values() for one in some)]))
    rows = _rows(broker, everybody)
    found = [lease_of(row) for row in rows if row._mapping["state"] in {state.value for state in OPEN_LEASES}]
    first = [lease for lease in found if lease.state in MAYBE or not _below_parent(broker, lease)]
    lines = take_back_all(broker, first, lambda _: cause)
    parents = close_parents(broker, everybody)
    lines |= take_back_all(broker, [lease for lease in found if lease.id not in lines], lambda _: cause)
    told: dict[str, list[Line]] = {task_id: [] for task_id in everybody}
    for row in rows:
        told[row._mapping["task_id"]].append(lines.get(row._mapping["id"]) or _past(row._mapping))
    for task_id, lines_of in parents.items():
        told[task_id] += lines_of
    now = int(broker.clock())
    families = {task_id: (task_id, *below[task_id]) for task_id in ids}
    return tuple(Receipt(one, tuple(line for of in families[one] for line in told[of]), now) for one in ids)


def close_parents(broker: Broker, ids: Sequence[str]) -> dict[str, tuple[Line, ...]]:
    """Close the parents that these tasks have: by task id a line where that did not work, since the lines of what hangs
    below say the rest. Raises NotFound, RecordFailed (unreadable)."""
    held = _parents(broker, ids)
    lost = [row for row in held if row["parent_state"] == "intended"]
    live = [row for row in held if row["parent_state"] == "open"]
    with ThreadPoolExecutor(WORKERS) as pool:
        problems = dict(zip((row["id"] for row in live), pool.map(lambda row: _closed(broker, row), live), strict=True))
    closed = [task_id for task_id, problem in problems.items() if not problem]
    with contextlib.suppress(RecordFailed):
        broker.journal.closed_parents(closed)
    if lost:
        problem = _looked_for(broker, [row["id"] for row in lost])
        problems |= {row["id"]: problem for row in lost}
    return {row["id"]: (_parent_line(row, problems[row["id"]]),) for row in held if problems[row["id"]]}


def _below(broker: Broker, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The sub-tasks of each of these tasks, and theirs."""
    found: dict[str, tuple[str, ...]] = {}
    with broker.database.read() as tx:
        for at in range(0, len(ids), AT_ONCE):
            found |= family.below(tx, ids[at : at + AT_ONCE])
    return found


def _rows(broker: Broker, ids: Sequence[str]) -> list[sa.Row[tuple[object, ...]]]:
    """All lease rows of these tasks, oldest first."""
    rows: list[sa.Row[tuple[object, ...]]] = []
    with broker.database.read() as tx:
        for at in range(0, len(ids), AT_ONCE):
            query = sa.select(leases).where(leases.c.task_id.in_(ids[at : at + AT_ONCE]))
            rows += tx.execute(query.order_by(leases.c.created_at, leases.c.id)).all()
    return rows


def _parents(broker: Broker, ids: Sequence[str]) -> list[sa.RowMapping]:
    """The rows of those tasks that have a parent or may have one. Raises NotFound."""
    rows: list[sa.RowMapping] = []
    with broker.database.read() as tx:
        for at in range(0, len(ids), AT_ONCE):
            rows += tx.execute(sa.select(tasks).where(tasks.c.id.in_(ids[at : at + AT_ONCE]))).mappings()
    unknown = set(ids) - {str(row["id"]) for row in rows}
    if unknown:
        fix = "list tasks with `broker task list`"
        raise NotFound(f"no task {min(unknown)[:64]!r}", fix, rule="unknown-task")
    return [row for row in rows if row["parent_state"] in ("intended", "open")]


def _below_parent(broker: Broker, lease: Lease) -> bool:
    source = broker.sources.get(lease.source)
    return source is not None and source.needs_parent


def _closed(broker: Broker, row: sa.RowMapping) -> str:
    """Why a parent could not be closed; empty when it is."""
    if broker.parents is None:
        return "no [vault] is configured now"
    try:
        broker.parents.close_parent(str(row["parent_accessor"]))
    except BrokerError as error:
        return error.message
    return ""


def _looked_for(broker: Broker, ids: Sequence[str]) -> str:
    """Why nothing certain can be said of parents whose answer was lost."""
    if broker.parents is None:
        return "no [vault] is configured now"
    try:
        broker.parents.recover_parents(ids)
    except BrokerError as error:
        return error.message
    return "its answer was lost; looked for again until it can exist no more"


def _over(broker: Broker, ids: Sequence[str], state: TaskState, by: str, reason: str) -> bool:
    try:
        for at in range(0, len(ids), AT_ONCE):
            broker.tasks.over_all(ids[at : at + AT_ONCE], state, by, reason)
    except RecordFailed:
        return False
    return True


def _unrecorded(task_id: str) -> Line:
    detail = "the store refused to record the end: the task can go on when it works again, so end it once more"
    return Line(f"end of {task_id}", "", "store", Revocation.QUEUED, 0, detail)


def _past(values: sa.RowMapping) -> Line:
    """The line of a lease that was over before."""
    outcome = Revocation(values["revocation"]) if values["state"] == LeaseState.REVOKED.value else Revocation.NOTHING
    detail = values["detail"]
    return Line(values["id"], values["grant_name"], values["source"], outcome, values["expires_at"], detail)


def _parent_line(held: sa.RowMapping, detail: str) -> Line:
    expires = int(str(held["expires_at"]))
    return Line(f"parent of {held['id']}", "", "parent", Revocation.QUEUED, expires, detail)
