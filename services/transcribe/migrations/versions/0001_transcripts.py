"""What became of each recording, and the queue."""

from alembic import op
from sqlalchemy import Column, Integer, String
from sqlalchemy.schema import CheckConstraint

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import create_queue_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_queue_tables(op)
    op.create_table(
        "transcripts",
        Column("transcript_id", String(128), primary_key=True),
        Column("call_id", String(128), nullable=False),
        Column("recording_id", String(128), nullable=False),
        Column("state", String(10), nullable=False),
        Column("reason", String(40)),
        Column("detail", String(500)),
        Column("uri", String(500)),
        Column("source", String(12)),
        Column("model", String(200)),
        Column("language", String(8)),
        Column("duration_ms", Integer),
        Column("utterances", Integer),
        Column("words", Integer),
        Column("quality", String(8)),
        Column("recognition_ms", Integer),
        Column("made_at", UtcDateTime, nullable=False),
        CheckConstraint("state in ('completed', 'failed')", name="state"),
    )
    op.create_index("ix_transcripts_recording_id", "transcripts", ["recording_id"])
    op.create_index("ix_transcripts_call_id", "transcripts", ["call_id"])
