"""Take credentials back at their sources, many at once, and put on record what came of it.

Sources are asked side by side: one that is slow or down holds up no other. Where a source can take back or look for
many at once, it is asked once: for Vault that is one pass over its tokens instead of one a lease. Where that pass
fails, and only then, the parent of the task that lost an answer is revoked, and all of the task's leases with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa

from broker.errors import BrokerError, RecordFailed
from broker.issue.source import RevokingSource, Source, SweepingSource
from broker.lease import Lease, LeaseState
from broker.receipt import Cause, Line, Revocation
from broker.service import Broker
from broker.store.family import whole
from broker.store.rows import OPEN_LEASES, lease_of, task_row
from broker.store.tables import leases as lease_table

WORKERS = 8
AT_ONCE = 500
"""Rows that one transaction records: other writers wait for no longer than that takes."""

MAYBE = (LeaseState.INTENDED, LeaseState.UNCERTAIN)
BY_PARENT = Cause("broker", "recovery: tokens could not be looked for, so the task's parent was revoked with all below")


def take_back(broker: Broker, lease: Lease, cause: Cause) -> Line:
    """Revoke one open lease at its source and record it; QUEUED, with the reason, when that could not be done."""
    return take_back_all(broker, [lease], lambda _: cause)[lease.id]


def take_back_all(broker: Broker, found: Iterable[Lease], cause: Callable[[Lease], Cause]) -> dict[str, Line]:
    """As `take_back` for many open leases: a line each, by lease id. Raises nothing that a source or the record does:
    what the record refuses stays open in the store, and recovery finds it there."""
    open_now = list(found)
    groups: dict[tuple[str, bool], list[Lease]] = {}
    for lease in open_now:
        broker.replies.drop(lease.id)
        groups.setdefault((lease.source, lease.state in MAYBE), []).append(lease)
    with ThreadPoolExecutor(max(1, len(groups))) as pool:
        told = list(pool.map(lambda group: _asked(broker, *group), groups.items()))
    lines = {lease_id: line for some in told for lease_id, line in some.items()}
    for at in range(0, len(open_now), AT_ONCE):
        with contextlib.suppress(RecordFailed):
            broker.journal.taken_back([(lines[lease.id], cause(lease)) for lease in open_now[at : at + AT_ONCE]])
    return lines


def queued(lease: Lease, reason: str) -> Line:
    """The line of a lease that could not be taken back yet."""
    return Line(lease.id, lease.grant, lease.source, Revocation.QUEUED, lease.expires_at, reason)


def _asked(broker: Broker, group: tuple[str, bool], mine: Sequence[Lease]) -> dict[str, Line]:
    """What one source says to leases that are all *maybe issued*, or all not."""
    name, lost = group
    source = broker.sources.get(name)
    if source is None:
        return {lease.id: queued(lease, f"no source {name!r} is configured now") for lease in mine}
    if lost and isinstance(source, SweepingSource):
        lines, problem = _at_once(broker, source.recover_all, mine)
        if problem:
            lines, problem = _at_once(
                broker, source.recover_all, mine
            )  # what passes in a moment is no reason for the parent
        if problem:
            lines = _by_parent(broker, mine, problem)
        return {lease.id: lines.get(lease.id) or queued(lease, problem or _NOT_YET) for lease in mine}
    if not lost and isinstance(source, RevokingSource):
        lines, problem = _at_once(broker, source.revoke_all, mine)
        return {lease.id: lines.get(lease.id) or queued(lease, problem or _NOT_YET) for lease in mine}
    with ThreadPoolExecutor(WORKERS) as pool:
        told = pool.map(lambda lease: _alone(broker, source, lease, lost), mine)
        return {lease.id: line for lease, line in zip(mine, told, strict=True)}


_NOT_YET = "not found, and may yet appear"


def _at_once(
    broker: Broker, ask: Callable[[Iterable[Lease]], Mapping[str, Line]], mine: Sequence[Lease]
) -> tuple[Mapping[str, Line], str]:
    """What a source told, or why it could not; a bug of one must not keep the other leases alive."""
    try:
        with broker.observer.step("revoke", mine[0].source):
            return ask(mine), ""
    except BrokerError as error:
        return {}, error.message
    except Exception as fault:
        return {}, f"the source failed with {type(fault).__name__}"


def _alone(broker: Broker, source: Source, lease: Lease, lost: bool) -> Line:
    ask = source.recover if lost else source.revoke
    lines, problem = _at_once(broker, lambda leases: {one.id: ask(one) for one in leases}, [lease])
    return lines.get(lease.id) or queued(lease, problem)


def _by_parent(broker: Broker, mine: Sequence[Lease], problem: str) -> dict[str, Line]:
    """Lost answers of which the source could not be asked: what could be dead now does not live on until its end."""
    lines: dict[str, Line] = {}
    for task_id in sorted({lease.task_id for lease in mine}):
        if not _parent_is_dead(broker, task_id, problem):
            continue
        for lease in (one for one in mine if one.task_id == task_id):
            whole = getattr(broker.sources[lease.source], "dies_with_parent", False)
            outcome = Revocation.CONFIRMED if whole else Revocation.QUEUED
            detail = f"{problem}; the task's parent is dead, and with it all tokens below"
            lines[lease.id] = Line(lease.id, lease.grant, lease.source, outcome, lease.expires_at, detail)
        take_back_all(broker, _others(broker, task_id, {lease.id for lease in mine}), lambda _: BY_PARENT)
    return lines


def _parent_is_dead(broker: Broker, task_id: str, problem: str) -> bool:
    """Whether nothing can live below the parent that the task had; it is revoked where it lives."""
    with contextlib.suppress(BrokerError):
        with broker.database.read() as tx:
            held = task_row(tx, task_id)._mapping
        if held["parent_state"] == "intended" or broker.parents is None:
            return False
        if held["parent_state"] == "open":
            broker.parents.close_parent(held["parent_accessor"])
            with contextlib.suppress(RecordFailed):
                broker.journal.replaced_parent(task_id, f"its tokens could not be looked for: {problem}")
        return True
    return False


def _others(broker: Broker, task_id: str, known: set[str]) -> list[Lease]:
    """Open leases of the task and its sub-tasks that have lost their parent, beside those that are `known`."""
    below = [name for name, source in broker.sources.items() if source.needs_parent]
    here = lease_table.c.task_id.in_(whole(task_id)) & lease_table.c.source.in_(below)
    settled = [state.value for state in OPEN_LEASES if state not in MAYBE]
    with broker.database.read() as tx:
        rows = tx.execute(sa.select(lease_table).where(here & lease_table.c.state.in_(settled))).all()
    return [lease for lease in map(lease_of, rows) if lease.id not in known]
