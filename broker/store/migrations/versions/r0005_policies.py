"""Policies in the store: which one is in force, what is proposed, who agreed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _id(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=False)


def _words(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Make the tables; see `broker/store/tables.py`."""
    op.create_table(
        "policy_sets",
        _id("digest"),
        _words("files"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "policy_in_force",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        _id("digest"),
        sa.ForeignKeyConstraint(["digest"], ["policy_sets.digest"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "policy_history",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _id("digest"),
        _id("kind"),
        _id("proposal_id"),
        _words("by"),
        _words("reason"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["policy_sets.digest"]),
        sa.PrimaryKeyConstraint("number"),
    )
    _proposals()
    for statement in _guards(op.get_bind().dialect.name):
        op.execute(statement)


def _guards(kind: str) -> list[str]:
    """The triggers that let a table take inserts only; PostgreSQL's function is an earlier migration's."""
    made = []
    for table in ("policy_sets", "policy_history"):
        if kind == "postgresql":
            does = "EXECUTE FUNCTION secretguard_append_only()"
            made.append(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {does}")
            made.append(f"CREATE TRIGGER {table}_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {does}")
            continue
        for name, action in (("append_only", "UPDATE"), ("kept", "DELETE")):
            stop = f"SELECT RAISE(ABORT, '{table} is append-only')"
            made.append(f"CREATE TRIGGER {table}_{name} BEFORE {action} ON {table} BEGIN {stop}; END")
    return made


def _proposals() -> None:
    op.create_table(
        "policy_proposals",
        *(_id(name) for name in ("id", "digest", "base", "kind")),
        _words("changes"),
        sa.Column("proposer", sa.String(length=700), nullable=False),
        _words("reason"),
        _id("state"),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["digest"], ["policy_sets.digest"]),
        sa.ForeignKeyConstraint(["base"], ["policy_sets.digest"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_policy_proposals_proposer", "policy_proposals", ["proposer"])
    op.create_index("ix_policy_proposals_state", "policy_proposals", ["state"])
    op.create_table(
        "policy_votes",
        _id("proposal_id"),
        sa.Column("person", sa.String(length=700), nullable=False),
        _id("decision"),
        _words("sides"),
        _words("reason"),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["policy_proposals.id"]),
        sa.PrimaryKeyConstraint("proposal_id", "person"),
    )
