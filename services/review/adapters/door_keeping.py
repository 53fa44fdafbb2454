"""Sweeps what the doors leave behind, and writes the audit log's end into the log of the process once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete

from services.review.adapters import audit
from services.review.adapters.store_credit import AnswerStore
from services.review.adapters.tables_people import guess_buckets, known_places, oidc_states, sessions, telegram_links
from services.runtime.database import Database, database_now
from services.runtime.logs import log

# Every bucket is empty after this time (domain/guessing.py), and a place is forgotten after its 90 days.
BUCKETS = timedelta(days=1)
PLACES = timedelta(days=90)
HEAD_EVERY = timedelta(days=1)


class DoorKeeping:
    """One step of the loop."""

    def __init__(self, database: Database, clock: Callable[[Connection], datetime] = database_now) -> None:
        self._database = database
        self._clock = clock
        self._head_at: datetime | None = None

    def step(self) -> bool:
        """Removes ended sessions, old tries, links, states and kept answers; always False: nothing is in a hurry."""
        with self._database.begin() as connection:
            now = self._clock(connection)
            connection.execute(delete(sessions).where(sessions.c.ends_at <= now))
            connection.execute(delete(guess_buckets).where(guess_buckets.c.updated_at < now - BUCKETS))
            connection.execute(delete(known_places).where(known_places.c.seen_at < now - PLACES))
            connection.execute(delete(oidc_states).where(oidc_states.c.ends_at <= now))
            connection.execute(delete(telegram_links).where(telegram_links.c.ends_at <= now))
            AnswerStore(connection, now).prune()
            head = audit.head(connection)
        if self._head_at is None or now - self._head_at >= HEAD_EVERY:
            # Logs are shipped elsewhere: a chain that was written anew does not fit this line (`audit verify --head`).
            log.info("audit.head", seq=head.seq, hash=head.hash)
            self._head_at = now
        return False
