"""By what a leaked credential is known again, and when it was reported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column; see `broker/exposure.py`."""
    op.add_column("leases", sa.Column("exposed_at", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_table(
        "fingerprints",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("lease_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["lease_id"], ["leases.id"]),
        sa.PrimaryKeyConstraint("digest", "lease_id"),
    )
