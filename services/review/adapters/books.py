"""The port `Books` on the review's database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import cast

from sqlalchemy import delete, insert, or_, select, update

from services.review.adapters import access_log, audit
from services.review.adapters.tables_people import saved_views
from services.review.domain.audit import ChainedEntry, ChainFault, ChainHead
from services.review.domain.people import Viewer
from services.review.ports.books import KeptView, Look
from services.runtime.database import Database, database_now


class RealBooks:
    """Small reads of logs, and saved views."""

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

    def looks(self, *, person_id: str | None, object_id: str | None, before: int | None, limit: int) -> Sequence[Look]:
        """The newest first."""
        with self._database.read() as connection:
            found = access_log.looks(
                connection, person_id=person_id, object_id=object_id, before_seq=before, limit=limit
            )
        return [Look(**each.__dict__) for each in found]

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

    def views(self, viewer: Viewer) -> Sequence[KeptView]:
        """His own and those that colleagues share, by name."""
        mine = saved_views.c.owner_id == viewer.person_id
        query = select(saved_views).where(or_(mine, saved_views.c.shared.is_(True)))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(saved_views.c.name, saved_views.c.view_id)).all()
        return [
            KeptView(row.view_id, row.name, row.filters, row.shared, row.owner_id, row.owner_id == viewer.person_id)
            for row in rows
        ]

    def keep_view(self, viewer: Viewer, name: str, query: str, *, shared: bool) -> KeptView:
        """Keeps or replaces his view of that name."""
        table = saved_views
        own = (table.c.owner_id == viewer.person_id, table.c.name == name)
        with self._database.begin() as connection:
            changed = connection.execute(
                update(table).where(*own).values(filters=query, shared=shared, version=table.c.version + 1)
            )
            if changed.rowcount == 0:
                connection.execute(
                    insert(table).values(
                        view_id=uuid.uuid4().hex,
                        owner_id=viewer.person_id,
                        name=name,
                        filters=query,
                        shared=shared,
                        created_at=database_now(connection),
                        version=1,
                    )
                )
            view_id = connection.execute(select(table.c.view_id).where(*own)).scalar_one()
            after = {"query": query, "shared": shared}
            audit.record(
                connection, actor=viewer, action="view.kept", object_kind="view", object_id=view_id, after=after
            )
        return KeptView(view_id, name, query, shared, viewer.person_id, True)

    def drop_view(self, viewer: Viewer, view_id: str) -> bool:
        """Forgets his view; False when it is not his or gone."""
        own = (saved_views.c.view_id == view_id, saved_views.c.owner_id == viewer.person_id)
        with self._database.begin() as connection:
            gone = connection.execute(delete(saved_views).where(*own)).rowcount == 1
            if gone:
                audit.record(connection, actor=viewer, action="view.dropped", object_kind="view", object_id=view_id)
            return gone
