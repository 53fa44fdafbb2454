"""The tables of transcribe: one row for what became of each recording; texts lie in object storage."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table

from services.runtime.columns import UtcDateTime
from services.runtime.queue_tables import new_metadata

metadata = new_metadata()

transcripts = Table(
    "transcripts",
    metadata,
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
    Column("supplied_uri", String(500)),
    CheckConstraint("state in ('completed', 'failed')", name="state"),
)
Index("ix_transcripts_recording_id", transcripts.c.recording_id)
Index("ix_transcripts_call_id", transcripts.c.call_id)
