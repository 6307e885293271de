"""Tasks that end when nothing is heard of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns that `broker/heartbeat.py` explains; a task of before has no heartbeat."""
    op.add_column("tasks", sa.Column("heartbeat", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("heard_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("tasks", sa.Column("silent_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index(op.f("ix_tasks_silent_at"), "tasks", ["silent_at"], unique=False)
