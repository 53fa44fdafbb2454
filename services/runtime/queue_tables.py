"""The tables of the durable queue, in every service's own database: inbox, outbox, buried."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

from services.runtime.columns import NAMES, UtcDateTime

# SQLite counts up by itself only in an INTEGER primary key
Sequence = BigInteger().with_variant(Integer(), "sqlite")


def attach_queue_tables(metadata: MetaData) -> None:
    """Adds the three tables to a service's metadata."""
    inbox = Table(
        "inbox",
        metadata,
        Column("seq", Sequence, primary_key=True, autoincrement=True),
        Column("event_id", String(200), nullable=False, unique=True),
        Column("topic", String(100), nullable=False),
        Column("key", String(200), nullable=False),
        Column("event", String(100), nullable=False),
        Column("version", Integer, nullable=False),
        Column("occurred_at", UtcDateTime, nullable=False),
        Column("caused_by", String(200)),
        Column("data", Text, nullable=False),
        Column("partition", Integer),
        Column("offset", BigInteger),
        Column("received_at", UtcDateTime, nullable=False),
        Column("status", String(10), nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("waits", Integer, nullable=False),
        Column("available_at", UtcDateTime, nullable=False),
        Column("lease_token", String(40)),
        Column("lease_until", UtcDateTime),
        Column("ended_at", UtcDateTime),
        CheckConstraint("status in ('waiting', 'working', 'done', 'buried')", name="status"),
        sqlite_autoincrement=True,
    )
    Index("ix_inbox_status_available_at", inbox.c.status, inbox.c.available_at)
    Index("ix_inbox_topic_key_seq", inbox.c.topic, inbox.c.key, inbox.c.seq)
    outbox = Table(
        "outbox",
        metadata,
        Column("seq", Sequence, primary_key=True, autoincrement=True),
        Column("event_id", String(200), nullable=False, unique=True),
        Column("topic", String(100), nullable=False),
        Column("key", String(200), nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("written_at", UtcDateTime, nullable=False),
        Column("sent_at", UtcDateTime),
        sqlite_autoincrement=True,
    )
    Index("ix_outbox_sent_at_seq", outbox.c.sent_at, outbox.c.seq)
    Table(
        "buried",
        metadata,
        Column("seq", Sequence, primary_key=True, autoincrement=True),
        Column("event_id", String(200)),
        Column("topic", String(100), nullable=False),
        Column("key", String(200)),
        Column("partition", Integer),
        Column("offset", BigInteger),
        Column("code", String(64), nullable=False),
        Column("detail", Text, nullable=False),
        Column("attempts", Integer, nullable=False),
        Column("payload", LargeBinary, nullable=False),
        Column("buried_at", UtcDateTime, nullable=False),
        Column("replayed_at", UtcDateTime),
        Column("internal", Boolean, nullable=False),
        sqlite_autoincrement=True,
    )


def new_metadata() -> MetaData:
    """Fresh metadata with our naming convention and the queue's tables attached."""
    metadata = MetaData(naming_convention=NAMES)
    attach_queue_tables(metadata)
    return metadata


def create_queue_tables(op: Any) -> None:
    """For a service's first migration: makes the three tables with their indexes (`op` is Alembic's)."""
    new_metadata().create_all(op.get_bind())
