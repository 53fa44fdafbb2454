"""Empties raw events when their time is over: the bytes go, the fact that they came stays, and nothing comes twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select, update
from sqlalchemy.engine import Connection

from services.ingest.adapters.tables import RAW_BODIES, RAW_EVENTS
from services.runtime.database import Database, database_now

EXPIRED = "expired"
BATCH = 500


@dataclass(frozen=True)
class Due:
    """Raw events whose time is over: how many, their bytes, the oldest."""

    events: int
    size_bytes: int
    oldest: datetime | None


class RawRetention:
    """Shows and does it; `keep_days` 0 keeps for ever, as the record of truth."""

    def __init__(self, database: Database, keep_days: int) -> None:
        self._database = database
        self._keep_days = keep_days

    def show(self) -> Due:
        """What `apply` would empty now; changes nothing."""
        with self._database.read() as connection:
            if self._keep_days <= 0:
                return Due(0, 0, None)
            size = func.coalesce(func.sum(func.length(RAW_EVENTS.c.body)), 0)
            query = select(func.count(), size, func.min(RAW_EVENTS.c.received_at)).where(self._due(connection))
            count, total, oldest = connection.execute(query).one()
            return Due(int(count), int(total), oldest)

    def apply(self) -> int:
        """Empties them, batch by batch; how many. Can be stopped and begun again."""
        emptied = 0
        while self._keep_days > 0:
            with self._database.begin() as connection:
                query = select(RAW_EVENTS.c.raw_id).where(self._due(connection)).limit(BATCH)
                numbers = connection.execute(query).scalars().all()
                if not numbers:
                    break
                connection.execute(
                    update(RAW_EVENTS)
                    .where(RAW_EVENTS.c.raw_id.in_(numbers))
                    .values(body=b"", body_sha256=None, headers="{}", problem=EXPIRED)
                )
                used = exists().where(RAW_EVENTS.c.body_sha256 == RAW_BODIES.c.sha256)
                connection.execute(delete(RAW_BODIES).where(~used))
            emptied += len(numbers)
        return emptied

    def _due(self, connection: Connection) -> ColumnElement[bool]:
        cutoff: Any = database_now(connection) - timedelta(days=self._keep_days)
        problem = RAW_EVENTS.c.problem
        return and_(RAW_EVENTS.c.received_at < cutoff, or_(problem.is_(None), problem != EXPIRED))
