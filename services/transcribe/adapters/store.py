"""The Store port on SQLAlchemy: rows are written in the caller's transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.engine import Connection

from services.runtime.database import Database
from services.transcribe.adapters.tables import transcripts
from services.transcribe.domain.outcome import Completed, Failed, Request, completed_data


class SqlStore:
    """One connection's (one transaction's) view."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_completed(self, transcript_id: str) -> bool:
        return self._state(transcript_id) == "completed"

    def supplied_uri(self, recording_id: str) -> str | None:
        """See the port."""
        query = select(transcripts.c.supplied_uri).where(
            transcripts.c.recording_id == recording_id, transcripts.c.supplied_uri.is_not(None)
        )
        value: str | None = self._connection.execute(query.order_by(transcripts.c.made_at.desc()).limit(1)).scalar()
        return value

    def complete(self, request: Request, outcome: Completed, now: datetime) -> bool:
        """See the port. A recording that was given up and is replayed becomes completed."""
        data = completed_data(request, outcome)
        columns = ("uri", "source", "model", "language", "duration_ms", "utterances", "words", "quality")
        values = {"state": "completed", "reason": None, "detail": None, "recognition_ms": outcome.recognition_ms}
        values.update({column: data[column] for column in columns})
        values["supplied_uri"] = request.transcript_uri if outcome.card is None else None
        return self._write(request, outcome.transcript_id, values, now, replaces=("failed",))

    def fail(self, request: Request, outcome: Failed, now: datetime) -> bool:
        """See the port."""
        values = {"state": "failed", "reason": outcome.reason.value, "detail": outcome.detail[:500]}
        if self._reason(outcome.transcript_id) == outcome.reason.value:
            return False
        return self._write(request, outcome.transcript_id, values, now, replaces=("failed",))

    def _write(
        self, request: Request, transcript_id: str, values: dict[str, Any], now: datetime, replaces: tuple[str, ...]
    ) -> bool:
        state = self._state(transcript_id)
        if state is None:
            row = {"transcript_id": transcript_id, "call_id": request.call_id, "recording_id": request.recording_id}
            self._connection.execute(insert(transcripts).values(**row, **values, made_at=now))
            return True
        if state not in replaces:
            return False
        this = transcripts.c.transcript_id == transcript_id
        self._connection.execute(update(transcripts).where(this).values(**values, made_at=now))
        return True

    def _state(self, transcript_id: str) -> str | None:
        return self._column("state", transcript_id)

    def _reason(self, transcript_id: str) -> str | None:
        return self._column("reason", transcript_id)

    def _column(self, name: str, transcript_id: str) -> str | None:
        query = select(transcripts.c[name]).where(transcripts.c.transcript_id == transcript_id)
        value: str | None = self._connection.execute(query).scalar_one_or_none()
        return value


class SqlHistory:
    """The History port: each question in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_completed(self, transcript_id: str) -> bool:
        """See the port."""
        with self._database.read() as connection:
            return SqlStore(connection).is_completed(transcript_id)

    def supplied_uri(self, recording_id: str) -> str | None:
        """See the port."""
        with self._database.read() as connection:
            return SqlStore(connection).supplied_uri(recording_id)
