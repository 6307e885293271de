"""Every state change of leases and parent credentials, each in one transaction with the event that records it.

One function a transition. That commit is the record: a function that returns has recorded; one that raises
RecordFailed has changed nothing, and the caller does not act. Tasks have theirs in `broker/task_journal.py`,
approvals in `broker/approve/tickets.py`.
"""

from __future__ import annotations

import dataclasses
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from broker.approve.tickets import Ask, Waiting, consume_or_wait
from broker.caps import check_caps
from broker.errors import Conflict
from broker.grant import Grant
from broker.lease import Lease, LeaseState, Minted
from broker.log.refusals import admitted
from broker.receipt import Cause, Line, Revocation
from broker.store.database import Database
from broker.store.family import below, line
from broker.store.log import Event, append, append_all
from broker.store.rows import OPEN_LEASES, find_lease, find_task
from broker.store.statements import FINGERPRINT, KNOWN, MINTED, NEW_KEY, NEW_LEASE
from broker.store.tables import idempotency, leases, tasks
from broker.task import Task, TaskState

RETRY_BASE, RETRY_CAP = 5, 300
"""Seconds before a failed revocation is tried again: the base doubles with each attempt up to the cap."""


@dataclasses.dataclass(frozen=True, slots=True)
class Intent:
    """A recorded intent: the lease, and whether this request made it (False: the same idempotency key did before)."""

    lease: Lease
    fresh: bool


