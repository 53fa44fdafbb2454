"""Raw events for ever, what is made of them, and the queue."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    text,
)

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import Sequence, create_queue_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_queue_tables(op)
    _raw_events()
    _calls()
    _leads()
    _people()
    _recordings()


def _raw_events() -> None:
    op.create_table(
        "raw_events",
        Column("raw_id", Sequence, primary_key=True, autoincrement=True),
        Column("source", String(64), nullable=False),
        Column("event_key", String(256), nullable=False),
        Column("kind", String(100), nullable=False),
        Column("subject", String(200), nullable=False),
        Column("path", String(200), nullable=False),
        Column("body", LargeBinary),
        Column("body_sha256", String(64)),
        Column("position", Integer, nullable=False),
        Column("headers", Text, nullable=False),
        Column("digest", String(64), nullable=False),
        Column("received_at", UtcDateTime, nullable=False),
        Column("problem", String(64)),
        Column("problem_where", Text),
        UniqueConstraint("source", "event_key", name="uq_raw_events_source_event_key"),
        CheckConstraint("(body is null) <> (body_sha256 is null)", name="ck_raw_events_body"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_raw_events_received_at", "raw_events", ["received_at"])
    op.create_index("ix_raw_events_subject", "raw_events", ["subject"])
    put_aside = text("problem is not null")
    op.create_index(
        "ix_raw_events_problem", "raw_events", ["problem"], sqlite_where=put_aside, postgresql_where=put_aside
    )
    op.create_table(
        "raw_bodies",
        Column("sha256", String(64), primary_key=True),
        Column("body", LargeBinary, nullable=False),
    )


def _calls() -> None:
    op.create_table(
        "calls",
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
    op.create_index("ix_calls_extension_started_at", "calls", ["extension", "started_at"])
    op.create_index("ix_calls_responsible", "calls", ["responsible"])
    op.create_index("ix_calls_client_key", "calls", ["client_key"])


def _leads() -> None:
    op.create_table(
        "leads",
        Column("lead_id", String(128), primary_key=True),
        Column("revision", Integer, nullable=False),
        Column("state", Text, nullable=False),
        Column("published", Text),
        Column("announced_at", UtcDateTime),
        Column("responsible", String(128)),
    )
    op.create_index("ix_leads_responsible", "leads", ["responsible"])
    op.create_table(
        "lead_clients",
        Column("client_key", String(64), primary_key=True),
        Column("lead_id", String(128), primary_key=True),
    )
    op.create_index("ix_lead_clients_lead_id", "lead_clients", ["lead_id"])


def _people() -> None:
    op.create_table(
        "person_statements",
        Column("person_id", String(128), primary_key=True),
        Column("since", UtcDateTime, primary_key=True),
        Column("digest", String(64), primary_key=True),
        Column("extensions", Text, nullable=False),
        Column("department_id", String(128)),
        Column("department_kind", String(20)),
        Column("active", Boolean, nullable=False),
    )
    op.create_table(
        "person_extensions",
        Column("extension", String(64), primary_key=True),
        Column("person_id", String(128), primary_key=True),
    )


def _recordings() -> None:
    op.create_table(
        "recordings",
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
        CheckConstraint("state in ('expected', 'stored', 'lost')", name="ck_recordings_state"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index("ix_recordings_state", "recordings", ["state"])
    op.create_table(
        "ratings",
        Column("call_id", String(64), primary_key=True),
        Column("channel", String(20), primary_key=True),
        Column("source", String(64), nullable=False),
        Column("provider_call_id", String(200), nullable=False),
        Column("rating", Integer, nullable=False),
        Column("rated_at", UtcDateTime, nullable=False),
    )
