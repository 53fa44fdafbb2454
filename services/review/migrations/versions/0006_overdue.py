"""An index by which overdue calls are walked in the order of the list."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    waits = sa.text("due_at is not null")
    op.create_index(
        "ix_calls_overdue",
        "calls",
        ["started_at", "call_id", "due_at"],
        postgresql_where=waits,
        sqlite_where=waits,
    )