class Journal:
    """The transitions, over one store and one clock (Unix seconds)."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.database = database
        self.clock = clock

    def refused(self, task: Task, grant: str, rule: str, reason: str) -> None:
        """A credential was refused before any intent; too many of a task are counted (`broker/log/refusals.py`)."""
        with self.database.write() as tx:
            if admitted(tx, task.id, self.clock()):
                self._event(tx, "broker:lease:refused", task.id, grant=grant, rule=rule, reason=reason)

    def intend(
        self,
        task_id: str,
        grant: Grant,
        key: str,
        ask: Ask,
        still: Callable[[sa.Connection], None],
        today: Grant | None = None,
    ) -> Intent | Waiting:
        """A credential is about to be minted. In one transaction: the task and all above it are alive, the idempotency
        key is new, no cap of any of them is passed, the policy that decided is `still` in force, the approvals it needs
        are used up, the lease exists. `today` is the grant as the policy has it now (`broker/caps.py`).

        Raises Conflict (dead task, another policy, key reused for another request), TooMany (caps), Refused (a person
        said no).
        """
        with self.database.write() as tx:
            family = line(tx, task_id, lock=True)
            task, now = family[-1], int(self.clock())
            for one in family:
                require_alive(one, now)
            known = self._known(tx, task_id, key, ask.request_digest)
            if known is not None:
                return Intent(known, fresh=False)
            check_caps(tx, family, grant, today or grant, now)
            still(tx)
            waiting = consume_or_wait(tx, task, ask, now)
            if waiting is not None:
                return waiting
            lease = Lease(
                id=f"lease-{secrets.token_hex(12)}",
                task_id=task_id,
                grant=grant.name,
                source=grant.source,
                state=LeaseState.INTENDED,
                created_at=now,
                expires_at=min(now + grant.ttl, task.expires_at),
            )
            NEW_LEASE.run(tx, **_values(lease))
            NEW_KEY.run(tx, task_id=task_id, key=key, request_digest=ask.request_digest, lease_id=lease.id)
            fields = {"grant": grant.name, "source": grant.source, "ttl": lease.expires_at - now}
            decided = {"rule": ask.rule, "policy_digest": ask.policy_digest, "request_digest": ask.request_digest}
            self._event(tx, "broker:lease:intended", task_id, lease=lease.id, **fields, **decided)
            return Intent(lease, fresh=True)

    def released(self, lease_id: str, minted: Minted, known_by: Sequence[str] = ()) -> Lease | None:
        """The source answered and, where the task is still alive, the credential is being released: one commit for
        both. None when it must not be released; the lease is then MINTED, with its accessor, or was taken back.

        `known_by` are the digests by which it is known again if it leaks (`broker/fingerprint.py`)."""
        values: dict[str, Any] = {
            "accessor": minted.accessor,
            "source_lease": minted.source_lease,
            "expires_at": minted.expires_at,
        }
        with self.database.write() as tx:
            lease = self._lease(tx, lease_id)
            family = line(tx, lease.task_id, lock=True)
            now = self.clock()
            released = all(one.state is TaskState.ACTIVE and one.expires_at > now for one in family)
            state = LeaseState.ISSUED if released else LeaseState.MINTED
            kept = {"state": state.value, "sealed": minted.sealed or None, **values}
            if not MINTED.run(tx, lease_id=lease_id, **{f"new_{name}": value for name, value in kept.items()}):
                return None
            policy = {"policy_digest": family[-1].policy_digest}
            told: list[Event] = [("broker:lease:minted", {"lease": lease_id, **values, **policy})]
            if released:
                for digest in known_by:
                    FINGERPRINT.run(tx, digest=digest, lease_id=lease_id)
                told.append(("broker:lease:issued", {"lease": lease_id, "expires_at": minted.expires_at, **policy}))
            append_all(tx, lease.task_id, now, told)
        return dataclasses.replace(lease, state=state, sealed=minted.sealed, **values) if released else None

    def failed(self, lease_id: str, reason: str) -> bool:
        """The source said no and is certain: nothing was issued. The idempotency key is free again."""
        with self.database.write() as tx:
            tx.execute(idempotency.delete().where(idempotency.c.lease_id == lease_id))
            return self._moved(tx, lease_id, (LeaseState.INTENDED,), LeaseState.FAILED, "broker:lease:failed", reason)

    def uncertain(self, lease_id: str, reason: str) -> bool:
        """The source's answer was lost: maybe issued."""
        states = (LeaseState.INTENDED, LeaseState.MINTED)
        with self.database.write() as tx:
            return self._moved(tx, lease_id, states, LeaseState.UNCERTAIN, "broker:lease:uncertain", reason)

    def taken_back(self, told: Sequence[tuple[Line, Cause]]) -> None:
        """What came of taking leases back, in one commit. QUEUED: that did not work yet, and it is tried again, later
        each time. Otherwise the credential is dead, or cannot be called back and dies at `Line.expires_at`. Repeating
        it changes nothing."""
        with self.database.write() as tx:
            rows = self._rows(tx, sorted(line.lease_id for line, _ in told))
            over: dict[str, list[Event]] = {}
            for line, cause in told:
                row = rows.get(line.lease_id)
                if row is None or row["state"] not in OPEN_LEASES:
                    continue
                if line.revocation is Revocation.QUEUED:
                    self._queued(tx, row, line.detail)
                    continue
                outcome = {"revocation": line.revocation.value, "detail": line.detail, "expires_at": line.expires_at}
                fields = {"lease": line.lease_id, **dataclasses.asdict(cause), **outcome}
                over.setdefault(row["task_id"], []).append(("broker:lease:revoked", fields))
            if over:
                tx.execute(_REVOKED, [_bound(fields) for some in over.values() for _, fields in some])
            for task_id, some in over.items():
                append_all(tx, task_id, self.clock(), some)

    def _rows(self, tx: sa.Connection, ids: Sequence[str]) -> dict[str, sa.RowMapping]:
        """Rows of leases, locked until the transaction ends."""
        query = sa.select(leases).where(leases.c.id.in_(ids)).order_by(leases.c.id).with_for_update()
        return {row["id"]: row for row in tx.execute(query).mappings()}

    def _queued(self, tx: sa.Connection, row: sa.RowMapping, reason: str) -> None:
        wait = min(RETRY_CAP, RETRY_BASE * 2 ** min(row["attempts"], 10))
        values = {"attempts": row["attempts"] + 1, "next_try_at": int(self.clock()) + wait, "detail": reason}
        self._set(tx, row["id"], OPEN_LEASES, revocation=Revocation.QUEUED.value, **values)
        if row["attempts"] == 0:  # the first failure is news; the tenth is the same news
            self._event(tx, "broker:lease:queued", row["task_id"], lease=row["id"], reason=reason)

    def intend_parent(self, task_id: str) -> bool:
        """A task's parent credential is about to be made. False when another request is making or has made it."""
        with self.database.write() as tx:
            require_alive(find_task(tx, task_id, lock=True), int(self.clock()))
            return self._parent(tx, task_id, ("",), "intended", "broker:parent:intended")

    def opened_parent(self, task_id: str, accessor: str, ciphertext: bytes) -> bool:
        """The parent exists. False when it was given up meanwhile: close it now."""
        with self.database.write() as tx:
            values = {"parent_accessor": accessor, "parent_ciphertext": ciphertext}
            return self._parent(tx, task_id, ("intended",), "open", "broker:parent:opened", **values)

    def failed_parent(self, task_id: str, reason: str) -> None:
        """No parent exists: it was refused, or found and revoked. The next need makes a new one."""
        with self.database.write() as tx:
            self._parent(tx, task_id, ("intended",), "", "broker:parent:failed", reason=reason)

    def closed_parents(self, task_ids: Sequence[str]) -> None:
        """These parents and all below them are gone; so is their ciphertext."""
        if not task_ids:
            return
        with self.database.write() as tx:
            for task_id in sorted(task_ids):
                self._parent(tx, task_id, ("open",), "closed", "broker:parent:closed", parent_ciphertext=None)

    def replaced_parent(self, task_id: str, reason: str) -> None:
        """The parent and all below it, those of sub-tasks among them, are gone while the task goes on: the next need
        makes new ones."""
        with self.database.write() as tx:
            for one in (task_id, *below(tx, [task_id])[task_id]):
                to = "closed" if find_task(tx, one, lock=True).state.over else ""
                self._parent(tx, one, ("open",), to, "broker:parent:closed", parent_ciphertext=None, reason=reason)

    def _known(self, tx: sa.Connection, task_id: str, key: str, request_digest: str) -> Lease | None:
        found = KNOWN.first(tx, task_id=task_id, key=key)
        if found is None:
            return None
        if found["request_digest"] != request_digest:
            raise Conflict("this idempotency key was used for another request", "use a new key", rule="idempotency")
        return self._lease(tx, found["lease_id"])

    def _moved(
        self, tx: sa.Connection, lease_id: str, states: tuple[LeaseState, ...], to: LeaseState, event: str, reason: str
    ) -> bool:
        lease = self._lease(tx, lease_id)
        done = self._set(tx, lease_id, states, state=to.value, detail=reason)
        if done:
            self._event(tx, event, lease.task_id, lease=lease_id, reason=reason)
        return done

    def _set(self, tx: sa.Connection, lease_id: str, states: tuple[LeaseState, ...], **values: object) -> bool:
        here = (leases.c.id == lease_id) & leases.c.state.in_([state.value for state in states])
        return tx.execute(leases.update().where(here).values(**values)).rowcount == 1

    def _parent(
        self, tx: sa.Connection, task_id: str, states: tuple[str, ...], to: str, event: str, **values: object
    ) -> bool:
        reason = values.pop("reason", None)
        here = (tasks.c.id == task_id) & tasks.c.parent_state.in_(states)
        change = tasks.update().where(here).values(parent_state=to, parent_at=int(self.clock()), **values)
        if tx.execute(change).rowcount != 1:
            return False
        told = {"accessor": values["parent_accessor"]} if "parent_accessor" in values else {}
        self._event(tx, event, task_id, **told, **({"reason": reason} if reason else {}))
        return True

    def _lease(self, tx: sa.Connection, lease_id: str) -> Lease:
        return find_lease(tx, lease_id)

    def _event(self, tx: sa.Connection, event: str, task_id: str, **fields: object) -> None:
        append(tx, event, task_id, self.clock(), fields)


