"""The service's tables: raw events for ever, and what was made of them (all of it can be made again)."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import Sequence, new_metadata

METADATA = new_metadata()

RAW_EVENTS = Table(
    "raw_events",
    METADATA,
    Column("raw_id", Sequence, primary_key=True, autoincrement=True),
    Column("source", String(64), nullable=False),
    Column("event_key", String(256), nullable=False),
    Column("kind", String(100), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("path", String(200), nullable=False),
    # a delivery of one event holds its bytes here; those of several lie once in `raw_bodies`
    Column("body", LargeBinary),
    Column("body_sha256", String(64)),
    Column("position", Integer, nullable=False),
    Column("headers", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("problem", String(64)),
    Column("problem_where", Text),
    UniqueConstraint("source", "event_key"),
    CheckConstraint("(body is null) <> (body_sha256 is null)", name="body"),
    sqlite_autoincrement=True,
)
Index("ix_raw_events_received_at", RAW_EVENTS.c.received_at)
Index("ix_raw_events_subject", RAW_EVENTS.c.subject)
Index(
    "ix_raw_events_problem",
    RAW_EVENTS.c.problem,
    sqlite_where=RAW_EVENTS.c.problem.is_not(None),
    postgresql_where=RAW_EVENTS.c.problem.is_not(None),
)

RAW_BODIES = Table(
    "raw_bodies",
    METADATA,
    Column("sha256", String(64), primary_key=True),
    Column("body", LargeBinary, nullable=False),
)

CALLS = Table(
    "calls",
    METADATA,
    Column("call_id", String(64), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("provider_call_id", String(200), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("published", Text),
    Column("started_at", UtcDateTime),
    Column("extension", String(64)),
    Column("responsible", String(128)),
    Column("client_key", String(64)),
)
Index("ix_calls_extension_started_at", CALLS.c.extension, CALLS.c.started_at)
Index("ix_calls_responsible", CALLS.c.responsible)
Index("ix_calls_client_key", CALLS.c.client_key)

LEADS = Table(
    "leads",
    METADATA,
    Column("lead_id", String(128), primary_key=True),
    Column("revision", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("published", Text),
    Column("announced_at", UtcDateTime),
    Column("responsible", String(128)),
)
Index("ix_leads_responsible", LEADS.c.responsible)

LEAD_CLIENTS = Table(
    "lead_clients",
    METADATA,
    Column("client_key", String(64), primary_key=True),
    Column("lead_id", String(128), primary_key=True),
)
Index("ix_lead_clients_lead_id", LEAD_CLIENTS.c.lead_id)

STATEMENTS = Table(
    "person_statements",
    METADATA,
    Column("person_id", String(128), primary_key=True),
    Column("since", UtcDateTime, primary_key=True),
    Column("digest", String(64), primary_key=True),
    Column("extensions", Text, nullable=False),
    Column("department_id", String(128)),
    Column("department_kind", String(20)),
    Column("active", Boolean, nullable=False),
)

PERSON_EXTENSIONS = Table(
    "person_extensions",
    METADATA,
    Column("extension", String(64), primary_key=True),
    Column("person_id", String(128), primary_key=True),
)

RECORDINGS = Table(
    "recordings",
    METADATA,
    Column("recording_id", String(64), primary_key=True),
    Column("call_id", String(64), nullable=False),
    Column("source", String(64), nullable=False),
    Column("provider_call_id", String(200), nullable=False),
    Column("raw_id", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("reason", String(64)),
    Column("wanted_sha256", String(64)),
    Column("content_type", String(100)),
    Column("seller_channel", Integer),
    Column("key", String(500)),
    Column("sha256", String(64)),
    Column("size_bytes", BigInteger),
    Column("stored_at", UtcDateTime),
    CheckConstraint("state in ('expected', 'stored', 'lost')", name="state"),
)
Index("ix_recordings_call_id", RECORDINGS.c.call_id)
Index("ix_recordings_state", RECORDINGS.c.state)

RATINGS = Table(
    "ratings",
    METADATA,
    Column("call_id", String(64), primary_key=True),
    Column("channel", String(20), primary_key=True),
    Column("source", String(64), nullable=False),
    Column("provider_call_id", String(200), nullable=False),
    Column("rating", Integer, nullable=False),
    Column("rated_at", UtcDateTime, nullable=False),
)
