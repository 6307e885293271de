"""Approvals: a person's yes or no to exactly one request, used once.

An approval is over the digest of the canonical request and of the policy that demanded it. A changed request or policy
is another digest, so an old yes never fits. All functions run inside the caller's transaction and record their event.
"""

from __future__ import annotations

import dataclasses
import enum
import hashlib
import json
import secrets

import sqlalchemy as sa

from broker.authenticate.identity import Identity
from broker.errors import Conflict, NotFound, Refused
from broker.grant import Grant
from broker.store.log import append
from broker.store.tables import approvals, votes
from broker.task import Task

LIFETIME = 900
"""How long a request waits for a person, and how long a yes may wait to be used, in seconds."""

MAX_WAITING = 20
"""Requests of one task that may wait at once: a person's attention is a resource that an agent must not flood."""


class State(enum.StrEnum):
    """waiting → granted → consumed, or denied, or expired."""

    WAITING = "waiting"
    GRANTED = "granted"
    CONSUMED = "consumed"
    DENIED = "denied"
    EXPIRED = "expired"


@dataclasses.dataclass(frozen=True, slots=True)
class Ask:
    """One request in canonical form: its text, the digest of that text, what policy decided and how many must agree."""

    request: str
    request_digest: str
    policy_digest: str
    rule: str
    needed: int
    approvers: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class Waiting:
    """The answer 202: nothing is issued until the approval `id` is granted; it expires at (Unix seconds)."""

    id: str
    needed: int
    expires_at: int


def canonical(task: Task, grant: Grant) -> tuple[str, str]:
    """The request as text that a person can read, and its SHA-256 in hex."""
    limits = {name: getattr(grant, name) for name in ("ttl", "uses", "data", "delivery")}
    request = {
        "task": task.id,
        "task_policy": task.policy,
        "environment": task.environment,
        "launcher": task.launcher,
        "on_behalf_of": task.on_behalf_of,
        "purpose": task.purpose,
        "grant": grant.name,
        "source": grant.source,
        "scope": dict(grant.scope),
        **limits,
    }
    return canonical_text(request)


def canonical_text(request: dict[str, object]) -> tuple[str, str]:
    """One text for one request (JSON, keys sorted, ASCII), and its SHA-256 in hex."""
    text = json.dumps(request, sort_keys=True)
    return text, hashlib.sha256(text.encode()).hexdigest()


def consume_or_wait(tx: sa.Connection, task: Task, ask: Ask, now: int) -> Waiting | None:
    """Use up a granted approval of exactly this request (None: go on), or wait for one. Raises Refused after a no."""
    if ask.needed == 0:
        return None
    row = _newest(tx, task.id, ask)
    if row is None or row.expires_at <= now or row.state in (State.CONSUMED, State.EXPIRED):
        return _open(tx, task, ask, now)
    if row.state == State.DENIED:
        why = tx.execute(sa.select(votes.c.reason).where(votes.c.approval_id == row.id, votes.c.decision == "deny"))
        raise Refused(
            f"a person refused this request: {why.scalars().first()}",
            f"ask again after {row.expires_at - now} s, or for less",
            rule="approval-denied",
        )
    if row.state == State.WAITING:
        return Waiting(row.id, ask.needed, row.expires_at)
    here = (approvals.c.id == row.id) & (approvals.c.state == State.GRANTED.value)
    if tx.execute(approvals.update().where(here).values(state=State.CONSUMED.value)).rowcount != 1:
        raise Conflict("this approval was used at this very moment", "ask again", rule="approval-consumed")
    append(tx, "broker:approval:consumed", task.id, now, {"approval": row.id, "request_digest": ask.request_digest})
    return None


def decide(tx: sa.Connection, approval_id: str, person: Identity, yes: bool, reason: str, now: int) -> State:
    """Record one person's vote; the state that follows. A single no decides.

    Raises NotFound, Refused (not an approver, or asks for themselves), Conflict (no longer waiting, voted already).
    """
    row = find(tx, approval_id, lock=True)
    _require_approver(row, person)
    if row.state != State.WAITING or row.expires_at <= now:
        state = State.EXPIRED if row.state == State.WAITING else row.state
        raise Conflict(f"this approval is {state}", "the task can ask again", rule="approval-closed")
    cast = tx.execute(sa.select(votes.c.approver).where(votes.c.approval_id == approval_id)).scalars().all()
    if person.id in cast:
        raise Conflict("you have decided on this request already", "another person must", rule="approval-voted")
    decision = "approve" if yes else "deny"
    tx.execute(
        votes.insert().values(approval_id=approval_id, approver=person.id, decision=decision, reason=reason, at=now)
    )
    state = State.DENIED if not yes else State.GRANTED if len(cast) + 1 >= row.needed else State.WAITING
    tx.execute(approvals.update().where(approvals.c.id == approval_id).values(state=state.value))
    event = "broker:approval:granted" if yes else "broker:approval:denied"
    told = {"approval": approval_id, "approver": person.id, "reason": reason, "request_digest": row.request_digest}
    append(tx, event, row.task_id or "", now, {**told, "votes": len(cast) + 1, "needed": row.needed})
    return state


