"""The broker's pipeline, step by step; ARCHITECTURE.md numbers the same steps. Start reading here.

Step 1, who is asking, is done by the edge (`broker/api/caller.py`): what arrives here is an Identity or a Task that a
session proved. Whatever is refused is recorded with the deciding rule before the answer leaves.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import secrets
from collections.abc import Callable

import sqlalchemy as sa

from broker.approve.tickets import Ask, Waiting, canonical
from broker.authenticate.dpop import token_digest
from broker.authenticate.identity import Identity
from broker.authorise import IssueDecision, StartDecision, authorise_child, authorise_issue, authorise_start
from broker.errors import (
    BrokerError,
    Conflict,
    MaybeIssued,
    RecordFailed,
    Refused,
    SourceFailed,
    TooMany,
    Unauthenticated,
)
from broker.fingerprint import known_by
from broker.issue.registry import require_fit
from broker.issue.source import MintRequest, Source
from broker.journal import require_alive
from broker.lease import Lease, Minted
from broker.narrow import Narrow, NarrowTask
from broker.parent import parent_of
from broker.policy.policy_set import PolicySet
from broker.receipt import Cause, Revocation
from broker.revoke import settle_task
from broker.service import Broker
from broker.task import Task, TaskState
from broker.task_journal import Activation
from broker.workplace import NOWHERE, Workplace, settled
from secretguard.secret import Secret

READY_SECONDS = 25
"""An intent that is older is not minted any more. Recovery takes one of 30 s for an interrupted one, and a source
reckons from the intent how long a mint whose answer was lost may still be under way."""


@dataclasses.dataclass(frozen=True, slots=True)
class Started:
    """A new task and its one-time bootstrap value, which expires at (Unix seconds)."""

    task: Task
    bootstrap: Secret
    bootstrap_expires_at: int


@dataclasses.dataclass(frozen=True, slots=True)
class Issued:
    """A released credential. `again` is True when the same idempotency key got it before."""

    lease: Lease
    minted: Minted
    again: bool = False


def start_task(
    broker: Broker,
    caller: Identity,
    policy: str,
    purpose: str,
    narrow: NarrowTask | None,
    said: Workplace = NOWHERE,
) -> Started:
    """A launcher's task: authorise, record, answer with the bootstrap. `said` is where the launcher states that it
    works. Raises Refused, TooMany, RecordFailed."""
    held = broker.policies.current()
    try:
        where = settled(caller.workplace, said)
        decided = explain_start(held, caller, policy, narrow, where)
    except Refused as no:
        broker.tasks.refused(caller.id, policy, no.rule, no.message)
        raise
    now = int(broker.clock())
    bootstrap = Secret(secrets.token_urlsafe(32))
    task = Task(
        id=f"task-{secrets.token_hex(12)}",
        policy=policy,
        policy_digest=held.decided_under(policy),
        environment=held.tasks[policy].environment,
        launcher=caller.id,
        on_behalf_of=caller.behalf,
        purpose=purpose,
        state=TaskState.CREATED,
        grants=decided.grants,
        approvals=decided.approvals,
        created_at=now,
        expires_at=now + decided.deadline,
        repository=where.repository,
        branch=where.branch,
        repository_known=where.known,
        ceilings=decided.ceiling.names,
    )
    return _created(broker, held, task, bootstrap, decided, decided.ceiling.max_tasks)


def start_child(broker: Broker, above: Task, purpose: str, narrow: NarrowTask | None) -> Started:
    """A sub-task of `above`, for a sub-agent: no wider, no longer, gone when it ends. Raises Refused, Conflict,
    TooMany, RecordFailed."""
    held, now = broker.policies.current(), int(broker.clock())
    try:
        require_alive(above, now)
        ceiling = held.ceilings.again(above.ceilings, above.launcher)
        decided = authorise_child(above, held.tasks, narrow, held.rules, ceiling, now)
    except (Refused, Conflict) as no:
        broker.tasks.refused(above.launcher, above.policy, no.rule, no.message)
        raise
    bootstrap = Secret(secrets.token_urlsafe(32))
    task = dataclasses.replace(
        above,
        id=f"task-{secrets.token_hex(12)}",
        policy_digest=held.decided_under(above.policy),
        purpose=purpose,
        state=TaskState.CREATED,
        grants=decided.grants,
        approvals=decided.approvals,
        created_at=now,
        expires_at=min(above.expires_at, now + decided.deadline),
        thumbprint="",
        heartbeat=0,
        heard_at=0,
        parent_task=above.id,
        depth=above.depth + 1,
        ceilings=ceiling.names,
    )
    return _created(broker, held, task, bootstrap, decided, held.tasks[above.policy].max_children)


def _created(
    broker: Broker, held: PolicySet, task: Task, bootstrap: Secret, decided: StartDecision, most: int
) -> Started:
    still = functools.partial(broker.policies.require, held=held)
    try:
        expires = broker.tasks.created(task, _digest(bootstrap), decided.decision.rule, still, most)
    except TooMany as no:
        broker.tasks.refused(task.launcher, task.policy, no.rule, no.message)
        raise
    return Started(task, bootstrap, expires)


def activate(
    broker: Broker, task_id: str, bootstrap: Secret, thumbprint: str, heartbeat: int = 0
) -> tuple[Task, Secret]:
    """Exchange the one-time value for a session bound to a key whose possession was proved. Raises Unauthenticated
    (wrong, late), TooMany, Conflict. The right value with another key is theft: the task is killed. `heartbeat`:
    see `broker/heartbeat.py`."""
    digest = _digest(bootstrap)
    session = broker.sealer.session_token(task_id, thumbprint, digest)
    result = broker.tasks.activate(task_id, digest, thumbprint, token_digest(session), heartbeat)
    if result in (Activation.OPENED, Activation.SAME):
        task = broker.tasks.by_session(token_digest(session))
        if task is None:
            raise Conflict("the session is gone", "start a new task", rule="dead-task")
        return task, session
    if result is Activation.STOLEN:
        settle_task(broker, task_id, Cause("broker", "the one-time value came with another key"))
        fix = "start a new task, and find out who else saw the bootstrap value"
        raise Conflict("this bootstrap was used with another key: the task is killed", fix, rule="bootstrap-stolen")
    if result is Activation.LIMITED:
        raise TooMany("too many wrong bootstrap values for this task", "start a new task", rule="bootstrap-limit")
    if result is Activation.OVER:
        raise Conflict("the task has ended", "start a new task", rule="dead-task")
    raise Unauthenticated("the bootstrap value is wrong or too old", "start a new task", rule="bootstrap")


def credentials(
    broker: Broker,
    task: Task,
    grant: str,
    narrow: Narrow | None,
    key: str,
    delivery: str = "socket",
    proved: Callable[[sa.Connection], None] | None = None,
) -> Issued | Waiting:
    """One credential for an active task, or the approval that it waits for. `key` makes asking twice safe; `delivery`
    says where the asker will take it: `socket`, into the sandbox, or `inject`, no further than themselves. `proved`
    writes that the request's proof is used, in the intent's transaction (`Callers.session_to_record`).

    Raises Refused, Conflict, TooMany, SourceFailed (nothing issued), MaybeIssued, RecordFailed.
    """
    held = broker.policies.current()

    def still(tx: sa.Connection) -> None:
        if proved is not None:
            proved(tx)
        broker.policies.require(tx, held)

    try:
        require_alive(task, int(broker.clock()))
        with broker.observer.step("authorise"):
            decided = explain_issue(held, task, grant, narrow)  # 2 authorise
        require_fit(decided.grant, delivery, min(decided.grant.ttl, task.expires_at - int(broker.clock())))
        ask = _ask(held, task, decided)
        with broker.observer.step("intend"):  # 3 approve, 4 intend: one transaction
            intent = broker.journal.intend(task.id, decided.grant, key, ask, still, decided.today)
    except (Refused, Conflict, TooMany) as no:
        broker.journal.refused(task, grant, no.rule, no.message)
        raise
    if isinstance(intent, Waiting):
        return intent
    if not intent.fresh:
        return Issued(intent.lease, broker.replies.again(intent.lease), again=True)
    minted = _issue(broker, task, intent.lease, decided)  # 5 issue
    with broker.observer.step("release"):
        return _release(broker, intent.lease, minted)  # 6 release; 7 revoke is `broker/revoke.py`


def explain_start(
    held: PolicySet, caller: Identity, policy: str, narrow: NarrowTask | None, where: Workplace = NOWHERE
) -> StartDecision:
    """What `start_task` would decide, with nothing recorded and nothing made. Raises Refused."""
    found = held.tasks.get(policy)
    if found is None:
        have = ", ".join(sorted(held.tasks)) or "none"
        raise Refused(f"no task policy {policy[:64]!r}", f"there are: {have}", rule="unknown-policy")
    return authorise_start(caller, found, narrow, held.rules, held.ceilings.of(caller), where)


def explain_issue(held: PolicySet, task: Task, grant: str, narrow: Narrow | None) -> IssueDecision:
    """What `credentials` would decide, with nothing recorded and nothing issued. Raises Refused."""
    ceiling = held.ceilings.again(task.ceilings, task.launcher)
    return authorise_issue(task, held.tasks, grant, narrow, held.rules, ceiling)


def _ask(held: PolicySet, task: Task, decided: IssueDecision) -> Ask:
    text, digest = canonical(task, decided.grant)
    return Ask(
        request=text,
        request_digest=digest,
        policy_digest=held.decided_under(task.policy),
        rule=decided.decision.rule,
        needed=decided.approvals,
        approvers=held.tasks[task.policy].approvers,
    )


def _issue(broker: Broker, task: Task, lease: Lease, decided: IssueDecision) -> Minted:
    """Mint, and record what the source said. Whatever is not certain is *maybe issued* and left to recovery."""
    source, parent = _source(broker, task, lease)
    ttl = max(1, lease.expires_at - int(broker.clock()))
    try:
        with broker.observer.step("issue", lease.source):
            asked = MintRequest(task.id, lease.id, decided.grant, ttl, task.on_behalf_of, parent, task.policy)
            return source.mint(asked)
    except SourceFailed as no:
        broker.journal.failed(lease.id, no.message)
        raise
    except MaybeIssued as unclear:
        _uncertain(broker, lease, unclear.message)
        raise
    except Exception as fault:  # a source's own fault says nothing about what it did before
        _uncertain(broker, lease, f"the source failed with {type(fault).__name__}")
        raise MaybeIssued("the source failed in an unforeseen way", "recovery finds and revokes it") from None


def _source(broker: Broker, task: Task, lease: Lease) -> tuple[Source, Secret | None]:
    """The lease's source, and the parent where it needs one. What fails here fails before any mint."""
    try:
        source = broker.sources.get(lease.source)
        if source is None:
            raise SourceFailed(f"no source {lease.source!r} is configured", "configure it where the broker is started")
        parent = parent_of(broker, task) if source.needs_parent else None
        if broker.clock() - lease.created_at > READY_SECONDS:
            raise SourceFailed("getting ready took too long, so nothing was issued", "ask again")
        return source, parent
    except (SourceFailed, MaybeIssued, Conflict) as no:
        broker.journal.failed(lease.id, no.message)
        raise


