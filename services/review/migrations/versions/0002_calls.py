"""Calls, evaluations, tasks, appeals, samples and the ledger, with the triggers that guard them."""

from __future__ import annotations

from alembic import op

from services.review.adapters import tables, tables_credit  # noqa: F401 - hang their tables on the metadata
from services.review.adapters.guards import add_guards
from services.review.adapters.metadata import metadata

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "calls",
    "counters",
    "drafts",
    "cards",
    "status_changes",
    "evaluations",
    "scores",
    "tasks",
    "appeals",
    "appeal_points",
    "comments",
    "mentions",
    "follow_ups",
    "samples",
    "work_calendars",
    "months",
    "ledger",
    "idempotency",
    "ratings",
    "leads",
    "violations",
    "agreement_reports",
    "distrusted",
)


def upgrade() -> None:
    connection = op.get_bind()
    metadata.create_all(connection, tables=[metadata.tables[name] for name in TABLES], checkfirst=False)
    add_guards(connection)
