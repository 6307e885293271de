"""The broker's tables. No credential, bootstrap value or session token is in any of them: digests and ciphertext only.

Times are Unix seconds. The migrations under `migrations/` are what creates them; a test holds the two together.
"""

from __future__ import annotations

import sqlalchemy as sa

metadata = sa.MetaData()

Id = sa.String(64)
Words = sa.Text

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("policy", Id, nullable=False, index=True),
    sa.Column("policy_digest", Id, nullable=False),
    sa.Column("environment", Id, nullable=False),
    sa.Column("launcher", Words, nullable=False, index=True),
    sa.Column("on_behalf_of", Words, nullable=False),
    sa.Column("purpose", Words, nullable=False),
    sa.Column("state", Id, nullable=False, index=True),
    sa.Column("grants", Words, nullable=False),
    sa.Column("approvals", sa.Integer, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("thumbprint", Id, nullable=False),
    sa.Column("session_digest", Id, nullable=True, unique=True),
    sa.Column("bootstrap_digest", Id, nullable=False),
    sa.Column("bootstrap_expires_at", sa.BigInteger, nullable=False),
    sa.Column("activated_at", sa.BigInteger, nullable=False),
    sa.Column("wrong_bootstraps", sa.Integer, nullable=False),
    sa.Column("parent_state", Id, nullable=False),
    sa.Column("parent_accessor", Words, nullable=False),
    sa.Column("parent_ciphertext", sa.LargeBinary, nullable=True),
    sa.Column("parent_at", sa.BigInteger, nullable=False),
    sa.Column("heartbeat", sa.Integer, nullable=False, server_default="0"),
    sa.Column("heard_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("silent_at", sa.BigInteger, nullable=False, server_default="0", index=True),
)
"""`heartbeat`, `heard_at` and `silent_at` are explained in `broker/heartbeat.py`."""

leases = sa.Table(
    "leases",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), nullable=False, index=True),
    sa.Column("grant_name", Id, nullable=False),
    sa.Column("source", Id, nullable=False),
    sa.Column("state", Id, nullable=False, index=True),
    sa.Column("accessor", Words, nullable=False),
    sa.Column("source_lease", Words, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("revocation", Id, nullable=False),
    sa.Column("detail", Words, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("next_try_at", sa.BigInteger, nullable=False),
)

approvals = sa.Table(
    "approvals",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), nullable=True, index=True),
    sa.Column("requester", Words, nullable=False),
    sa.Column("on_behalf_of", Words, nullable=False),
    sa.Column("request", Words, nullable=False),
    sa.Column("request_digest", Id, nullable=False),
    sa.Column("policy_digest", Id, nullable=False),
    sa.Column("approvers", Words, nullable=False),
    sa.Column("needed", sa.Integer, nullable=False),
    sa.Column("state", Id, nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)

votes = sa.Table(
    "approval_votes",
    metadata,
    sa.Column("approval_id", Id, sa.ForeignKey("approvals.id"), primary_key=True),
    sa.Column("approver", sa.String(700), primary_key=True),
    sa.Column("decision", Id, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
    sa.Column("event", Id, nullable=False, index=True),
    sa.Column("task_id", Id, nullable=False, index=True),
    sa.Column("payload", Words, nullable=False),
    sa.Column("leaf", sa.BigInteger, nullable=True, unique=True),
    sa.Column("leaf_hash", Id, nullable=True),
    sqlite_autoincrement=True,
)
"""`payload` is the record: its exact UTF-8 bytes are the leaf of the tree. `leaf` and `leaf_hash` are set once."""

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", Words, nullable=False),
    sa.Column("frontier", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("request_digest", Id, nullable=False),
    sa.Column("lease_id", Id, nullable=False),
)

proofs = sa.Table(
    "proofs",
    metadata,
    sa.Column("digest", sa.String(128), primary_key=True),
    sa.Column("expires_at", sa.BigInteger, nullable=False, index=True),
)

journal_heads = sa.Table(
    "journal_heads",
    metadata,
    sa.Column("caller", sa.String(700), primary_key=True),
    sa.Column("source", Id, primary_key=True),
    sa.Column("journal", Id, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("hash", Id, nullable=False),
    sa.Column("heard_at", sa.BigInteger, nullable=False),
    sa.Column("conflicts", sa.Integer, nullable=False),
)
