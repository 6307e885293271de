"""Sub-tasks, and where a task works: repository, branch, the ceilings of its launcher."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make columns and table; see `broker/task.py` and `broker/store/family.py`."""
    for name, kind in (("parent_task", sa.String(length=64)), ("repository_known", sa.String(length=64))):
        op.add_column("tasks", sa.Column(name, kind, nullable=False, server_default=""))
    op.add_column("tasks", sa.Column("depth", sa.Integer(), nullable=False, server_default="0"))
    for name in ("repository", "branch", "ceilings"):
        op.add_column("tasks", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "task_ancestors",
        sa.Column("task_id", sa.String(length=64), nullable=False),
        sa.Column("ancestor_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["ancestor_id"], ["tasks.id"]),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"]),
        sa.PrimaryKeyConstraint("task_id", "ancestor_id"),
    )
    op.create_index(op.f("ix_task_ancestors_ancestor_id"), "task_ancestors", ["ancestor_id"])
