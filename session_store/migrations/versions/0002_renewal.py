"""Idle ends, renewal of tokens and profiles, leases.

Revision ID: 0002
Revises: 0001
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TIMES = ("idle_end", "tokens_due", "profile_due", "renewing_until")
INDEXED = TIMES[:3]


def upgrade() -> None:
    for name in TIMES:
        op.add_column("sessions", sa.Column(name, sa.DateTime(timezone=True)))
    op.add_column("sessions", sa.Column("renewal_failures", sa.Integer, nullable=False, server_default="0"))
    for name in INDEXED:
        op.create_index(f"ix_sessions_{name}", "sessions", [name])
    op.create_table(
        "leases",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("leases")
    for name in INDEXED:
        op.drop_index(f"ix_sessions_{name}", "sessions")
    for name in ("renewal_failures", *TIMES):
        op.drop_column("sessions", name)
