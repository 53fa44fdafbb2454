"""The port `Books` on the review's database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import cast

from services.review.adapters import access_log, audit
from services.review.adapters.store_credit import LedgerStore
from services.review.adapters.store_samples import sampled_days
from services.review.domain.audit import ChainedEntry, ChainFault, ChainHead
from services.review.domain.people import Viewer
from services.review.ports.books import Look
from services.runtime.database import Database


class RealBooks:
    """Small reads of logs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def audit(
        self, *, object_kind: str | None, object_id: str | None, actor_id: str | None, before: int | None, limit: int
    ) -> Sequence[ChainedEntry]:
        """The newest entries first."""
        with self._database.read() as connection:
            return audit.history(
                connection,
                object_kind=object_kind,
                object_id=object_id,
                actor_id=actor_id,
                before_seq=before,
                limit=limit,
            )

    def verify(self) -> tuple[int, Sequence[ChainFault], ChainHead]:
        """How many rows, which were touched, and the end."""
        with self._database.read() as connection:
            number, faults = audit.verify(connection)
            return number, faults, audit.head(connection)

    def looks(
        self,
        *,
        person_id: str | None,
        object_id: str | None,
        before: int | None,
        limit: int,
        kind: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Sequence[Look]:
        """The newest first."""
        with self._database.read() as connection:
            found = access_log.looks(
                connection,
                person_id=person_id,
                object_id=object_id,
                kind=kind,
                since=since,
                until=until,
                before_seq=before,
                limit=limit,
            )
        return [Look(**each.__dict__) for each in found]

    def sampled(self, department_ids: Sequence[str] | None, limit: int) -> Sequence[tuple[str, date]]:
        """The newest samples first: (department_id, local date)."""
        with self._database.read() as connection:
            return sampled_days(connection, department_ids, limit)

    def closing(self, month: str) -> tuple[str, datetime] | None:
        """Who closed a month of the credit, and when."""
        with self._database.read() as connection:
            return LedgerStore(connection).closing(month)

    def note(
        self, viewer: Viewer, kind: str, object_kind: str, object_id: str, fields: Sequence[str], request_id: str | None
    ) -> None:
        """Writes down a look (`view`, `play`, `download`) or one that was `denied`."""
        with self._database.begin() as connection:
            access_log.note(
                connection,
                viewer=viewer,
                kind=cast(access_log.Kind, kind),
                object_kind=object_kind,
                object_ids=[object_id],
                fields=fields,
                request_id=request_id,
            )