_REVOKED = (
    leases.update()
    .where(leases.c.id == sa.bindparam("lease"))
    .values(
        state=LeaseState.REVOKED.value,
        sealed=None,
        revocation=sa.bindparam("to_revocation"),
        detail=sa.bindparam("to_detail"),
        expires_at=sa.bindparam("to_expires_at"),
    )
)
"""Of rows that are locked and known to be open; one statement for many, since a kill is as fast as its record."""


def _bound(fields: Mapping[str, object]) -> dict[str, object]:
    names = ("revocation", "detail", "expires_at")
    return {"lease": fields["lease"], **{f"to_{name}": fields[name] for name in names}}


def require_alive(task: Task, now: int) -> None:
    """Raises Conflict unless the task is active and before its deadline."""
    if task.state is TaskState.CREATED:
        raise Conflict("the task is not activated yet", "activate it with its bootstrap value", rule="dead-task")
    if task.state.over or task.expires_at <= now:
        raise Conflict("the task has ended", "start a new task", rule="dead-task")


def _values(lease: Lease) -> dict[str, object]:
    return {
        "id": lease.id,
        "task_id": lease.task_id,
        "grant_name": lease.grant,
        "source": lease.source,
        "state": lease.state.value,
        "accessor": "",
        "source_lease": "",
        "created_at": lease.created_at,
        "expires_at": lease.expires_at,
        "revocation": "",
        "detail": "",
        "attempts": 0,
        "next_try_at": 0,
        "sealed": None,
    }
