"""Versions for departments and notice choices; an administrator may say for a time that a draft is shown or hidden."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from services.runtime.columns import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("departments", "notice_choices"):
        op.add_column(table, sa.Column("version", sa.Integer(), nullable=False, server_default="1"))
    op.create_table(
        "draft_overrides",
        sa.Column("criterion", sa.String(128), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("set_by", sa.String(128), nullable=False),
        sa.Column("set_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("criterion", name="pk_draft_overrides"),
    )
