"""Phases of the keys that sign: the one that is kept signs since it was made.

Revision ID: 0003
Revises: 0002
Create Date: 2026-11-22
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("signs_from", "withdrawn"):
        op.add_column("signing_keys", sa.Column(name, sa.DateTime(timezone=True)))
    op.execute("UPDATE signing_keys SET signs_from = created")


def downgrade() -> None:
    for name in ("withdrawn", "signs_from"):
        op.drop_column("signing_keys", name)