def find(tx: sa.Connection, approval_id: str, lock: bool = False) -> sa.Row[tuple[object, ...]]:
    """The approval's row. Raises NotFound."""
    query = sa.select(approvals).where(approvals.c.id == approval_id)
    row = tx.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(
            f"no approval {approval_id[:64]!r}", "list them with `broker approvals`", rule="unknown-approval"
        )
    return row


def expire(tx: sa.Connection, now: int) -> int:
    """Close what nobody decided or used in time; how many."""
    late = approvals.c.state.in_([State.WAITING.value, State.GRANTED.value]) & (approvals.c.expires_at <= now)
    rows = tx.execute(sa.select(approvals.c.id, approvals.c.task_id).where(late).with_for_update()).all()
    for row in rows:
        tx.execute(approvals.update().where(approvals.c.id == row.id).values(state=State.EXPIRED.value))
        append(tx, "broker:approval:expired", row.task_id or "", now, {"approval": row.id})
    return len(rows)


def _newest(tx: sa.Connection, task_id: str, ask: Ask) -> sa.Row[tuple[object, ...]] | None:
    same = (approvals.c.request_digest == ask.request_digest) & (approvals.c.policy_digest == ask.policy_digest)
    query = sa.select(approvals).where((approvals.c.task_id == task_id) & same)
    return tx.execute(query.order_by(approvals.c.created_at.desc(), approvals.c.expires_at.desc()).limit(1)).first()


def _open(tx: sa.Connection, task: Task, ask: Ask, now: int) -> Waiting:
    mine = approvals.c.task_id == task.id
    until, who = min(now + LIFETIME, task.expires_at), (task.launcher, task.on_behalf_of)
    return _insert(tx, ask, now, mine, task_id=task.id, who=who, expires_at=until)


def open_ticket(tx: sa.Connection, requester: Identity, ask: Ask, now: int) -> Waiting:
    """A request from outside of any task, the guard's for example, that waits for a person. Raises Conflict (flood)."""
    mine = approvals.c.task_id.is_(None) & (approvals.c.requester == requester.id)
    who = (requester.id, requester.behalf)
    return _insert(tx, ask, now, mine, task_id=None, who=who, expires_at=now + LIFETIME)


def consume_ticket(tx: sa.Connection, approval_id: str, requester: Identity, request_digest: str, now: int) -> None:
    """Use up a granted ticket, by its requester and for exactly its request. Raises NotFound, Conflict."""
    row = find(tx, approval_id, lock=True)
    if row.task_id is not None or row.requester != requester.id:
        raise NotFound(f"no approval {approval_id[:64]!r} of {requester.id}", rule="unknown-approval")
    if row.request_digest != request_digest:
        raise Conflict("the approval is for another request", "ask for this one", rule="approval-digest")
    if row.state != State.GRANTED or row.expires_at <= now:
        state = State.EXPIRED if row.state in (State.GRANTED, State.WAITING) and row.expires_at <= now else row.state
        raise Conflict(f"this approval is {state}", "ask again where that is right", rule="approval-closed")
    tx.execute(approvals.update().where(approvals.c.id == approval_id).values(state=State.CONSUMED.value))
    append(tx, "broker:approval:consumed", "", now, {"approval": approval_id, "request_digest": request_digest})


def _insert(
    tx: sa.Connection,
    ask: Ask,
    now: int,
    mine: sa.ColumnElement[bool],
    *,
    task_id: str | None,
    who: tuple[str, str],
    expires_at: int,
) -> Waiting:
    """`mine` are the approvals that count against the cap; `who` is the requester, and whom they act for."""
    waits = mine & (approvals.c.state == State.WAITING.value) & (approvals.c.expires_at > now)
    if tx.execute(sa.select(sa.func.count()).where(waits)).scalar_one() >= MAX_WAITING:
        raise Conflict(f"{MAX_WAITING} such requests wait for a person already", "wait", rule="approval-flood")
    waiting = Waiting(f"appr-{secrets.token_hex(12)}", ask.needed, expires_at)
    tx.execute(
        approvals.insert().values(
            id=waiting.id,
            task_id=task_id,
            requester=who[0],
            on_behalf_of=who[1],
            request=ask.request,
            request_digest=ask.request_digest,
            policy_digest=ask.policy_digest,
            approvers=json.dumps(ask.approvers),
            needed=ask.needed,
            state=State.WAITING.value,
            created_at=now,
            expires_at=expires_at,
        )
    )
    told = {"approval": waiting.id, "request_digest": ask.request_digest, "rule": ask.rule, "needed": ask.needed}
    append(tx, "broker:approval:requested", task_id or "", now, {**told, "expires_at": expires_at})
    return waiting


def _require_approver(row: sa.Row[tuple[object, ...]], person: Identity) -> None:
    values = row._mapping
    if person.id in (values["requester"], values["on_behalf_of"]):
        raise Refused("nobody approves their own request", "another person must decide", rule="approver-is-requester")
    if not person.may_be_person:
        fix = "log in as a person (`broker login`): a user's socket and a machine's token or certificate prove none"
        raise Refused(f"{person.id} proves no person: a program could be asking", fix, rule="approver")
    patterns = json.loads(values["approvers"])
    if not any(pattern == "jwt:*" or person.matches(pattern) for pattern in patterns):
        raise Refused(
            f"{person.id} is not an approver of this task policy", f"approvers are: {patterns}", rule="approver"
        )
