"""Score begins: calls, leads and their history, the contact rule's standing, drafts, scorecard versions, lessons."""

import sqlalchemy as sa
from alembic import op

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import create_queue_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(128)


def upgrade() -> None:
    create_queue_tables(op)
    _calls()
    _leads()
    _drafts()
    _people()


def _calls() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(16), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("talk_ms", sa.Integer(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("department_kind", sa.String(16)),
        sa.Column("client_key", ID),
        sa.Column("lead_id", ID),
        sa.Column("machine", sa.Boolean()),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
    )
    op.create_index("ix_calls_client_key_started_at", "calls", ["client_key", "started_at"])
    op.create_index("ix_calls_lead_id_started_at", "calls", ["lead_id", "started_at"])


def _leads() -> None:
    op.create_table(
        "leads",
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("deal", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Text()),
        sa.Column("look_at", UtcDateTime()),
        sa.PrimaryKeyConstraint("lead_id", name="pk_leads"),
    )
    op.create_index("ix_leads_look_at", "leads", ["look_at"])
    op.create_table(
        "lead_changes",
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.Column("stage", sa.String(200), nullable=False),
        sa.Column("stage_kind", sa.String(16), nullable=False),
        sa.Column("previous_kind", sa.String(16)),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("refusal_reason", sa.String(300)),
        sa.PrimaryKeyConstraint("lead_id", "revision", name="pk_lead_changes"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name="fk_lead_changes_lead_id_leads"),
    )
    op.create_table(
        "lead_numbers",
        sa.Column("client_key", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.PrimaryKeyConstraint("client_key", "lead_id", name="pk_lead_numbers"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name="fk_lead_numbers_lead_id_leads"),
    )
    op.create_index("ix_lead_numbers_lead_id", "lead_numbers", ["lead_id"])
    op.create_table(
        "violations",
        sa.Column("violation_id", ID, nullable=False),
        sa.Column("lead_id", ID, nullable=False),
        sa.Column("rule", sa.String(32), nullable=False),
        sa.Column("seller_id", ID),
        sa.Column("department_id", ID),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("contacts_due", sa.Integer(), nullable=False),
        sa.Column("touches", sa.Integer(), nullable=False),
        sa.Column("days_with_attempts", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(200)),
        sa.Column("violated_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("violation_id", name="pk_violations"),
        sa.ForeignKeyConstraint(["lead_id"], ["leads.lead_id"], name="fk_violations_lead_id_leads"),
    )
    op.create_index("ix_violations_lead_id", "violations", ["lead_id"])


def _drafts() -> None:
    op.create_table(
        "scorecards",
        sa.Column("scorecard_id", ID, nullable=False),
        sa.Column("version", ID, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("first_used_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("scorecard_id", "version", name="pk_scorecards"),
    )
    op.create_table(
        "drafts",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("draft_id", ID, nullable=False),
        sa.Column("transcript_id", ID, nullable=False),
        sa.Column("transcript_uri", sa.String(500), nullable=False),
        sa.Column("scorecard_id", ID, nullable=False),
        sa.Column("scorecard_version", ID, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", "revision", name="pk_drafts"),
        sa.UniqueConstraint("draft_id", name="uq_drafts_draft_id"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_drafts_call_id_calls"),
    )


def _people() -> None:
    op.create_table(
        "zones",
        sa.Column("seller_id", ID, nullable=False),
        sa.Column("zones", sa.Text(), nullable=False),
        sa.Column("chosen_at", UtcDateTime(), nullable=False),
        sa.Column("until", UtcDateTime()),
        sa.PrimaryKeyConstraint("seller_id", name="pk_zones"),
    )
    op.create_table(
        "lessons",
        sa.Column("call_id", ID, nullable=False),
        sa.Column("evaluation_id", ID, nullable=False),
        sa.Column("transcript_uri", sa.String(500)),
        sa.Column("scorecard_id", ID, nullable=False),
        sa.Column("scorecard_version", ID, nullable=False),
        sa.Column("call_type", sa.String(16), nullable=False),
        sa.Column("scores", sa.Text(), nullable=False),
        sa.Column("blind", sa.Boolean(), nullable=False),
        sa.Column("overturned", sa.Boolean(), nullable=False),
        sa.Column("evaluated_at", UtcDateTime(), nullable=False),
        sa.Column("approved_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("call_id", name="pk_lessons"),
    )
    op.create_index("ix_lessons_approved_at", "lessons", ["approved_at"])
