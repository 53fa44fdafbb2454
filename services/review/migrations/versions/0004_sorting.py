"""Indexes for the orders in which the list of calls can be asked for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_calls_client_label", "calls", ["client_label", "started_at", "call_id"])
    for name, column, where in (
        ("ix_calls_risk", "risk", "risk > 0"),
        ("ix_calls_due_at", "due_at", "due_at is not null"),
    ):
        op.drop_index(name, table_name="calls")
        op.create_index(
            name,
            "calls",
            [column, "started_at", "call_id"],
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )
