"""Log-ins by an identity provider that are on their way, in the database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from services.review.adapters.tables_people import oidc_states
from services.review.ports.oidc import Journey


class JourneyStore:
    """The port `Journeys` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def begin(self, journey: Journey) -> None:
        """Stores a journey."""
        self._connection.execute(insert(oidc_states).values(**journey.__dict__))

    def end(self, state_hash: str, now: datetime) -> Journey | None:
        """Takes the journey, once; old ones are removed."""
        row = self._connection.execute(select(oidc_states).where(oidc_states.c.state_hash == state_hash)).one_or_none()
        gone = self._connection.execute(delete(oidc_states).where(oidc_states.c.state_hash == state_hash)).rowcount
        self._connection.execute(delete(oidc_states).where(oidc_states.c.ends_at <= now))
        return Journey(**row._mapping) if row is not None and gone == 1 and row.ends_at > now else None
