"""Opens the desk of people and guards: every store on one connection, one transaction, the database's clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.review.adapters import audit
from services.review.adapters.calendars import CalendarStore
from services.review.adapters.credentials import CredentialStore
from services.review.adapters.journeys import JourneyStore
from services.review.adapters.people_store import PeopleStore
from services.review.adapters.saved_views import ViewStore
from services.review.adapters.sessions import GuessStore, SessionStore, TokenStore
from services.review.adapters.store_credit import AnswerStore
from services.review.adapters.trust import TrustStore
from services.review.domain.audit import AuditEntry
from services.review.domain.people import Viewer
from services.review.ports.people import Desk, TaskHandOver
from services.runtime.database import Database, database_now


class ConnectedAudit:
    """The port `AuditLog` on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def record(
        self,
        *,
        actor: Viewer,
        action: str,
        object_kind: str,
        object_id: str,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        why: str | None = None,
        request_id: str | None = None,
    ) -> int:
        """Appends one entry; its number."""
        return audit.record(
            self._connection,
            actor=actor,
            action=action,
            object_kind=object_kind,
            object_id=object_id,
            before=before,
            after=after,
            why=why,
            request_id=request_id,
        )

    def last(self, object_kind: str, object_id: str, actions: Sequence[str]) -> AuditEntry | None:
        """The newest entry about the object with one of these actions."""
        found = audit.history(self._connection, object_kind=object_kind, object_id=object_id, actions=actions, limit=1)
        return found[0].entry if found else None


class RealDesks:
    """The port `Desks`. `hand_over` makes the port of tasks on a connection; `clock` is the database's."""

    def __init__(
        self,
        database: Database,
        hand_over: Callable[[Connection], TaskHandOver],
        clock: Callable[[Connection], datetime] = database_now,
    ) -> None:
        self._database = database
        self._hand_over = hand_over
        self._clock = clock

    @contextmanager
    def __call__(self) -> Iterator[Desk]:
        """One write transaction."""
        with self._database.begin() as connection:
            yield desk_on(connection, self._hand_over(connection), self._clock(connection))

    @contextmanager
    def reading(self) -> Iterator[Desk]:
        """One view for reading only."""
        with self._database.read() as connection:
            yield desk_on(connection, self._hand_over(connection), self._clock(connection))


def desk_on(connection: Connection, hand_over: TaskHandOver, now: datetime) -> Desk:
    """A desk on an open transaction."""
    return Desk(
        now=now,
        people=PeopleStore(connection),
        credentials=CredentialStore(connection),
        sessions=SessionStore(connection),
        tokens=TokenStore(connection),
        guesses=GuessStore(connection),
        audit=ConnectedAudit(connection),
        tasks=hand_over,
        journeys=JourneyStore(connection),
        answers=AnswerStore(connection, now),
        views=ViewStore(connection, now),
        calendars=CalendarStore(connection),
        trust=TrustStore(connection),
    )
