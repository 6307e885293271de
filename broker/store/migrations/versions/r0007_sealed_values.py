"""Values kept as ciphertext: what revoking a lease needs, and those of the source `static`."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column and the table; see `broker/store/sealed.py`."""
    op.add_column("leases", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "static_values",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("ciphertext", sa.LargeBinary(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
