"""Tables of samples, pay, agreement and of what leads and clients tell: kept apart from the calls they are about."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from services.review.adapters.metadata import metadata
from services.review.adapters.tables import ID, Sequence
from services.runtime.columns import DecimalText, UtcDateTime

samples = Table(
    "samples",
    metadata,
    Column("sample_id", ID, primary_key=True),
    Column("department_id", ID, nullable=False),
    Column("local_date", Date, nullable=False),
    Column("cutoff_at", UtcDateTime, nullable=False),
    Column("drawn_at", UtcDateTime, nullable=False),
    Column("seed", String(64), nullable=False),
    Column("rules", Text, nullable=False),  # share, capacity, blind and double shares as they were
    Column("candidates", Text, nullable=False),  # every call that was looked at, with what became of it
    UniqueConstraint("department_id", "local_date"),
)

work_calendars = Table(
    "work_calendars",
    metadata,
    Column("department_id", ID, primary_key=True),
    Column("week_days", String(20), nullable=False),  # ISO numbers between commas, 1 is Monday
    Column("day_ends", String(5), nullable=False),  # HH:MM, local
    Column("days_off", Text, nullable=False),  # ISO dates between commas
    Column("days_on", Text, nullable=False),
    Column("version", Integer, nullable=False),
)

months = Table(
    "months",
    metadata,
    Column("month", String(7), primary_key=True),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("closed_by", ID, nullable=False),
)

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("transaction_id", ID, nullable=False),
    Column("account", String(160), nullable=False),  # seller:<id>, controller:<id>, company
    Column("unit", String(10), nullable=False),
    Column("amount", DecimalText, nullable=False),
    Column("month", String(7), nullable=False),  # the open month it is written in
    Column("for_month", String(7), nullable=False),  # the month it is about
    Column("kind", String(20), nullable=False),
    Column("call_id", ID),
    Column("written_at", UtcDateTime, nullable=False),
    CheckConstraint("unit in ('call', 'cqr', 'check', 'appeal', 'upheld', 'money')", name="unit"),
    UniqueConstraint("transaction_id", "account", "unit"),
    sqlite_autoincrement=True,
)
Index("ix_ledger_account_month", ledger.c.account, ledger.c.month)
Index("ix_ledger_month", ledger.c.month)
Index("ix_ledger_call_id", ledger.c.call_id)

idempotency = Table(
    "idempotency",
    metadata,
    Column("person_id", ID, primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("body", Text, nullable=False),
    Column("etag", String(40)),
    Column("stored_at", UtcDateTime, nullable=False),
)
Index("ix_idempotency_stored_at", idempotency.c.stored_at)

ratings = Table(
    "ratings",
    metadata,
    Column("event_id", String(200), primary_key=True),
    Column("call_id", ID, nullable=False),
    Column("rating", Integer, nullable=False),
    Column("channel", String(20), nullable=False),
    Column("rated_at", UtcDateTime, nullable=False),
)
Index("ix_ratings_call_id_rated_at", ratings.c.call_id, ratings.c.rated_at)

leads = Table(
    "leads",
    metadata,
    Column("lead_id", ID, primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("kind", String(10)),
    Column("stage", String(200)),
    Column("stage_kind", String(20)),
    Column("refusal_reason", String(500)),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("created_at", UtcDateTime),
    Column("changed_at", UtcDateTime),
    Column("data", Text, nullable=False),
    Column("contact", Text),  # the last `lead-contact-updated`
    Column("contact_at", UtcDateTime),
)
Index("ix_leads_department_id", leads.c.department_id, leads.c.changed_at)

violations = Table(
    "violations",
    metadata,
    Column("violation_id", ID, primary_key=True),
    Column("lead_id", ID, nullable=False),
    Column("rule", String(40), nullable=False),
    Column("seller_id", ID),
    Column("department_id", ID),
    Column("violated_at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),
)
Index("ix_violations_lead_id", violations.c.lead_id)
Index("ix_violations_department_id", violations.c.department_id, violations.c.violated_at)

agreement_reports = Table(
    "agreement_reports",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=True),
    Column("computed_at", UtcDateTime, nullable=False),
    Column("up_to_evaluations", BigInteger, nullable=False),
    Column("data", Text, nullable=False),
    sqlite_autoincrement=True,
)

distrusted = Table(
    "distrusted",
    metadata,
    Column("criterion", ID, primary_key=True),
    Column("kappa", DecimalText, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)

# What an administrator decides about the draft of a criterion for a time, whatever the agreement says.
draft_overrides = Table(
    "draft_overrides",
    metadata,
    Column("criterion", ID, primary_key=True),
    Column("shown", Boolean, nullable=False),
    Column("why", Text, nullable=False),
    Column("set_by", ID, nullable=False),
    Column("set_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
)
