"""A credential was seen where it must not be: take it back at once, put that on record, and tell its task's owner.

What a report may do depends on who makes it, and nobody learns from an answer what is not theirs:

- a sandbox: its own task's credentials. Those of others are unknown to it, whether they exist or not;
- a launcher: those of tasks that it started; an operator: all;
- anybody else who is known and sends the value itself, not its digest: they hold the credential already, so taking it
  back can only help. The answer says no more than for a value that is nobody's.

A report never waits for a limit, since a flood of wrong ones must not shield a true one; what is limited is how many of
a caller's wrong ones are recorded (`broker/log/refusals.py`). From then on the task gets no other credential of that
grant, unless the grant says `reissue_on_exposure`: then the same request, under the same idempotency key too, is given
a fresh one.
"""

from __future__ import annotations

import contextlib
import dataclasses

import sqlalchemy as sa

from broker.errors import RecordFailed
from broker.lease import Lease, LeaseState
from broker.log.refusals import admitted
from broker.receipt import Cause, Line, Revocation
from broker.service import Broker
from broker.store.log import append
from broker.store.rows import OPEN_LEASES, lease_of
from broker.store.tables import fingerprints, idempotency, leases, tasks
from broker.taking_back import take_back
from broker.task import grants_from_json

MOST = 50
"""Leases that one report takes back at most; a credential is as a rule of one."""


@dataclasses.dataclass(frozen=True, slots=True)
class Reporter:
    """Who reports. `name` is recorded; `task_id` is set for a task's own session; `launcher` for anybody else;
    `operator` may report everything; `has_value`: the value itself came, not its digest."""

    name: str
    task_id: str = ""
    launcher: str = ""
    operator: bool = False
    has_value: bool = False

    def owns(self, task_id: str, launcher: str) -> bool:
        """Whether the answer may tell of a lease of this task."""
        return task_id == self.task_id if self.task_id else self.operator or launcher == self.launcher


@dataclasses.dataclass(frozen=True, slots=True)
class Exposure:
    """What a report came to: a line for each lease that its reporter may know of, and whether its task may ask for
    another one. No lines: it is no live credential of theirs."""

    lines: tuple[Line, ...]
    reissue: bool


def expose(broker: Broker, reporter: Reporter, sha256: str, where: str) -> Exposure:
    """Take back every lease whose credential has this SHA-256 (`broker/fingerprint.py`), as far as the reporter may.
    Safe to repeat. Raises RecordFailed when the store cannot be read."""
    found = _known(broker, reporter, broker.sealer.fingerprint(sha256))
    if not found:
        _unknown(broker, reporter, where)
    lines = [_taken_back(broker, one, reporter, where) for one in found]
    told = [
        (one, line) for one, line in zip(found, lines, strict=True) if reporter.owns(one.lease.task_id, one.launcher)
    ]
    return Exposure(tuple(line for _, line in told), bool(told) and all(one.reissue for one, _ in told))


@dataclasses.dataclass(frozen=True, slots=True)
class _Known:
    """A lease with that value; its task's launcher; whether its grant allows another; `over`: its line, where it is
    dead already."""

    lease: Lease
    launcher: str
    reissue: bool
    over: Line | None


def _known(broker: Broker, reporter: Reporter, digest: str) -> list[_Known]:
    """What is not the reporter's is left out by the query itself: no later step sees whether it exists."""
    where = fingerprints.c.digest == digest
    if reporter.task_id:
        where &= leases.c.task_id == reporter.task_id
    elif not (reporter.operator or reporter.has_value):
        where &= tasks.c.launcher == reporter.launcher
    joined = fingerprints.join(leases, fingerprints.c.lease_id == leases.c.id).join(
        tasks, leases.c.task_id == tasks.c.id
    )
    wanted = sa.select(leases, tasks.c.launcher, tasks.c.grants).select_from(joined).where(where)
    with broker.database.read() as tx:
        rows = tx.execute(wanted.order_by(leases.c.exposed_at, leases.c.created_at.desc()).limit(MOST)).all()
    found = []
    for row in rows:
        lease = lease_of(row)
        grants = {grant.name: grant for grant in grants_from_json(row._mapping["grants"])}
        reissue = lease.grant in grants and grants[lease.grant].reissue_on_exposure
        over = None if lease.state in OPEN_LEASES else _over(lease, row._mapping)
        found.append(_Known(lease, row._mapping["launcher"], reissue, over))
    return found


def _over(lease: Lease, row: sa.RowMapping) -> Line:
    outcome = Revocation(row["revocation"]) if lease.state is LeaseState.REVOKED else Revocation.NOTHING
    return Line(lease.id, lease.grant, lease.source, outcome, row["expires_at"], row["detail"])


def _unknown(broker: Broker, reporter: Reporter, where: str) -> None:
    with contextlib.suppress(RecordFailed), broker.database.write() as tx:
        if admitted(tx, reporter.name, broker.clock()):
            told = {"by": reporter.name, "where": where}
            append(tx, "broker:exposure:unknown", reporter.task_id, broker.clock(), told)


def _taken_back(broker: Broker, one: _Known, reporter: Reporter, where: str) -> Line:
    """Record, then act; and act where it cannot be recorded: a log that is down must not protect a credential."""
    with contextlib.suppress(RecordFailed):
        _mark(broker, one, reporter, where)
    cause = Cause(reporter.name, "its value was seen where it must not be")
    return one.over or take_back(broker, one.lease, cause)


def _mark(broker: Broker, one: _Known, reporter: Reporter, where: str) -> None:
    """The first report of a lease is news; the tenth is the same news."""
    lease = one.lease
    first = (leases.c.id == lease.id) & (leases.c.exposed_at == 0)
    with broker.database.write() as tx:
        if tx.execute(leases.update().where(first).values(exposed_at=int(broker.clock()))).rowcount != 1:
            return
        tx.execute(idempotency.delete().where(idempotency.c.lease_id == lease.id))
        told = {"lease": lease.id, "grant": lease.grant, "by": reporter.name, "where": where, "reissue": one.reissue}
        append(tx, "broker:exposure:reported", lease.task_id, broker.clock(), told)
