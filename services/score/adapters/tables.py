"""Score's own tables."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, MetaData, String, Table, Text

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import new_metadata

ID = String(128)

METADATA: MetaData = new_metadata()

CALLS = Table(
    "calls",
    METADATA,
    Column("call_id", ID, primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("direction", String(16), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("talk_ms", Integer, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("department_kind", String(16)),
    Column("client_key", ID),
    Column("lead_id", ID),
    Column("machine", Boolean),
)
Index("ix_calls_client_key_started_at", CALLS.c.client_key, CALLS.c.started_at)
Index("ix_calls_lead_id_started_at", CALLS.c.lead_id, CALLS.c.started_at)

LEADS = Table(
    "leads",
    METADATA,
    Column("lead_id", ID, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("deal", Boolean, nullable=False),
    Column("standing", Text),
    Column("look_at", UtcDateTime),
)
Index("ix_leads_look_at", LEADS.c.look_at)

LEAD_CHANGES = Table(
    "lead_changes",
    METADATA,
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("stage", String(200), nullable=False),
    Column("stage_kind", String(16), nullable=False),
    Column("previous_kind", String(16)),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("refusal_reason", String(300)),
)

LEAD_NUMBERS = Table(
    "lead_numbers",
    METADATA,
    Column("client_key", ID, primary_key=True),
    Column("lead_id", ID, ForeignKey("leads.lead_id"), primary_key=True),
)
Index("ix_lead_numbers_lead_id", LEAD_NUMBERS.c.lead_id)

VIOLATIONS = Table(
    "violations",
    METADATA,
    Column("violation_id", ID, primary_key=True),
    Column("lead_id", ID, ForeignKey("leads.lead_id"), nullable=False),
    Column("rule", String(32), nullable=False),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("contacts", Integer, nullable=False),
    Column("contacts_due", Integer, nullable=False),
    Column("touches", Integer, nullable=False),
    Column("days_with_attempts", Integer, nullable=False),
    Column("stage", String(200)),
    Column("violated_at", UtcDateTime, nullable=False),
)
Index("ix_violations_lead_id", VIOLATIONS.c.lead_id)

SCORECARDS = Table(
    "scorecards",
    METADATA,
    Column("scorecard_id", ID, primary_key=True),
    Column("version", ID, primary_key=True),
    Column("document", Text, nullable=False),
    Column("first_used_at", UtcDateTime, nullable=False),
)

DRAFTS = Table(
    "drafts",
    METADATA,
    Column("call_id", ID, ForeignKey("calls.call_id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("draft_id", ID, nullable=False, unique=True),
    Column("transcript_id", ID, nullable=False),
    Column("transcript_uri", String(500), nullable=False),
    Column("scorecard_id", ID, nullable=False),
    Column("scorecard_version", ID, nullable=False),
    Column("data", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
)

ZONES = Table(
    "zones",
    METADATA,
    Column("seller_id", ID, primary_key=True),
    Column("zones", Text, nullable=False),
    Column("chosen_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime),
)

LESSONS = Table(
    "lessons",
    METADATA,
    Column("call_id", ID, primary_key=True),
    Column("evaluation_id", ID, nullable=False),
    Column("transcript_uri", String(500)),
    Column("scorecard_id", ID, nullable=False),
    Column("scorecard_version", ID, nullable=False),
    Column("call_type", String(16), nullable=False),
    Column("scores", Text, nullable=False),
    Column("blind", Boolean, nullable=False),
    Column("overturned", Boolean, nullable=False),
    Column("evaluated_at", UtcDateTime, nullable=False),
    Column("approved_at", UtcDateTime, nullable=False),
)
Index("ix_lessons_approved_at", LESSONS.c.approved_at)
