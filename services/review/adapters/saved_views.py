"""Saved views in the database."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update

from services.review.adapters.tables_people import saved_views
from services.review.domain.people import Viewer
from services.review.ports.books import KeptView


class ViewStore:
    """The port `Views` on one connection."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def seen_by(self, viewer: Viewer) -> Sequence[KeptView]:
        """His own and those that colleagues share, by name."""
        mine = saved_views.c.owner_id == viewer.person_id
        query = select(saved_views).where(or_(mine, saved_views.c.shared.is_(True)))
        rows = self._connection.execute(query.order_by(saved_views.c.name, saved_views.c.view_id))
        return [_view(row, viewer) for row in rows]

    def own(self, viewer: Viewer, *, view_id: str | None = None, name: str | None = None) -> KeptView | None:
        """His view of that id or name, locked."""
        which = saved_views.c.view_id == view_id if view_id is not None else saved_views.c.name == name
        query = select(saved_views).where(saved_views.c.owner_id == viewer.person_id, which).with_for_update()
        row = self._connection.execute(query).one_or_none()
        return None if row is None else _view(row, viewer)

    def add(self, viewer: Viewer, name: str, query: str, *, shared: bool) -> KeptView:
        """A new one."""
        made = KeptView(uuid.uuid4().hex, name, query, shared, viewer.person_id, True, 1)
        self._connection.execute(
            insert(saved_views).values(
                view_id=made.view_id,
                owner_id=made.owner_id,
                name=name,
                filters=query,
                shared=shared,
                created_at=self._now,
                version=made.version,
            )
        )
        return made

    def change(self, view: KeptView) -> KeptView:
        """Writes it over its version (the row is locked); gives it with the next one."""
        after = replace(view, version=view.version + 1)
        self._connection.execute(
            update(saved_views)
            .where(saved_views.c.view_id == view.view_id)
            .values(name=after.name, filters=after.query, shared=after.shared, version=after.version)
        )
        return after

    def drop(self, view: KeptView) -> None:
        """Forgets it."""
        self._connection.execute(delete(saved_views).where(saved_views.c.view_id == view.view_id))


def _view(row: Row[Any], viewer: Viewer) -> KeptView:
    mine = row.owner_id == viewer.person_id
    return KeptView(row.view_id, row.name, row.filters, row.shared, row.owner_id, mine, row.version)
