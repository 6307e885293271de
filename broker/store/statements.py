"""The statements of one credential, in the order in which they run; see `broker/store/prepared.py`.

Reads of their own: OF_SESSION, POLICY, PARENT. The intent's transaction: TOPMOST_LOCKED, KNOWN, TOTALS, POLICY,
NEW_LEASE, NEW_KEY. The release's: LEASE, TOPMOST_LOCKED, MINTED, FINGERPRINT.
"""

from __future__ import annotations

import sqlalchemy as sa

from broker.lease import LeaseState
from broker.store.prepared import Prepared
from broker.store.tables import fingerprints, idempotency, leases, policy_in_force, task_ancestors, tasks

_given = sa.bindparam
_state = leases.c.state
_task = sa.select(tasks).where(tasks.c.id == _given("task_id"))
_unknown = (_state == LeaseState.INTENDED.value) | (_state == LeaseState.UNCERTAIN.value)
_living = (_state == LeaseState.MINTED.value) | (_state == LeaseState.ISSUED.value)


def _insert(table: sa.Table, *columns: str) -> Prepared:
    return Prepared(table.insert().values({name: _given(name) for name in columns}).inline())


OF_SESSION = Prepared(sa.select(tasks).where(tasks.c.session_digest == _given("session_digest")))
POLICY = Prepared(sa.select(policy_in_force.c.digest).where(policy_in_force.c.id == 1))
PARENT = Prepared(_task.with_only_columns(tasks.c.parent_state, tasks.c.parent_ciphertext))

TASK, TASK_LOCKED = Prepared(_task), Prepared(_task.with_for_update())
DIGEST = Prepared(_task.with_only_columns(tasks.c.policy_digest))
TOPMOST_LOCKED = Prepared(_task.where(tasks.c.depth == 0).with_for_update())
"""The task, where it is no sub-task: most are none, and then nothing else has to be locked with it."""

LEASE = Prepared(sa.select(leases).where(leases.c.id == _given("lease_id")))
KNOWN = Prepared(
    sa.select(idempotency.c.request_digest, idempotency.c.lease_id).where(
        idempotency.c.task_id == _given("task_id"), idempotency.c.key == _given("key")
    )
)
_whole = sa.union_all(
    sa.select(sa.cast(_given("task_id"), sa.String(64))),
    sa.select(task_ancestors.c.task_id).where(task_ancestors.c.ancestor_id == _given("task_id")),
)
_lately = (_state != LeaseState.FAILED.value) & (leases.c.created_at > _given("since"))
TOTALS = Prepared(
    sa.select(
        sa.func.count().filter(_state != LeaseState.FAILED.value).label("issues"),
        sa.func.count().filter(_unknown | (_living & (leases.c.expires_at > _given("now")))).label("live"),
        sa.func.count().filter(leases.c.exposed_at > 0).label("exposed"),
        sa.func.count().filter(_lately).label("lately"),
        sa.func.min(leases.c.created_at).filter(_lately).label("first"),
    ).where(leases.c.task_id.in_(_whole), leases.c.grant_name == _given("grant"))
)
"""What a task and all below it have of one grant, at `now`, and since when of those that came after `since`."""

NEW_LEASE = _insert(leases, *(column.name for column in leases.columns if column.server_default is None))
NEW_KEY = _insert(idempotency, "task_id", "key", "request_digest", "lease_id")
PROOF_USED = Prepared(
    sa.text("INSERT INTO proofs (digest, expires_at) VALUES (:digest, :expires_at) ON CONFLICT (digest) DO NOTHING")
)
MINTED = Prepared(
    leases.update()
    .where(leases.c.id == _given("lease_id"), _state == LeaseState.INTENDED.value)
    .values({name: _given(f"new_{name}") for name in ("state", "accessor", "source_lease", "expires_at", "sealed")})
)
FINGERPRINT = _insert(fingerprints, "digest", "lease_id")
