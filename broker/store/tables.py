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
    sa.Column("parent_task", Id, nullable=False, server_default=""),
    sa.Column("depth", sa.Integer, nullable=False, server_default="0"),
    sa.Column("repository", Words, nullable=False, server_default=""),
    sa.Column("branch", Words, nullable=False, server_default=""),
    sa.Column("repository_known", Id, nullable=False, server_default=""),
    sa.Column("ceilings", Words, nullable=False, server_default=""),
)
"""`heartbeat`, `heard_at` and `silent_at` are explained in `broker/heartbeat.py`; `parent_task` is the task that a
sub-task belongs to, `depth` how many are above it; the others in `broker/task.py`."""

task_ancestors = sa.Table(
    "task_ancestors",
    metadata,
    sa.Column("task_id", Id, sa.ForeignKey("tasks.id"), primary_key=True),
    sa.Column("ancestor_id", Id, sa.ForeignKey("tasks.id"), primary_key=True, index=True),
)
"""Every task above a sub-task, one row each, for good; a task that somebody started has none. See
`broker/store/family.py`."""

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
    sa.Column("exposed_at", sa.BigInteger, nullable=False, server_default="0"),
    sa.Column("sealed", sa.LargeBinary, nullable=True),
)
"""`exposed_at` is when somebody reported that the credential got out, 0 for never; see `broker/exposure.py`. `sealed`
is what taking it back needs and is a secret itself (a GitHub token), as ciphertext, while the lease is open."""

fingerprints = sa.Table(
    "fingerprints",
    metadata,
    sa.Column("digest", Id, primary_key=True),
    sa.Column("lease_id", Id, sa.ForeignKey("leases.id"), primary_key=True),
)
"""Keyed digests of what was released, by which a leaked credential is known again; see `broker/fingerprint.py`."""

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
    sqlite_autoincrement=True,
)
"""`payload` is the record: its exact UTF-8 bytes are the leaf of the tree. A row is inserted once and stays as it is,
but for retention and erasure (`broker/log/keep.py`)."""

unnumbered = sa.Table("unnumbered", metadata, sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False))
"""Records that have no number yet; a trigger of `events` puts them here, whoever numbers them takes them out."""

leaves = sa.Table(
    "leaves",
    metadata,
    sa.Column("leaf", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.BigInteger, nullable=False, unique=True),
    sa.Column("hash", Id, nullable=False),
)
"""Number and RFC 6962 leaf hash (hex) of each record; they outlive a record that is deleted by retention."""

subtrees = sa.Table(
    "subtrees",
    metadata,
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", Id, nullable=False),
)
"""Heads of complete subtrees of 2^level leaves, level 8, 16 and so on: proofs need not read all leaves."""

cosignatures = sa.Table(
    "cosignatures",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("witness", sa.String(300), primary_key=True),
    sa.Column("line", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What witnesses signed: the note's signature line of the checkpoint of that size."""

retention = sa.Table(
    "retention",
    metadata,
    sa.Column("minimum", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Records with a lower number than the largest `minimum` may be deleted."""

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("payload", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""What stands in for a record whose personal texts were erased; its leaf hash stays that of the whole record."""

refusals = sa.Table(
    "refusals",
    metadata,
    sa.Column("caller", sa.String(700), primary_key=True),
    sa.Column("since", sa.BigInteger, nullable=False),
    sa.Column("count", sa.BigInteger, nullable=False),
)
"""Refusals of one caller in the minute from `since`; see `broker/log/refusals.py`."""

checkpoints = sa.Table(
    "checkpoints",
    metadata,
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", Words, nullable=False),
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

static_values = sa.Table(
    "static_values",
    metadata,
    sa.Column("name", Id, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("ciphertext", sa.LargeBinary, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Values of the source `static`, sealed; `version` counts from 1 with each rotation."""

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

policy_sets = sa.Table(
    "policy_sets",
    metadata,
    sa.Column("digest", Id, primary_key=True),
    sa.Column("files", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Whole policies by the digest of their files (`broker/policy/files.py`); `files` is a JSON object name → text. This
table and the history below only take inserts."""

policy_in_force = sa.Table(
    "policy_in_force",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", Id, sa.ForeignKey("policy_sets.digest"), nullable=False),
)
"""One row, id 1; see `broker/policy/turn.py`."""

policy_history = sa.Table(
    "policy_history",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("digest", Id, sa.ForeignKey("policy_sets.digest"), nullable=False),
    sa.Column("kind", Id, nullable=False),
    sa.Column("proposal_id", Id, nullable=False),
    sa.Column("by", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Each policy that came into force, in order from 1; `by` is a JSON list of who agreed."""

policy_proposals = sa.Table(
    "policy_proposals",
    metadata,
    sa.Column("id", Id, primary_key=True),
    sa.Column("digest", Id, sa.ForeignKey("policy_sets.digest"), nullable=False),
    sa.Column("base", Id, sa.ForeignKey("policy_sets.digest"), nullable=False),
    sa.Column("kind", Id, nullable=False),
    sa.Column("changes", Words, nullable=False),
    sa.Column("proposer", sa.String(700), nullable=False, index=True),
    sa.Column("reason", Words, nullable=False),
    sa.Column("state", Id, nullable=False, index=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
)
"""`base` was in force when it was proposed: only over it can this come into force. `changes` is JSON, for people."""

policy_votes = sa.Table(
    "policy_votes",
    metadata,
    sa.Column("proposal_id", Id, sa.ForeignKey("policy_proposals.id"), primary_key=True),
    sa.Column("person", sa.String(700), primary_key=True),
    sa.Column("decision", Id, nullable=False),
    sa.Column("sides", Words, nullable=False),
    sa.Column("reason", Words, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""`sides` is a JSON list of the sides that the person spoke for at that moment, by the owners of `base`."""