def _uncertain(broker: Broker, lease: Lease, reason: str) -> None:
    broker.wake.set()
    broker.journal.uncertain(lease.id, reason)


def _release(broker: Broker, lease: Lease, minted: Minted) -> Issued:
    """Record what was minted and that it is released, then release it. Where that cannot be, take it back at once."""
    live = dataclasses.replace(
        lease,
        accessor=minted.accessor,
        source_lease=minted.source_lease,
        expires_at=minted.expires_at,
        sealed=minted.sealed,
    )
    try:
        issued = broker.journal.released(lease.id, minted, known_by(broker.sealer, minted))
    except RecordFailed:
        _take_back(broker, live)
        raise
    if issued is not None:
        broker.replies.keep(lease.id, minted)
        return Issued(issued, minted)
    _take_back(broker, live)
    raise Conflict(
        "the task ended while the credential was made; it was taken back", "start a new task", rule="dead-task"
    )


def _take_back(broker: Broker, lease: Lease) -> None:
    """Revoke what must not be released. What fails here stays open in the store, and recovery finds it there."""
    broker.wake.set()
    try:
        line = broker.sources[lease.source].revoke(lease)
        if line.revocation is not Revocation.QUEUED:
            broker.journal.taken_back([(line, Cause("broker", "it was made and could not be released"))])
    except BrokerError:
        return


def _digest(value: Secret) -> str:
    return hashlib.sha256(value.reveal().encode()).hexdigest()
